import { describe, expect, it } from 'vitest'
import type { Entry } from '#src/engine/cache/model/entry.ts'
import { remainingMs } from '#src/engine/cache/model/lifetime.ts'
import type { CachePolicy } from '#src/engine/cache/model/policy.ts'

const HOUR_MS = 3_600_000
const usual: CachePolicy = { name: 'Search', l1Ms: 60_000, l2Ms: 900_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
const policy = { ...usual, popularMs: 2 * HOUR_MS }

function entry(parts: Partial<Entry> = {}): Entry {
  const slots = new Uint32Array(0)
  return { value: 1, tags: [], slots, epoch: 'e', stamp: 1, loadedAt: 1000, until: Infinity, ttlMs: undefined, costMs: 1, ...parts }
}
const popular = entry({ ttlMs: 2 * HOUR_MS })

describe('The remaining TTL of a value whose policy has a separate TTL for popular values', () => {
  it('is the TTL for popular values if the loader marked the value as popular (by returning a TTL), and otherwise the usual TTL', () => {
    expect(remainingMs(popular, policy, true, 1000)).toBe(2 * HOUR_MS)
    expect(remainingMs(entry(), policy, true, 1000)).toBe(900_000)
  })

  it('becomes shorter immediately if the policy reduces the TTL for popular values, but never shorter than the usual TTL', () => {
    expect(remainingMs(popular, { ...policy, popularMs: HOUR_MS }, true, 1000)).toBe(HOUR_MS)
    expect(remainingMs(popular, { ...policy, popularMs: 0 }, true, 1000)).toBe(900_000)
  })

  it('never exceeds the end time that the loader returned, even for a popular value', () => {
    expect(remainingMs(entry({ ttlMs: 2 * HOUR_MS, until: 5000 }), policy, true, 1000)).toBe(4000)
  })

  it('is limited to the TTL of the in-process tier (`l1`) if the shared tier does not store the value', () => {
    expect(remainingMs(popular, policy, false, 1000)).toBe(60_000)
    expect(remainingMs(popular, { ...policy, l2Ms: 0 }, true, 1000)).toBe(60_000)
  })

  it('is zero if the loader returned a TTL of zero, which means that the value must not be cached', () => {
    expect(remainingMs(entry({ ttlMs: 0 }), policy, false, 1000)).toBe(0)
    expect(remainingMs(entry({ ttlMs: 0 }), policy, true, 1000)).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { type CacheRequest, cacheKey, rowTag } from '#src/engine/cache/index.ts'
import { CuttableLog, policy, Source, startInstance, Thing } from '../cache/instance.ts'
import { ManualEnv } from '../cache/manual-env.ts'

const MEMORY_BYTES = 128 * 1024
/** Number of entries of tenant B. Together they take less than a tenant's share of the cache memory. */
const USED_BY_B = 50
/** Number of flooding arguments. The cache has room for a twentieth of them. */
const FLOOD = 3000
const BATCH = 100
/** Each flooding argument is requested this many times, so that it looks frequently used. */
const TIMES = 3

function request(tenant: string, id: number): CacheRequest {
  return { key: cacheKey(tenant, 'Thing', [id]), tags: [rowTag(Thing, tenant, id)] }
}

interface Figures {
  /** Share of the reads of tenant B that were hits, 0 to 1. */
  readonly hitRate: number
  /** Maximum memory in use, bytes. */
  readonly maxBytes: number
}

/** Reads as tenant B while the flooding tenant, if any, requests arguments that were never requested before. */
async function readsOfB(flooding: string | undefined): Promise<Figures> {
  const { cache } = await startInstance(new Source(), new CuttableLog(), new ManualEnv(), { memoryBytes: MEMORY_BYTES })
  const layers: string[] = []
  const read = (tenant: string, ids: readonly number[], seen: string[] = []) =>
    cache.getMany(
      ids.map((id) => request(tenant, id)),
      policy,
      async (indexes) => indexes.map((index) => ({ value: `value ${ids[index]}` })),
      { session: cache.openSession(), observe: (_, outcome) => seen.push(outcome.layer) },
    )
  const idsOfB = Array.from({ length: USED_BY_B }, (_, id) => id)
  for (let round = 0; round < 3; round++) await read('bees', idsOfB)
  let maxBytes = 0
  for (let from = 1000; from < 1000 + FLOOD; from += BATCH) {
    const ids = Array.from({ length: BATCH }, (_, index) => from + index)
    if (flooding !== undefined) for (let time = 0; time < TIMES; time++) await read(flooding, ids)
    await read('bees', idsOfB, layers)
    maxBytes = Math.max(maxBytes, cache.stats().memoryBytes)
  }
  await cache.close()
  return { hitRate: layers.filter((layer) => layer === 'l1').length / layers.length, maxBytes }
}

describe('T5: a flood of different arguments by one tenant', () => {
  it('T5: costs another tenant less than 5 % of its hits, and uses no memory beyond the limit', async () => {
    const quiet = await readsOfB(undefined)
    const flooded = await readsOfB('acme')
    expect(quiet.hitRate).toBe(1)
    expect(flooded.hitRate).toBeGreaterThan(0.95)
    expect(flooded.maxBytes).toBeGreaterThan(MEMORY_BYTES / 2)
    expect(flooded.maxBytes).toBeLessThanOrEqual(MEMORY_BYTES)
  })

  it('T5: costs another tenant more hits if the cache counts both tenants as one tenant, so this test detects such a cache', async () => {
    expect((await readsOfB('bees')).hitRate).toBeLessThan(0.95)
  })
})

import { describe, expect, it } from 'vitest'
import { type CacheRequest, cacheKey, rowTag } from '../../src/cache/index.ts'
import { CuttableLog, policy, Source, startInstance, Thing } from '../cache/instance.ts'
import { ManualEnv } from '../cache/manual-env.ts'

const MEMORY_BYTES = 128 * 1024
/** These entries take less than a tenant's share of the memory. */
const USED_BY_B = 50
/** There is room for a twentieth of them. */
const FLOOD = 3000
const BATCH = 100
/** Each flooding argument is asked for several times, so that it looks as if it were in use. */
const TIMES = 3

function request(tenant: string, id: number): CacheRequest {
  return { key: cacheKey(tenant, 'Thing', [id]), tags: [rowTag(Thing, tenant, id)] }
}

interface Figures {
  /** Share of the reads of tenant B that were hits, 0 to 1. */
  readonly hitRate: number
  /** The most memory that was in use, bytes. */
  readonly maxBytes: number
}

/** Reads of tenant B while somebody, if anybody, asks for arguments that nobody asked for before. */
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

describe('T5: a flood of arguments by one tenant', () => {
  it('T5: costs another tenant less than 5 % of its hits, and no memory beyond the bound', async () => {
    const quiet = await readsOfB(undefined)
    const flooded = await readsOfB('acme')
    expect(quiet.hitRate).toBe(1)
    expect(flooded.hitRate).toBeGreaterThan(0.95)
    expect(flooded.maxBytes).toBeGreaterThan(MEMORY_BYTES / 2)
    expect(flooded.maxBytes).toBeLessThanOrEqual(MEMORY_BYTES)
  })

  it('T5: would cost more where the flood counted as that tenant, which shows that lost hits are seen', async () => {
    expect((await readsOfB('bees')).hitRate).toBeLessThan(0.95)
  })
})

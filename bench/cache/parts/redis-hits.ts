import type { OpenCache } from '../contestant.ts'
import { inRedis } from '../contestants/index.ts'
import { ioredis } from '../contestants/limits.ts'
import { type Row, takeTurns } from '../measure.ts'
import { type Conditions, CountingSource, type Part, usualTerms } from '../workload.ts'

const AT_ONCE = 100
const BATCH = 50

/** Measures reads of values that are in Redis and not in memory, one after the other. */
export const redisHits: Part = {
  name: 'redis-hits',
  title: 'A hit in Redis, not kept in memory: one at a time',
  measure: (conditions) =>
    withFilledRedis(conditions, conditions.quick ? 500 : 2000, (cache, count) =>
      microseconds(count, async () => {
        for (let id = 0; id < count; id++) await cache.get(id)
      }),
    ),
}

/** Measures a hundred concurrent reads. The values are in Redis and not in memory. */
export const concurrentRedisHits: Part = {
  name: 'redis-hits-at-once',
  title: `A hit in Redis, not kept in memory: ${AT_ONCE} at once, for one of them`,
  measure: (conditions) =>
    withFilledRedis(conditions, conditions.quick ? 1000 : 5000, (cache, count) =>
      microseconds(count, async () => {
        for (const ids of batchesOf(count, AT_ONCE)) await Promise.all(ids.map((id) => cache.get(id)))
      }),
    ),
}

/** Measures reads of fifty values in one call. The values are in Redis and not in memory. */
export const redisBatches: Part = {
  name: 'redis-batches',
  title: `${BATCH} hits in Redis, not kept in memory, in one call, for all of them`,
  measure: (conditions) =>
    withFilledRedis(
      conditions,
      conditions.quick ? 1000 : 5000,
      (cache, count) =>
        microseconds(count / BATCH, async () => {
          for (const ids of batchesOf(count, BATCH)) await readMany(cache, ids)
        }),
      ({ getMany, lookUpMany }) => (getMany ? '' : lookUpMany ? 'lookup only, loads nothing' : `${BATCH} gets at once`),
    ),
}

async function withFilledRedis(
  { redisUrl, rounds }: Conditions,
  count: number,
  read: (cache: OpenCache, count: number) => Promise<number>,
  noteOf: (cache: OpenCache) => string = () => '',
): Promise<readonly Row[]> {
  const source = new CountingSource()
  const opened: { readonly name: string; readonly cache: OpenCache }[] = []
  try {
    for (const contestant of inRedis) {
      const cache = await contestant.open({ ...usualTerms(redisUrl, `redis-${contestant.name}`, source), tiers: 'redis' })
      opened.push({ name: contestant.name, cache })
      for (let id = 0; id < count; id++) await cache.get(id)
    }
    const turns = opened.map(({ name, cache }) => ({
      name,
      run: async () => {
        await cache.forgetMemory?.()
        source.loads = 0
        const took = await read(cache, count)
        if (source.loads > 0)
          throw new Error(`${name}: expected only cache hits, but ${source.loads} values were loaded from the source behind the cache.`)
        return took
      },
    }))
    const notes = Object.fromEntries(opened.map(({ name, cache }) => [name, noteOf(cache)]).filter(([, note]) => note !== ''))
    return await takeTurns(turns, { rounds, unit: 'us', limit: ioredis.name, notes })
  } finally {
    await Promise.all(opened.map(({ cache }) => cache.close()))
  }
}

function readMany(cache: OpenCache, ids: readonly number[]): Promise<readonly unknown[]> {
  if (cache.getMany) return cache.getMany(ids)
  return cache.lookUpMany ? cache.lookUpMany(ids) : Promise.all(ids.map((id) => cache.get(id)))
}

function* batchesOf(count: number, size: number): Generator<readonly number[]> {
  for (let from = 0; from < count; from += size) yield Array.from({ length: size }, (_, place) => from + place)
}

async function microseconds(count: number, work: () => Promise<void>): Promise<number> {
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start) / 1000 / count
}

import { Redis } from 'ioredis'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import type { OpenCache, Terms } from './contestant.ts'
import { contestantNamed } from './contestants/index.ts'
import { usualTerms } from './workload.ts'

/** A contestant of the measurement, with or without Redis. */
export interface Setting {
  readonly title: string
  readonly contestant: string
  /** Whether Redis notifies instances of invalidations. Without Redis, the instances do not have a shared tier either. */
  readonly withRedis: boolean
}

export interface Place {
  readonly redisUrl: string
  readonly databaseUrl: string
  readonly run: string
}

/** Redis key of the number that both processes read. Redis is the source of truth for this number, not a cache of it. */
export const SOURCE_KEY = 'source-of-visibility'

/**
 * Opens an instance of the cache in this process. According to the setting, it shares Redis and the invalidation log with the instances in
 * other processes.
 */
export async function openInstance(
  { contestant, withRedis }: Setting,
  { redisUrl, databaseUrl, run }: Place,
): Promise<{ readonly cache: OpenCache; readonly source: Redis; close(): Promise<void> }> {
  const database = await openMarketDatabase({
    url: databaseUrl,
    poolSize: 1,
    statementTimeoutMs: 5000,
    onError: (error) => process.emitWarning(error),
  })
  const log = database.openLog()
  const source = new Redis(redisUrl)
  const load = async (id: number) => ({ id, version: Number(await source.get(SOURCE_KEY)) })
  const terms: Terms = {
    ...usualTerms(redisUrl, run, { load, loadMany: (ids) => Promise.all(ids.map(load)) }),
    tiers: withRedis ? 'both' : 'memory',
    bus: withRedis,
    log,
  }
  const cache = await contestantNamed(contestant).open(terms)
  return {
    cache,
    source,
    close: async () => {
      await cache.close()
      await log.close()
      await database.close()
      source.disconnect()
    },
  }
}

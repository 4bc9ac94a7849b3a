import { Redis } from 'ioredis'
import { openDatabase } from '../../src/postgres/open-database.ts'
import type { OpenCache, Terms } from './contestant.ts'
import { contestantNamed } from './contestants/index.ts'
import { usualTerms } from './workload.ts'

/** One way to learn of an invalidation. */
export interface Setting {
  readonly title: string
  readonly contestant: string
  /** Whether there is a Redis that tells of invalidations. Without it there is no shared tier either. */
  readonly withRedis: boolean
}

export interface Place {
  readonly redisUrl: string
  readonly databaseUrl: string
  readonly run: string
}

/** The value that both processes read: a number in Redis, which is the source here and no cache. */
export const SOURCE_KEY = 'source-of-visibility'

/** An instance in this process that shares what the setting says with the instances in others. */
export async function openInstance(
  { contestant, withRedis }: Setting,
  { redisUrl, databaseUrl, run }: Place,
): Promise<{ readonly cache: OpenCache; readonly source: Redis; close(): Promise<void> }> {
  const database = await openDatabase({
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

import { Cache } from '#src/engine/cache/index.ts'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { marketEntities } from '#src/market/modules/index.ts'
import { seedDatabase } from '#src/market/seed/seed-database.ts'
import { type MarketDatabase, migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { type OwnPostgres, startPostgres } from '../../test/servers/postgres.ts'

const entities = marketEntities()

export interface Disk {
  /** Whether a commit waits until the disk has stored it. If not, only the CPU limits the number of commits per second. */
  readonly durable: boolean
  /** Time in ms that is added to each flush of the write-ahead log (`commit_delay`), to simulate a disk slower than the machine's own. */
  readonly flushDelayMs: number
}

/** Starts a PostgreSQL server for this measurement, with the gateway's tables, their triggers and sample data. */
export async function startServer({
  durable,
  flushDelayMs,
}: Disk): Promise<{ readonly server: OwnPostgres; readonly database: MarketDatabase }> {
  const server = await startPostgres({
    fsync: durable ? 'on' : 'off',
    max_connections: '250',
    commit_delay: String(flushDelayMs * 1000),
    commit_siblings: '0',
    // A checkpoint in only one of two compared measurements would distort the comparison.
    checkpoint_timeout: '1h',
    max_wal_size: '8GB',
  })
  try {
    const database = await openMarketDatabase({ url: server.url, poolSize: 2, statementTimeoutMs: 60_000, onError: () => undefined })
    await migrateMarket(database)
    await installWatches(database, entities)
    await seedDatabase(database.db, { now: Date.now(), campaigns: 60, scale: 1 })
    return { server, database }
  } catch (error) {
    await server.stop()
    throw error
  }
}

export function startCaches(database: MarketDatabase, count: number): Promise<readonly Cache[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const cache = new Cache({ log: database.openLog(), entities, secrets: ['bench'], sketchColumns: 2 ** 16 })
      await cache.start()
      return cache
    }),
  )
}

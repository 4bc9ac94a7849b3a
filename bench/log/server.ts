import { Cache } from '../../src/cache/index.ts'
import { createModules } from '../../src/modules/index.ts'
import { migrate } from '../../src/postgres/migrations.ts'
import { type DatabaseHandle, openDatabase } from '../../src/postgres/open-database.ts'
import { installWatches } from '../../src/postgres/watch.ts'
import { seedDatabase } from '../../src/seed/seed-database.ts'
import { type OwnPostgres, startPostgres } from '../../test/servers/postgres.ts'

export const entities = createModules().flatMap((module) => [...module.entities.map(({ entity }) => entity), ...(module.watched ?? [])])

/**
 * A server of its own with the gateway's tables, watched and filled.
 * @param durable Whether a commit waits for the disk. Without, the processors alone are the limit.
 */
export async function startServer({
  durable,
}: {
  readonly durable: boolean
}): Promise<{ readonly server: OwnPostgres; readonly database: DatabaseHandle }> {
  const server = await startPostgres({
    fsync: durable ? 'on' : 'off',
    max_connections: '250',
    // A checkpoint in one window and none in the other would decide the comparison.
    checkpoint_timeout: '1h',
    max_wal_size: '8GB',
  })
  try {
    const database = await openDatabase({ url: server.url, poolSize: 2, statementTimeoutMs: 60_000, onError: () => undefined })
    await migrate(database)
    await installWatches(database, entities)
    await seedDatabase(database.db, { now: Date.now(), campaigns: 60, scale: 1 })
    return { server, database }
  } catch (error) {
    await server.stop()
    throw error
  }
}

export function startCaches(database: DatabaseHandle, count: number): Promise<readonly Cache[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const cache = new Cache({ log: database.openLog(), entities, secrets: ['bench'], sketchColumns: 2 ** 16 })
      await cache.start()
      return cache
    }),
  )
}

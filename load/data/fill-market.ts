import { migrate } from '#src/engine/postgres/migrate.ts'
import { readMigrations } from '#src/engine/postgres/read-migrations.ts'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { marketEntities } from '#src/market/modules/index.ts'
import { updateTopLevelDomains } from '#src/market/seed/top-level-domains.ts'
import { MIGRATIONS, migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { largeMarket, type MarketSizes } from './large-market.ts'
import { onServer } from './server.ts'

/**
 * Fills an empty database with a market. Afterwards, all migrations have run, and the invalidation triggers are installed. The rollups
 * contain the counts of the rows, and PostgreSQL has statistics of the tables.
 */
export async function fillMarket(url: string, sizes: MarketSizes): Promise<void> {
  const handle = await openMarketDatabase({ url, poolSize: 2, statementTimeoutMs: 600_000, onError: (error) => process.emitWarning(error) })
  try {
    // The rows are inserted after the first migration. Only the later migrations create indexes, rollups and triggers. So PostgreSQL builds
    // each index only once.
    await migrate(handle, Object.fromEntries(Object.entries(await readMigrations(MIGRATIONS)).slice(0, 1)))
    await onServer(url, async (client) => {
      await client.query("set synchronous_commit = off; set work_mem = '128MB'")
      for (const statement of largeMarket(Date.now(), sizes)) await client.query(statement)
    })
    await migrateMarket(handle)
    // The rollups are computed before their invalidation triggers are installed. Otherwise the invalidation log would get tags of rows that
    // nobody has cached.
    await onServer(url, (client) => client.query('select refresh_rollups(null)'))
    await updateTopLevelDomains(handle.db)
    await installWatches(handle, marketEntities())
    await onServer(url, (client) => client.query('vacuum (freeze, analyze)'))
  } finally {
    await handle.close()
  }
}

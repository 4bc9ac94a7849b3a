import { migrate } from '#src/engine/postgres/migrate.ts'
import { readMigrations } from '#src/engine/postgres/read-migrations.ts'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { marketEntities } from '#src/market/modules/index.ts'
import { updateTopLevelDomains } from '#src/market/seed/top-level-domains.ts'
import { MIGRATIONS, migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { largeMarket, type MarketSizes } from './large-market.ts'
import { onServer } from './server.ts'

/**
 * The statements that add publishers. Publishers came with a later migration than the tables that `largeMarket` fills. Each tenant gets eight,
 * who sent two calls of three.
 */
export const publishers = [
  `insert into publishers (tenant_id, name, payout_kind, payout_minor, share_permille)
    select tenants.id, 'Publisher ' || place, case when place % 2 = 0 then 'FIXED' else 'REVENUE_SHARE' end,
      case when place % 2 = 0 then 1200 else 0 end, case when place % 2 = 0 then 0 else 600 end
    from tenants cross join generate_series(1, 8) as place`,
  `update calls set publisher_id = chosen.id, payout_minor = case when calls.status = 'SETTLED' then 1200 else 0 end
    from (select id, tenant_id, row_number() over (partition by tenant_id order by id) - 1 as place from publishers) as chosen
    where chosen.tenant_id = calls.tenant_id and chosen.place = calls.id % 12`,
]

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
    await onServer(url, async (client) => {
      for (const statement of publishers) await client.query(statement)
    })
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

import { expect, it, onTestFinished } from 'vitest'
import { isUnavailable, sqlState } from '#src/engine/postgres/failure.ts'
import { WatchedClient } from '#src/engine/postgres/watched-client.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import { startPostgres } from '../servers/postgres.ts'

it('A standby server counts as an unavailable database, both for a single connection and for a connection pool.', async () => {
  const primary = await startPostgres()
  onTestFinished(() => primary.stop())
  const standby = await primary.startStandby()
  onTestFinished(() => standby.stop())
  const client = new WatchedClient({ connectionString: standby.url })
  await client.open()
  // The invalidation log executes the first statement. The second statement stands for any write, because a server in
  // recovery rejects all writes with the same SQLSTATE.
  for (const [statement, state] of [
    ['select pg_walfile_name(pg_current_wal_insert_lsn())', '55000'],
    ['create table refused (id int)', '25006'],
  ] as const) {
    const error = await client.run(statement, []).catch((thrown: unknown) => thrown)
    expect([sqlState(error), isUnavailable(error)]).toEqual([state, true])
  }
  await client.end()
  const handle = await openMarketDatabase({ url: standby.url, poolSize: 1, statementTimeoutMs: 5000, onError: () => undefined })
  onTestFinished(() => handle.close())
  expect(
    isUnavailable(
      await handle.db
        .selectFrom('tenants')
        .selectAll()
        .execute()
        .catch((thrown: unknown) => thrown),
    ),
  ).toBe(true)
})

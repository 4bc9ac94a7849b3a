import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topLevelDomains } from '../../src/generator/top-level-domains.ts'
import { migrate } from '../../src/postgres/migrations.ts'
import { type DatabaseHandle, openDatabase } from '../../src/postgres/open-database.ts'
import { installWatches } from '../../src/postgres/watch.ts'
import { type SeedResult, seedDatabase } from '../../src/seed/seed-database.ts'
import { createDatabase, entities, type TestDatabase } from '../servers/database.ts'

const now = Date.parse('2026-03-31T12:34:56Z')
const options = { now, campaigns: 12, scale: 0.05 }
const common = { poolSize: 2, statementTimeoutMs: 60_000, onError: () => undefined }

let server: TestDatabase
let onServer: DatabaseHandle
let embedded: DatabaseHandle
let seeded: SeedResult

beforeAll(async () => {
  server = await createDatabase()
  onServer = await openDatabase({ ...common, url: server.url })
  embedded = await openDatabase({ ...common, dataDir: null })
  await migrate(embedded)
  await installWatches(embedded, entities)
  seeded = await seedDatabase(onServer.db, options)
  await seedDatabase(embedded.db, options)
}, 120_000)

afterAll(async () => {
  await onServer?.close()
  await embedded?.close()
  await server?.drop()
})

describe('a seeded database', () => {
  it('holds the same rows for the same seed, on a server and embedded', async () => {
    for (const table of [
      'tenants',
      'users',
      'buyers',
      'campaigns',
      'domains',
      'calls',
      'bids',
      'events',
      'campaign_totals',
      'buyer_days',
    ]) {
      const rows = await dump(onServer, table)
      expect(rows.length).toBeGreaterThan(0)
      expect(await dump(embedded, table)).toEqual(rows)
    }
  })

  it('holds as many rows as it says', async () => {
    for (const table of ['tenants', 'campaigns', 'domains', 'buyers', 'calls', 'bids', 'events'] as const) {
      expect([table, (await dump(onServer, table)).length]).toEqual([table, seeded[table]])
    }
    expect(seeded).toMatchObject({ tenants: 3, campaigns: 12, calls: 330, events: 500 })
  })

  it('holds every top-level domain, and a user of each role in each tenant', async () => {
    expect(await dump(onServer, 'tlds')).toHaveLength(topLevelDomains.size)
    const users = await server.query(
      "select tenant_id from users group by tenant_id having array['ADMIN', 'EDITOR', 'VIEWER'] <@ array_agg(role)",
    )
    expect(users).toHaveLength(3)
  })

  it('has a winning bid for each settled call and its amount for revenue', async () => {
    const wrong = await server.query(`select calls.id from calls left join bids on bids.id = winning_bid_id
      where (calls.status = 'SETTLED') <> (bids.id is not null) or bids.status <> 'WON' or bids.amount_minor <> revenue_minor or bids.call_id <> calls.id`)
    expect(wrong).toEqual([])
  })

  it('has calls that are going on, with bids that are still open', async () => {
    const open = await server.query(
      `select calls.id from calls join bids on bids.call_id = calls.id
        where calls.status in ('INCOMING', 'CONNECTED') and bids.status = 'ACTIVE' and expires_at > $1 and started_at between $1::timestamptz - interval '5 min' and $1`,
      [new Date(now).toISOString()],
    )
    expect(open.length).toBeGreaterThan(0)
    expect(
      await server.query(
        "select id from bids where status = 'ACTIVE' and call_id in (select id from calls where status in ('SETTLED', 'MISSED'))",
      ),
    ).toEqual([])
  })

  it('has rollups that agree with its rows', async () => {
    expect(await server.query('select refresh_rollups(null) as corrected')).toEqual([{ corrected: '0' }])
    const [totals] = await server.query(
      'select sum(calls)::int as calls, sum(bids)::int as bids, sum(revenue_minor)::text as revenue from campaign_totals',
    )
    const [rows] = await server.query(
      'select count(*)::int as calls, (select count(*)::int from bids) as bids, sum(revenue_minor)::text as revenue from calls',
    )
    expect(totals).toEqual(rows)
  })

  it('is not seeded again unless rows are to be added, and then nothing collides', async () => {
    const filled = await createDatabase({ seed: true })
    const handle = await openDatabase({ ...common, url: filled.url })
    try {
      await expect(seedDatabase(handle.db, options)).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('--add') })
      const before = await dump(handle, 'domains')
      const added = await seedDatabase(handle.db, { ...options, add: true })
      const after = await dump(handle, 'domains')
      expect(after).toHaveLength(before.length + added.domains)
      expect(after).toEqual(expect.arrayContaining(before.slice(0, 50)))
      expect(await dump(handle, 'tenants')).toHaveLength(3)
    } finally {
      await handle.close()
      await filled.drop()
    }
  })
})

describe('options out of bounds', () => {
  it.each([
    [{ campaigns: 0 }, 'campaigns must be an integer from 3 to 20000, got 0.'],
    [{ tenants: 99 }, 'tenants must be an integer from 1 to 10, got 99.'],
    [{ scale: -1 }, 'scale must be more than 0 and at most 1000, got -1.'],
  ])('are refused before anything is written: %j', async (wrong, message) => {
    await expect(seedDatabase(onServer.db, { now, ...wrong })).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message })
  })
})

async function dump({ db }: DatabaseHandle, table: string): Promise<unknown[]> {
  const { rows } = await sql<{ row: string }>`select (to_jsonb(t) - 'search')::text as row from ${sql.table(table)} as t`.execute(db)
  return rows
    .map(({ row }) => row)
    .sort()
    .map((row): unknown => JSON.parse(row))
}

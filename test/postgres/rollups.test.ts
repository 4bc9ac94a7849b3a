import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '#src/market/tables/tables.ts'
import { addMarket, createEmbeddedScratchDatabase, createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import fc from '../property.ts'

const statuses = {
  domains: ['GENERATED', 'REGISTERED', 'PAUSED', 'REJECTED'],
  calls: ['INCOMING', 'CONNECTED', 'SETTLED', 'MISSED'],
  bids: ['ACTIVE', 'WON', 'LOST', 'CANCELLED'],
}

/** Random writes as SQL, with $t for the tenant. Each write is valid, whatever the previous writes did. */
const write = fc.oneof(
  fc.record({ count: fc.integer({ min: 1, max: 5 }), campaign: fc.integer({ min: 0, max: 2 }), seed: fc.nat(1e6) }).map(
    ({ count, campaign, seed }) => `insert into domains (tenant_id, campaign_id, name, sld, tld, terms, score)
      select $t, id, 'd' || ${seed} || '-' || i || '-' || id || '.com', 'd', 'com', '{}', 1
      from (select id from campaigns where tenant_id = $t order by id offset ${campaign} limit 1) as c, generate_series(1, ${count}) i
      on conflict do nothing`,
  ),
  fc.record({ count: fc.integer({ min: 1, max: 5 }), campaign: fc.integer({ min: 0, max: 2 }), minutes: fc.nat(300) }).map(
    ({ count, campaign, minutes }) => `insert into calls (tenant_id, campaign_id, caller_state, started_at, duration_seconds, cost_minor)
      select $t, id, 'CA', timestamptz '2026-03-01T22:00Z' + i * interval '${minutes} minutes', i, i * 3
      from (select id from campaigns where tenant_id = $t order by id offset ${campaign} limit 1) as c, generate_series(1, ${count}) i`,
  ),
  fc.record({ amount: fc.integer({ min: 1, max: 999 }), hours: fc.nat(30), every: fc.integer({ min: 1, max: 3 }) }).map(
    ({ amount, hours, every }) => `insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, placed_at, expires_at)
      select $t, calls.id, campaign_id, buyers.id, ${amount}, timestamptz '2026-03-01T20:00Z' + interval '${hours} hours', now()
      from calls, buyers where calls.tenant_id = $t and buyers.tenant_id = $t and calls.id % ${every} = 0`,
  ),
  fc.record({ seed: fc.nat(50), kind: fc.constantFrom('CLICK', 'CONVERSION'), hours: fc.nat(3) }).map(
    ({ seed, kind, hours }) => `insert into events (tenant_id, event_id, campaign_id, kind, occurred_at)
      select $t, 'e' || ${seed} || '-' || id, id, '${kind}', timestamptz '2026-03-01T23:30Z' + interval '${hours} hours'
      from campaigns where tenant_id = $t on conflict do nothing`,
  ),
  fc
    .constantFrom<keyof typeof statuses>('domains', 'calls', 'bids')
    .chain((table) =>
      fc
        .tuple(fc.constantFrom(...statuses[table]), fc.integer({ min: 1, max: 4 }))
        .map(([status, every]) => `update ${table} set status = '${status}' where tenant_id = $t and id % ${every} = 0`),
    ),
  fc
    .integer({ min: 1, max: 4 })
    .map(
      (every) =>
        `update calls set started_at = started_at + interval '1 hour', revenue_minor = 7, duration_seconds = 90 where tenant_id = $t and id % ${every} = 0`,
    ),
  fc
    .integer({ min: 1, max: 4 })
    .map(
      (every) =>
        `update bids set amount_minor = amount_minor + 1, placed_at = placed_at + interval '1 day' where tenant_id = $t and id % ${every} = 0`,
    ),
  fc.constant('update calls set campaign_id = (select min(id) from campaigns where tenant_id = $t) where tenant_id = $t'),
  fc.constant('update domains set campaign_id = (select max(id) from campaigns where tenant_id = $t) where tenant_id = $t'),
  fc
    .constantFrom('domains', 'calls', 'bids', 'events')
    .chain((table) =>
      fc
        .integer({ min: 2, max: 4 })
        .map(
          (every) =>
            `delete from ${table} where tenant_id = $t and ctid in (select ctid from ${table} where tenant_id = $t limit ${every})`,
        ),
    ),
  fc.constant(
    'delete from campaigns where tenant_id = $t and id = (select max(id) from campaigns where tenant_id = $t having count(*) > 1)',
  ),
  fc.constantFrom('truncate bids, calls', 'truncate events', 'truncate domains cascade'),
)

describe.each([
  ['PostgreSQL', createScratchDatabase, 40],
  ['the embedded PostgreSQL', createEmbeddedScratchDatabase, 10],
])('rollup tables on %s', (_backEnd, create, runs) => {
  let scratch: ScratchDatabase
  let db: Kysely<Database>
  let tenants = 0
  let tenant = ''

  beforeAll(async () => {
    scratch = await create()
    db = scratch.db
  })
  afterAll(() => scratch?.drop())
  beforeEach(async () => {
    tenant = `t${tenants++}`
    await addMarket(db, tenant)
  })

  const run = (statement: string) => sql.raw(statement.replaceAll('$t', `'${tenant}'`)).execute(db)
  const corrected = async () => (await sql<{ rows: number }>`select refresh_rollups(${tenant}) as rows`.execute(db)).rows[0]?.rows

  it('equal the sums that are recomputed from all rows, after any writes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 12 }), async (writes) => {
        tenant = `t${tenants++}`
        await addMarket(db, tenant)
        for (const statement of writes) await run(statement)
        expect(await corrected()).toBe(0)
      }),
      { numRuns: runs },
    )
  })

  it('are corrected by a recomputation if somebody has changed them by hand', async () => {
    await run(
      "insert into events (tenant_id, event_id, campaign_id, kind, occurred_at) select $t, id::text, id, 'CLICK', now() from campaigns where tenant_id = $t",
    )
    await run(
      'update event_hours set count = 99 where tenant_id = $t and campaign_id = (select min(id) from campaigns where tenant_id = $t)',
    )
    await run("insert into domain_counts select $t, min(id), 'LIVE', 5 from campaigns where tenant_id = $t")
    expect(await corrected()).toBe(2)
    expect(await corrected()).toBe(0)
    const { rows } = await run('select distinct count from event_hours where tenant_id = $t')
    expect(rows).toEqual([{ count: 1 }])
  })

  it('include the writes of a session with session_replication_role = replica', async () => {
    await db.transaction().execute(async (transaction) => {
      await sql`set local session_replication_role = replica`.execute(transaction)
      await sql
        .raw(
          `insert into calls (tenant_id, campaign_id, caller_state, started_at) select '${tenant}', id, 'CA', now() from campaigns where tenant_id = '${tenant}'`,
        )
        .execute(transaction)
    })
    expect((await run('select sum(calls)::int as calls from campaign_totals where tenant_id = $t')).rows).not.toEqual([{ calls: null }])
    expect(await corrected()).toBe(0)
  })

  it('lose all rows of a tenant when the tenant is deleted', async () => {
    await run(
      "insert into calls (tenant_id, campaign_id, caller_state, started_at) select $t, id, 'CA', now() from campaigns where tenant_id = $t",
    )
    await run(
      'insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, expires_at) select $t, calls.id, campaign_id, buyers.id, 5, now() from calls, buyers where calls.tenant_id = $t and buyers.tenant_id = $t',
    )
    await run('delete from tenants where id = $t')
    for (const table of ['calls', 'bids', 'campaign_totals', 'campaign_hours', 'buyer_days'])
      expect((await run(`select 1 from ${table} where tenant_id = $t`)).rows, table).toEqual([])
  })
})

describe('rollups under concurrency', () => {
  it('stay correct if writers and a recomputation run at the same time', async () => {
    const scratch = await createScratchDatabase()
    const market = await addMarket(scratch.db, 'busy')
    const writer = async (seed: number) => {
      for (let i = 0; i < 30; i++) {
        const campaign = i % 3 === seed % 3 ? market.otherCampaignId : market.campaignId
        await sql`insert into calls (tenant_id, campaign_id, caller_state, started_at) values ('busy', ${campaign}, 'CA', now() - ${i} * interval '1 hour')`.execute(
          scratch.db,
        )
        await sql`update calls set status = 'SETTLED', revenue_minor = 5 where id = (select max(id) from calls where campaign_id = ${campaign})`.execute(
          scratch.db,
        )
      }
    }
    const refresh = async () => {
      let rows = 0
      for (let i = 0; i < 20; i++)
        rows += (await sql<{ rows: number }>`select refresh_rollups(null) as rows`.execute(scratch.db)).rows[0]?.rows ?? 0
      return rows
    }
    const [corrected] = await Promise.all([refresh(), ...[0, 1, 2, 3].map(writer)])
    expect(corrected).toBe(0)
    const total = await scratch.db
      .selectFrom('campaignTotals')
      .select(({ fn }) => fn.sum<string>('calls').as('calls'))
      .executeTakeFirst()
    expect(Number(total?.calls)).toBe(120)
    await scratch.drop()
  })
})

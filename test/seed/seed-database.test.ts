import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseRuleSet } from '#src/market/rules/compliance/rule-set-document.ts'
import { topLevelDomains } from '#src/market/rules/naming/top-level-domains.ts'
import { parseCaps, parseDuplicateWindow } from '#src/market/rules/routing/buyer-terms.ts'
import { parseCondition } from '#src/market/rules/routing/condition.ts'
import { parsePlan } from '#src/market/rules/routing/plan-document.ts'
import { parseSchedule } from '#src/market/rules/routing/schedule.ts'
import { isTimeZone } from '#src/market/rules/time-zones.ts'
import { draftRules } from '#src/market/seed/draft-routing.ts'
import { type SeedResult, seedDatabase } from '#src/market/seed/seed-database.ts'
import { type MarketDatabase, openMarketDatabase } from '#src/market/tables/database.ts'
import { createEmbeddedScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

const now = Date.parse('2026-03-31T12:34:56Z')
const options = { now, campaigns: 12, scale: 0.05 }
const common = { poolSize: 2, statementTimeoutMs: 60_000, onError: () => undefined }

let server: TestDatabase
let onServer: MarketDatabase
let embedded: ScratchDatabase
let seeded: SeedResult

beforeAll(async () => {
  server = await createDatabase()
  onServer = await openMarketDatabase({ ...common, url: server.url })
  embedded = await createEmbeddedScratchDatabase(common)
  seeded = await seedDatabase(onServer.db, options)
  await seedDatabase(embedded.db, { ...options, callerHashKey: 'a key of hashes of callers for tests only' })
}, 120_000)

afterAll(async () => {
  await onServer?.close()
  await embedded?.drop()
  await server?.drop()
})

describe('a database filled with sample data', () => {
  it('contains the same rows for the same seed on a PostgreSQL server and in the embedded database (PGlite)', async () => {
    for (const table of [
      'tenants',
      'users',
      'buyers',
      'publishers',
      'routing_plans',
      'routing_plan_versions',
      'compliance_rule_sets',
      'routing_states',
      'campaigns',
      'domains',
      'calls',
      'bids',
      'events',
      'campaign_totals',
      'buyer_days',
      'publisher_days',
    ]) {
      const rows = await dump(onServer, table)
      expect(rows.length).toBeGreaterThan(0)
      expect(await dump(embedded.handle, table)).toEqual(rows)
    }
  })

  it('contains as many rows as the seed command reports', async () => {
    for (const table of ['tenants', 'campaigns', 'domains', 'buyers', 'publishers', 'calls', 'bids', 'events'] as const) {
      expect([table, (await dump(onServer, table)).length]).toEqual([table, seeded[table]])
    }
    expect(seeded).toMatchObject({ tenants: 3, campaigns: 12, calls: 330, events: 500 })
  })

  it('contains every top-level domain, and a user of each role in each tenant', async () => {
    expect(await dump(onServer, 'tlds')).toHaveLength(topLevelDomains.size)
    const users = await server.query(
      "select tenant_id from users group by tenant_id having array['ADMIN', 'EDITOR', 'VIEWER'] <@ array_agg(role)",
    )
    expect(users).toHaveLength(3)
  })

  it('has a winning bid for each settled phone call, and the revenue of the phone call is the amount of that bid', async () => {
    const wrong = await server.query(`select calls.id from calls left join bids on bids.id = winning_bid_id
      where (calls.status = 'SETTLED') <> (bids.id is not null) or bids.status <> 'WON' or bids.amount_minor <> revenue_minor or bids.call_id <> calls.id`)
    expect(wrong).toEqual([])
  })

  it('has no campaign that spent its budget, so every running campaign takes calls', async () => {
    const spent = await server.query(
      'select id from campaigns join campaign_totals on campaign_id = id where spend_minor + payout_minor >= budget_minor',
    )
    expect(spent).toEqual([])
  })

  it('has in each tenant a published plan, which half of the campaigns use, and a published rule set', async () => {
    const plans = await server.query(`select tenant_id, document from routing_plans join routing_plan_versions as used using (tenant_id)
      where used.id = published_id and used.status = 'PUBLISHED'`)
    expect(plans).toHaveLength(3)
    for (const { document } of plans) expect(parsePlan(document)).toEqual({ value: document })
    const ruleSets = await server.query(`select document from routing_states join compliance_rule_sets on id = rule_set_id
      where status = 'PUBLISHED'`)
    expect(ruleSets).toHaveLength(3)
    for (const { document } of ruleSets) expect(parseRuleSet(document)).toEqual({ value: document })
    const [{ share } = {}] = await server.query('select avg((plan_id is not null)::int)::float8 as share from campaigns')
    expect(share).toBe(0.5)
  })

  it('has buyers with valid terms, and allows a call at night in most states and to most buyers', async () => {
    const buyers = await server.query('select price_minor::int, time_zone, schedule, caps, duplicates, conditions from buyers')
    for (const { price_minor, time_zone, schedule, caps, duplicates, conditions } of buyers) {
      expect(Number(price_minor)).toBeGreaterThan(0)
      expect(isTimeZone(String(time_zone))).toBe(true)
      expect(parseCaps(caps)).toEqual({ value: caps })
      if (schedule) expect(parseSchedule(schedule)).toEqual({ value: schedule })
      if (duplicates) expect(parseDuplicateWindow(duplicates)).toEqual({ value: duplicates })
      if (conditions) expect(parseCondition(conditions)).toEqual({ value: conditions })
    }
    const count = (column: string) => buyers.filter((buyer) => buyer[column] !== null).length
    for (const column of ['schedule', 'duplicates']) {
      expect(count(column)).toBeGreaterThan(0)
      expect(count(column)).toBeLessThan(0.7 * buyers.length)
    }
    const rules = draftRules()
    expect(rules.callingHours).toBeNull()
    expect(rules.states.length).toBeLessThan(10)
  })

  it('has from four to six publishers in each tenant, and pays them for settled calls alone', async () => {
    for (const { count } of await server.query('select count(*)::int from publishers group by tenant_id'))
      expect([4, 5, 6]).toContain(count)
    const payouts = await server.query(
      "select distinct status, publisher_id is null as of_nobody, payout_minor > 0 as paid from calls where status in ('SETTLED', 'MISSED')",
    )
    expect(payouts.filter(({ paid }) => paid)).toEqual([{ status: 'SETTLED', of_nobody: false, paid: true }])
    expect(await server.query('select id from calls where payout_minor > revenue_minor')).toEqual([])
  })

  it('has a do-not-call list that the rules of every tenant name, with ten callers if the key of their hashes is given', async () => {
    const { rows } = await sql`select entries, (select count(*) from dnc_entries) as callers from dnc_lists`.execute(embedded.db)
    expect(rows).toEqual([{ entries: 10, callers: 10 }])
    expect(await server.query('select entries::int, (select count(*)::int from dnc_entries) as callers from dnc_lists')).toEqual([
      { entries: 0, callers: 0 },
    ])
    expect(await server.query("select distinct document -> 'dncLists' as lists from compliance_rule_sets")).toEqual([{ lists: ['sample'] }])
  })

  it('has running phone calls with open bids', async () => {
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

  it('has rollup tables that equal the sums over its rows', async () => {
    expect(await server.query('select refresh_rollups(null) as corrected')).toEqual([{ corrected: '0' }])
    const [totals] = await server.query(
      'select sum(calls)::int as calls, sum(bids)::int as bids, sum(revenue_minor)::text as revenue from campaign_totals',
    )
    const [rows] = await server.query(
      'select count(*)::int as calls, (select count(*)::int from bids) as bids, sum(revenue_minor)::text as revenue from calls',
    )
    expect(totals).toEqual(rows)
  })

  it('is filled again only if more rows are requested, and then the new rows do not collide with existing rows', async () => {
    const filled = await createDatabase({ seed: true })
    const handle = await openMarketDatabase({ ...common, url: filled.url })
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

describe('options of the seed command outside their limits', () => {
  it.each([
    [{ campaigns: 0 }, 'campaigns must be an integer from 3 to 20000, got 0.'],
    [{ tenants: 99 }, 'tenants must be an integer from 1 to 10, got 99.'],
    [{ scale: -1 }, 'scale must be more than 0 and at most 1000, got -1.'],
  ])('are rejected before anything is written: %j', async (wrong, message) => {
    await expect(seedDatabase(onServer.db, { now, ...wrong })).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message })
  })
})

async function dump({ db }: MarketDatabase, table: string): Promise<unknown[]> {
  const { rows } = await sql<{ row: string }>`select (to_jsonb(t) - 'search')::text as row from ${sql.table(table)} as t`.execute(db)
  return rows
    .map(({ row }) => row)
    .sort()
    .map((row): unknown => JSON.parse(row))
}

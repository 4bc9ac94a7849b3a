import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { marketVariables } from '#src/config/market-variables.ts'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { deleteOldReservations } from '#src/market/modules/routing/retention.ts'
import { parseRuleSet } from '#src/market/rules/compliance/rule-set-document.ts'
import { parseDuplicateWindow } from '#src/market/rules/routing/buyer-terms.ts'
import { domainRollups, keptUsageFunctions } from '#src/market/tables/rollups.ts'
import { startMarketGateway } from '../modules/market-gateway.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { addCallMarket, callsOf, setBuyer } from './call-market.ts'

const DAYS = 367

let scratch: ScratchDatabase
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let tenants = 0
beforeAll(async () => {
  scratch = await createScratchDatabase()
  gateway = await startMarketGateway(scratch)
}, 60_000)
// Each test counts what it deletes, so none may leave old reservations to the next one.
afterEach(() => deleteOldReservations(scratch.db, DAYS))
afterAll(async () => {
  await gateway?.close()
  await scratch?.drop()
})

interface Made {
  readonly state: 'OPEN' | 'CONNECTED' | 'CONVERTED' | 'ENDED'
  readonly days: number
}

const OLD: readonly Made[] = [
  { state: 'OPEN', days: 368 },
  { state: 'CONVERTED', days: 400 },
  { state: 'ENDED', days: 700 },
]

/** Opens a market whose only buyer has these reservations, each with its call if it was connected. */
async function open(made: readonly Made[]) {
  const market = await addCallMarket(scratch, `retention-${++tenants}`)
  const [buyer = 0, ...others] = market.buyerIds
  for (const id of others) await setBuyer(scratch, id, { active: false })
  const { tenant } = market
  await sql`with made as (
      insert into reservations (tenant_id, campaign_id, buyer_id, caller, caller_state, request, state, price_minor, payout_minor,
        decision_id, reserved_at, expires_at, connected_at, hour_start, day_start, month_start)
      select ${tenant}, ${market.campaignId}::int8, ${buyer}, decode(repeat('00', 16), 'hex'), 'CA', decode(repeat('00', 16), 'hex'), state, 300, 0,
        1, at, at, case when state in ('CONNECTED', 'CONVERTED') then at end, date_trunc('hour', at, 'UTC'), date_trunc('day', at, 'UTC'),
        date_trunc('month', at, 'UTC')
      from json_to_recordset(${JSON.stringify(made)}::json) as made (state text, days int),
        lateral (select now() - make_interval(days => days) as at) as time returning *
    ), decided as (
      insert into routing_decisions (tenant_id, decided_at, kind, outcome, campaign_id, reservation_id, caller, caller_state, buyers_revision, reasons)
      select tenant_id, reserved_at, 'POST', 'CONNECTED', campaign_id, id, caller, caller_state, 1, '\\x01' from made where connected_at is not null
    )
    insert into calls (tenant_id, campaign_id, caller_state, status, started_at, buyer_id, reservation_id)
    select tenant_id, campaign_id, caller_state, 'CONNECTED', reserved_at, buyer_id, id from made where connected_at is not null`.execute(
    scratch.db,
  )
  const usage = async () =>
    (await sql`select * from buyer_usage where tenant_id = ${tenant} order by period, period_start`.execute(scratch.db)).rows
  const attempts = async () => {
    const { rows } = await sql<{
      attempts: number
    }>`select attempts from buyer_usage where tenant_id = ${tenant} and period = 'TOTAL'`.execute(scratch.db)
    return rows[0]?.attempts
  }
  const corrected = async () =>
    (await sql<{ corrected: number }>`select refresh_rollups(${tenant}) as corrected`.execute(scratch.db)).rows[0]?.corrected
  const left = async () =>
    (await sql<{ state: string }>`select state from reservations where tenant_id = ${tenant} order by reserved_at`.execute(scratch.db)).rows
  return { market, tenant, buyer, usage, attempts, corrected, left, ...callsOf(gateway, market) }
}

const replaceFunctions = async (functions: readonly string[]) => {
  for (const text of functions.map((each) => each.replace(/^create function/, 'create or replace function')))
    await sql.raw(text).execute(scratch.db)
}

describe('old reservations', () => {
  it('are deleted if they have ended or lapsed, in batches, and connected or younger ones are kept', async () => {
    const { left } = await open([...OLD, { state: 'CONNECTED', days: 500 }, { state: 'ENDED', days: 366 }])
    expect(await deleteOldReservations(scratch.db, DAYS, 2)).toBe(3)
    expect((await left()).map(({ state }) => state)).toEqual(['CONNECTED', 'ENDED'])
    expect(await deleteOldReservations(scratch.db, DAYS)).toBe(0)
  })

  it('go on counting after they are deleted: the usage of their buyer stays as it is, a recomputation keeps it, and a cap on all time holds', async () => {
    const { buyer, usage, corrected, ping } = await open(OLD)
    const before = await usage()
    expect(before.length).toBeGreaterThan(3)
    expect(await deleteOldReservations(scratch.db, DAYS)).toBe(3)
    expect(await usage()).toEqual(before)
    expect(await corrected()).toBe(0)
    expect(await usage()).toEqual(before)
    await setBuyer(scratch, buyer, { caps: [{ period: 'TOTAL', counts: 'ATTEMPTS', maximum: 4 }] })
    expect((await ping(1)).reservation).not.toBeNull()
    expect((await ping(2)).refusal).toBe('NO_BUYER')
  })

  it('would open a cap on all time again if their deletion were subtracted, and the usage shows that', async () => {
    const { attempts, buyer, ping } = await open(OLD)
    await replaceFunctions(domainRollups.functions)
    try {
      expect(await deleteOldReservations(scratch.db, DAYS)).toBe(3)
    } finally {
      await replaceFunctions(keptUsageFunctions)
    }
    expect(await attempts()).toBe(0)
    await setBuyer(scratch, buyer, { caps: [{ period: 'TOTAL', counts: 'ATTEMPTS', maximum: 3 }] })
    expect((await ping(1)).reservation).not.toBeNull()
  })

  it('invalidate neither the sums of their buyer nor their calls when they are deleted', async () => {
    await open(OLD)
    const deleted = new Error('not kept')
    const tags: string[] = []
    const work = scratch.db.transaction().execute(async (transaction) => {
      await deleteOldReservations(transaction, DAYS)
      const { rows } = await sql<{
        tags: readonly string[]
      }>`select tags from cache.pending where xmin = pg_current_xact_id()::xid`.execute(transaction)
      tags.push(...rows.flatMap((row) => row.tags))
      throw deleted
    })
    await expect(work).rejects.toBe(deleted)
    expect([...new Set(tags.map((tag) => /:(\w+)/.exec(tag)?.[1]))]).toEqual(['HeldReservation'])
  })

  it('leave their calls the decision by which they were connected', async () => {
    const { market } = await open(OLD)
    await deleteOldReservations(scratch.db, DAYS)
    const { id } = await scratch.db.selectFrom('calls').select('id').where('tenantId', '=', market.tenant).executeTakeFirstOrThrow()
    const query = 'query ($id: ID!) { call(id: $id) { decision { outcome } } }'
    const { data } = await gateway.ask(market.tenant, 'VIEWER', query, { id: toGlobalId('Call', id) })
    expect(data.call.decision).toEqual({ outcome: 'CONNECTED' })
  })
})

describe('a reservation that somebody deletes', () => {
  it('stops counting if a rule may still look back at it, and what was removed before is forgotten with its buyer and with all reservations', async () => {
    const { tenant, attempts, corrected } = await open([...OLD, { state: 'ENDED', days: 3 }])
    await deleteOldReservations(scratch.db, DAYS)
    await sql`delete from reservations where tenant_id = ${tenant}`.execute(scratch.db)
    expect(await attempts()).toBe(3)
    await sql`truncate reservations cascade`.execute(scratch.db)
    expect([await attempts(), await corrected()]).toEqual([0, 0])
    const again = await open(OLD)
    await sql`delete from calls where tenant_id = ${again.tenant}`.execute(scratch.db)
    await sql`delete from buyers where tenant_id = ${again.tenant}`.execute(scratch.db)
    const { rows } = await sql`select from removed_usage where tenant_id = ${again.tenant}`.execute(scratch.db)
    expect([rows, await again.left()]).toEqual([[], []])
  })
})

describe('the days for which reservations are kept', () => {
  it('are more than any duplicate window and any limit of attempts looks back', () => {
    const { schema } = marketVariables.RESERVATION_DAYS
    expect([schema.safeParse('366').success, schema.safeParse(String(DAYS)).success]).toEqual([false, true])
    const window = (days: number) => parseDuplicateWindow({ scope: 'BUYER', days, by: 'CONNECTED' })
    const attempts = (hours: number) => parseRuleSet({ attempts: [{ maximum: 1, hours }] })
    for (const longest of [window(DAYS - 1), attempts((DAYS - 1) * 24)]) expect(longest).toHaveProperty('value')
    for (const tooLong of [window(DAYS), attempts((DAYS - 1) * 24 + 1)]) expect(tooLong).toHaveProperty('problems')
  })
})

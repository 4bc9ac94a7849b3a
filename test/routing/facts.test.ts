import { type KyselyPlugin, sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Expiring, type RequestContext } from '#src/gateway/contract/module.ts'
import type { Buyer } from '#src/market/modules/buyers/entity.ts'
import { usageOfBuyers } from '#src/market/modules/buyers/usage.ts'
import { createCandidatesType } from '#src/market/modules/routing/candidates.ts'
import { DocumentLoader } from '#src/market/modules/routing/documents.ts'
import { readFacts } from '#src/market/modules/routing/facts.ts'
import { Router } from '#src/market/modules/routing/router.ts'
import { Conditions } from '#src/market/rules/routing/evaluate-condition.ts'
import { GRACE_MS, MAX_CALL_MS } from '#src/market/rules/routing/usage.ts'
import { TimeZones } from '#src/market/rules/time-zones.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { addCallMarket, type CallMarket } from './call-market.ts'
import { createClockedRequests } from './clocked-requests.ts'

const NOW = Date.parse('2026-05-01T12:00:00Z')
const DAY_MS = 86_400_000
const REQUEST = Buffer.alloc(16, 2)

let scratch: ScratchDatabase
let market: CallMarket
/** Each test has a caller of its own, because reservations stay. */
let caller = Buffer.alloc(16)
let callers = 0
const zones = new TimeZones()

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addCallMarket(scratch, 'acme')
}, 60_000)
afterAll(() => scratch?.drop())
beforeEach(() => {
  caller = Buffer.alloc(16, ++callers)
})

const iso = (time: number) => new Date(time).toISOString()

/** Stores a reservation of the caller. @param connectedAt Null for an open one. */
const reserve = (buyerId: number, reservedAt: number, connectedAt: number | null) =>
  sql`insert into reservations (tenant_id, campaign_id, buyer_id, caller, caller_state, request, state, price_minor, payout_minor, decision_id,
      reserved_at, expires_at, hour_start, day_start, month_start, connected_at)
    values ('acme', ${market.campaignId}, ${buyerId}, ${caller}, 'CA', ${REQUEST}, ${connectedAt === null ? 'OPEN' : 'CONNECTED'}, 300, 30, 1,
      ${iso(reservedAt)}, ${iso(reservedAt + 60_000)}, ${iso(NOW)}, ${iso(NOW)}, ${iso(NOW)}, ${connectedAt === null ? null : iso(connectedAt)})`.execute(
    scratch.db,
  )

const facts = (windowMs: number, buyerId: number) =>
  scratch.db.transaction().execute((db) => {
    const starts = { HOUR: iso(NOW), DAY: iso(NOW), MONTH: iso(NOW), TOTAL: iso(0) }
    const buyers = [{ buyerId, starts, periods: ['TOTAL' as const] }]
    const call = { campaignId: market.campaignId, publisherId: null, caller, listedCaller: caller, request: REQUEST }
    return readFacts({ db, tenant: 'acme', now: NOW }, { ...call, lists: [], buyers, windowMs })
  })

/** Returns the usage of a buyer as it is shown, and when it ceases to be true. */
const shown = async (buyerId: number) => {
  const buyer = { id: buyerId, timeZone: 'UTC', maxConcurrentCalls: 9, caps: [{ period: 'TOTAL', counts: 'CONVERSIONS', maximum: 9 }] }
  const read = { db: scratch.db, tenant: 'acme', now: NOW }
  const [usage] = await usageOfBuyers(zones)([buyer as unknown as Buyer], {}, read as never)
  if (!(usage instanceof Expiring)) throw new Error('Expected a usage that expires.')
  return usage
}

it('reads the reservations of a caller within the window that counts, and an open offer within any', async () => {
  const [buyerId = 0] = market.buyerIds
  await reserve(buyerId, NOW - 30 * DAY_MS, NOW - 30 * DAY_MS)
  await reserve(buyerId, NOW - 1000, null)
  const [short, long] = [await facts(0, buyerId), await facts(31 * DAY_MS, buyerId)]
  expect([short.attempts.length, long.attempts.length]).toEqual([1, 2])
  expect([short.reservations.length, long.reservations.length]).toEqual([1, 2])
  expect(short.equal).toMatchObject({ buyerId })
})

it('counts a call whose end nobody reported as concurrent for one day, and for the caps and the budget until it ends', async () => {
  const buyerId = market.buyerIds[1] ?? 0
  await reserve(buyerId, NOW - MAX_CALL_MS, NOW - MAX_CALL_MS)
  await reserve(buyerId, NOW - MAX_CALL_MS + 1, NOW - MAX_CALL_MS + 1)
  const usage = (await facts(0, buyerId)).usage.get(buyerId)
  expect(usage?.concurrent).toBe(1)
  expect(usage?.periods.TOTAL?.connected).toEqual({ count: 2, priceMinor: 600 })
  const { value, until } = await shown(buyerId)
  expect(value).toMatchObject({ concurrentCalls: 1, caps: [{ used: 2 }] })
  expect(until).toBe(NOW + 1)
})

it('shows a reservation as held for the grace beyond its expiry, as long as a decision counts it', async () => {
  const buyerId = market.buyerIds[2] ?? 0
  await reserve(buyerId, NOW - 60_000 - GRACE_MS, null)
  await reserve(buyerId, NOW - 60_000 - GRACE_MS + 1, null)
  expect((await facts(0, buyerId)).usage.get(buyerId)?.concurrent).toBe(1)
  const { value, until } = await shown(buyerId)
  expect(value).toMatchObject({ concurrentCalls: 1, caps: [{ used: 1 }] })
  expect(until).toBe(NOW + 1)
})

it('decides with the published rules although the cache still has their draft, or knows of none', async () => {
  const { rows } = await sql<{ id: number }>`insert into compliance_rule_sets (tenant_id, number, status, document, published_at)
    values ('acme', 1, 'PUBLISHED', '{"consentRequired": true}', now()) returning id`.execute(scratch.db)
  const id = rows[0]?.id ?? 0
  for (const copy of [{ id, status: 'DRAFT', document: {} }, null]) {
    const context = { load: async () => copy, uncached: { db: scratch.db, tenant: 'acme', now: NOW } } as unknown as RequestContext
    const rules = await new DocumentLoader(createCandidatesType(zones)).rules(context, id)
    expect(rules.consentRequired).toBe(true)
  }
})

it('stores with a refusal the versions of the lists that refused the call, also if a list changed after the first look', async () => {
  const other = await addCallMarket(scratch, 'listed')
  await sql`insert into dnc_lists (name, version) values ('national', 1)`.execute(scratch.db)
  await sql`insert into compliance_rule_sets (tenant_id, number, status, document, published_at)
    values ('listed', 1, 'PUBLISHED', '{"dncLists": ["national"]}', now())`.execute(scratch.db)
  await sql`update routing_states set rule_set_id = (select id from compliance_rule_sets where tenant_id = 'listed')
    where tenant_id = 'listed'`.execute(scratch.db)
  let looks = 0
  const importing: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (result.rows[0] && 'isConsentGiven' in result.rows[0] && ++looks === 1) {
        await sql`insert into dnc_entries (list, version, caller) values ('national', 2, ${caller})`.execute(scratch.db)
        await sql`update dnc_lists set version = 2`.execute(scratch.db)
      }
      return result
    },
  }
  const { context } = createClockedRequests(scratch.db.withPlugin(importing), 'listed', NOW)
  const router = new Router({ zones, conditions: new Conditions(), random: () => 0 }, new DocumentLoader(createCandidatesType(zones)))
  const call = { campaignId: other.campaignId, publisherId: null, caller, listedCaller: caller, state: 'CA', attributes: new Map() }
  const outcome = await router.ping(context, { ...call, request: REQUEST })
  expect(outcome).toMatchObject({ decision: { outcome: 'DNC', dncVersions: 'national:2' } })
})

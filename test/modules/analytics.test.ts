import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { Expiring, type ReadContext, type WriteContext } from '#src/gateway/contract/module.ts'
import { callsByDay, callsByHour, dashboard, performance, revenueByBuyer } from '#src/market/modules/analytics/queries.ts'
import { refreshRollups } from '#src/market/modules/analytics/writes.ts'
import { TimeZones } from '#src/market/rules/time-zones.ts'
import fc from '../property.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const start = Date.parse('2026-03-01T00:00:00.000Z')
const now = start + 3 * DAY_MS + 5 * HOUR_MS + 1234
const zones = new TimeZones()
let scratch: ScratchDatabase
let tenants = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
})
afterAll(() => scratch?.drop())

const iso = (time: number) => new Date(time).toISOString()
const readOf = ({ tenant }: Market): ReadContext => ({ db: scratch.db, tenant, now })

function answerOf<Value>(results: readonly (Value | Expiring<Value> | Error)[]): Value {
  const [result] = results
  if (result === undefined || result instanceof Error) throw result ?? new Error('Expected a value.')
  return result instanceof Expiring ? result.value : result
}

interface CallPlan {
  readonly campaign: number
  readonly startedAt: number
  readonly status: 'INCOMING' | 'CONNECTED' | 'SETTLED' | 'MISSED'
  readonly durationSeconds: number
  readonly costMinor: number
  readonly bids: readonly { readonly buyer: number; readonly amountMinor: number; readonly delayMs: number }[]
}

const callPlan: fc.Arbitrary<CallPlan> = fc.record({
  campaign: fc.nat(1),
  startedAt: fc.integer({ min: start, max: now }),
  status: fc.constantFrom('INCOMING', 'CONNECTED', 'SETTLED', 'MISSED'),
  durationSeconds: fc.nat(600),
  costMinor: fc.nat(500),
  bids: fc.array(fc.record({ buyer: fc.nat(2), amountMinor: fc.integer({ min: 1, max: 9000 }), delayMs: fc.nat(2 * HOUR_MS) }), {
    maxLength: 4,
  }),
})

async function store(market: Market, plans: readonly CallPlan[]): Promise<void> {
  for (const plan of plans) {
    const campaignId = plan.campaign === 0 ? market.campaignId : market.otherCampaignId
    await inTransaction(
      scratch.db,
      async (db) => {
        const call = await db
          .insertInto('calls')
          .values({
            tenantId: market.tenant,
            campaignId,
            domainId: null,
            callerState: 'CA',
            startedAt: iso(plan.startedAt),
            costMinor: plan.costMinor,
            winningBidId: null,
            settledAt: null,
          })
          .returning('id')
          .executeTakeFirstOrThrow()
        for (const [index, bid] of plan.bids.entries()) {
          const placedAt = iso(plan.startedAt + bid.delayMs)
          const status = plan.status === 'SETTLED' ? (index === 0 ? 'WON' : 'LOST') : 'ACTIVE'
          await db
            .insertInto('bids')
            .values({
              tenantId: market.tenant,
              callId: call.id,
              campaignId,
              buyerId: market.buyerIds[bid.buyer] ?? 0,
              amountMinor: bid.amountMinor,
              status,
              placedAt,
              expiresAt: iso(now + HOUR_MS),
            })
            .execute()
        }
        const revenueMinor = plan.status === 'SETTLED' ? (plan.bids[0]?.amountMinor ?? 0) : 0
        await db
          .updateTable('calls')
          .set({ status: plan.status, durationSeconds: plan.durationSeconds, revenueMinor })
          .where('id', '=', call.id)
          .execute()
      },
      { attempts: 3 },
    )
  }
}

/** Computes the expected analytics figures directly from the rows, without the rollup tables. */
async function recompute(market: Market, from: number, to: number, campaignId?: number) {
  const inRange = (text: string) => Date.parse(text) >= from && Date.parse(text) < to
  const ours = (row: { campaignId: number }) => campaignId === undefined || row.campaignId === campaignId
  const calls = (await scratch.db.selectFrom('calls').selectAll().where('tenantId', '=', market.tenant).execute()).filter(
    (call) => ours(call) && inRange(call.startedAt),
  )
  const bids = (await scratch.db.selectFrom('bids').selectAll().where('tenantId', '=', market.tenant).execute()).filter(
    (bid) => ours(bid) && inRange(bid.placedAt),
  )
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
  return {
    calls: calls.length,
    settledCalls: calls.filter(({ status }) => status === 'SETTLED').length,
    durationSeconds: sum(calls.map((call) => call.durationSeconds)),
    spendMinor: sum(calls.map((call) => call.costMinor)),
    revenueMinor: sum(calls.map((call) => call.revenueMinor)),
    payoutMinor: 0,
    bids: bids.length,
    wonBids: bids.filter(({ status }) => status === 'WON').length,
  }
}

describe('the results of analytics', () => {
  it('equal the sums over the stored rows, for any writes and any time range', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(callPlan, { maxLength: 8 }),
        fc.integer({ min: start, max: now - 1 }),
        fc.integer({ min: 1, max: 3 * DAY_MS }),
        fc.boolean(),
        async (plans, from, length, oneCampaign) => {
          const market = await addMarket(scratch.db, `tenant-${++tenants}`)
          await store(market, plans)
          const to = Math.min(from + length, now)
          const campaignId = oneCampaign ? market.campaignId : undefined
          const args = { from: iso(from), to: iso(to), ...(campaignId !== undefined && { campaignId: toGlobalId('Campaign', campaignId) }) }
          const [first, end] = [Math.floor(from / HOUR_MS) * HOUR_MS, Math.ceil(to / HOUR_MS) * HOUR_MS]

          expect(answerOf(await performance([{}], args, readOf(market)))).toMatchObject(await recompute(market, first, end, campaignId))
          const series = answerOf(await callsByHour([{}], args, readOf(market)))
          expect(series.map(({ hour }) => Date.parse(hour))).toEqual(
            Array.from({ length: (end - first) / HOUR_MS }, (_, index) => first + index * HOUR_MS),
          )
          const busiest = series.toSorted((a, b) => b.calls + b.bids - a.calls - a.bids)[0]
          const hour = Date.parse(busiest?.hour ?? '')
          expect(busiest).toEqual({ ...(await recompute(market, hour, hour + HOUR_MS, campaignId)), hour: iso(hour) })

          const buyers = answerOf(await revenueByBuyer([{}], { from: iso(from), to: iso(to), first: 100 }, readOf(market)))
          const [firstDay, endDay] = [Math.floor(from / DAY_MS) * DAY_MS, Math.ceil(to / DAY_MS) * DAY_MS]
          const bids = (await scratch.db.selectFrom('bids').selectAll().where('tenantId', '=', market.tenant).execute()).filter(
            ({ placedAt }) => Date.parse(placedAt) >= firstDay && Date.parse(placedAt) < endDay,
          )
          const expected = market.buyerIds
            .map((buyerId) => ({ buyerId, own: bids.filter((bid) => bid.buyerId === buyerId) }))
            .filter(({ own }) => own.length > 0)
            .map(({ buyerId, own }) => {
              const won = own.filter(({ status }) => status === 'WON')
              return {
                buyerId,
                bids: own.length,
                wonBids: won.length,
                revenueMinor: won.reduce((total, { amountMinor }) => total + amountMinor, 0),
              }
            })
            .toSorted((a, b) => b.revenueMinor - a.revenueMinor || b.wonBids - a.wonBids || a.buyerId - b.buyerId)
          expect(buyers).toEqual(expected)

          const today = answerOf(await dashboard(zones)([{}], { period: 'TODAY', timeZone: 'UTC' }, readOf(market)))
          const midnight = start + 3 * DAY_MS
          expect(today.current).toMatchObject(await recompute(market, midnight, midnight + 6 * HOUR_MS))
          expect(today.previous).toMatchObject(await recompute(market, midnight - DAY_MS, midnight - DAY_MS + 6 * HOUR_MS))
          expect(today.topCampaigns.reduce((total, { calls }) => total + calls, 0)).toBe(today.current.calls)
        },
      ),
      { numRuns: 15 },
    )
  }, 60_000)

  it('of a day are the sums of the hours which the clocks of its time zone show, also when the clocks change', async () => {
    const market = await addMarket(scratch.db, `tenant-${++tenants}`)
    const change = Date.parse('2026-03-08T07:00:00Z')
    // The first of these calls is one hour before the range.
    const call = { campaign: 0, status: 'SETTLED', durationSeconds: 9, costMinor: 9, bids: [] } as const
    await store(
      market,
      [-27, -26, -3, -2, 20, 21, 22].map((hours) => ({ ...call, startedAt: change + hours * HOUR_MS })),
    )
    const args = { from: '2026-03-07T05:00:00.000Z', to: '2026-03-10T04:00:00.000Z', timeZone: 'America/New_York' }
    const read = { ...readOf(market), now: change + 9 * DAY_MS }
    const [answer] = await callsByDay(zones)([{}], args, read)
    expect(answer).toMatchObject([
      { date: '2026-03-07', from: args.from, to: '2026-03-08T05:00:00.000Z', calls: 2 },
      { date: '2026-03-08', to: '2026-03-09T04:00:00.000Z', calls: 2 },
      { date: '2026-03-09', to: args.to, calls: 2 },
    ])
    await expect(callsByDay(zones)([{}], { ...args, timeZone: 'Asia/Kolkata' }, read)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(
        /^timeZone must be a zone whose days begin at a whole hour of UTC, .* in Asia\/Kolkata a day begins at/,
      ),
    })
  })

  it('contain nothing of another tenant, even if the query names a campaign of that tenant', async () => {
    const [market, stranger] = [await addMarket(scratch.db, `tenant-${++tenants}`), await addMarket(scratch.db, `tenant-${++tenants}`)]
    await store(market, [
      {
        campaign: 0,
        startedAt: now,
        status: 'SETTLED',
        durationSeconds: 9,
        costMinor: 9,
        bids: [{ buyer: 0, amountMinor: 9, delayMs: 0 }],
      },
    ])
    const args = { from: iso(start), campaignId: toGlobalId('Campaign', market.campaignId) }
    expect(answerOf(await performance([{}], args, readOf(stranger)))).toMatchObject({ calls: 0, bids: 0, spendMinor: 0 })
    expect(answerOf(await performance([{}], { ...args, campaignId: toGlobalId('Bid', market.campaignId) }, readOf(market)))).toMatchObject({
      calls: 0,
    })
    expect(answerOf(await revenueByBuyer([{}], { from: iso(start), first: 10 }, readOf(stranger)))).toEqual([])
  })

  it('expire at the end of the current hour if their period has not ended, and otherwise keep their full TTL', async () => {
    const market = await addMarket(scratch.db, `tenant-${++tenants}`)
    const endOfHour = Math.ceil(now / HOUR_MS) * HOUR_MS
    expect(await dashboard(zones)([{}], { period: 'MONTH', timeZone: 'UTC' }, readOf(market))).toMatchObject([{ until: endOfHour }])
    expect(await performance([{}], { from: iso(start) }, readOf(market))).toMatchObject([{ until: endOfHour }])
    expect((await performance([{}], { from: iso(start), to: iso(start + DAY_MS) }, readOf(market)))[0]).not.toBeInstanceOf(Expiring)
  })

  it('are corrected by the refresh mutation, which returns the number of wrong rows', async () => {
    const market = await addMarket(scratch.db, `tenant-${++tenants}`)
    await store(market, [{ campaign: 0, startedAt: now, status: 'MISSED', durationSeconds: 0, costMinor: 7, bids: [] }])
    await sql`update campaign_hours set calls = 5 where tenant_id = ${market.tenant}`.execute(scratch.db)
    const refresh = () =>
      inTransaction(
        scratch.db,
        (db) => {
          const write: WriteContext = { db, tenant: market.tenant, viewer: { tenant: market.tenant, userId: '1', role: 'ADMIN' }, now }
          return refreshRollups(write)
        },
        { attempts: 1 },
      )
    expect([await refresh(), await refresh()]).toEqual([1, 0])
    expect(answerOf(await performance([{}], { from: iso(start) }, readOf(market)))).toMatchObject({ calls: 1, spendMinor: 7 })
  })
})

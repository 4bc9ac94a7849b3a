import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { updateBuyer } from '#src/market/modules/buyers/writes.ts'
import { createCandidatesType } from '#src/market/modules/routing/candidates.ts'
import { DocumentLoader } from '#src/market/modules/routing/documents.ts'
import { Router } from '#src/market/modules/routing/router.ts'
import { Conditions } from '#src/market/rules/routing/evaluate-condition.ts'
import { periodStarts } from '#src/market/rules/routing/period.ts'
import { TimeZones } from '#src/market/rules/time-zones.ts'
import { startMarketGateway } from '../modules/market-gateway.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import fc from '../property.ts'
import { clockChanges } from '../rules/clocks.ts'
import { addCallMarket, callsOf, setBuyer } from './call-market.ts'
import { createClockedRequests } from './clocked-requests.ts'

const DAY_MS = 86_400_000
const zones = new TimeZones()
const PERIODS = ['HOUR', 'DAY', 'MONTH', 'TOTAL'] as const
const ONE_A_DAY = { caps: [{ period: 'DAY', counts: 'ATTEMPTS', maximum: 1 }] }

let scratch: ScratchDatabase
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let tenants = 0
beforeAll(async () => {
  scratch = await createScratchDatabase()
  gateway = await startMarketGateway(scratch)
}, 60_000)
afterAll(async () => {
  await gateway?.close()
  await scratch?.drop()
})

/** A market in which only the first buyer takes calls. */
const openMarket = async (settings: Readonly<Record<string, unknown>>) => {
  const market = await addCallMarket(scratch, `zone-${++tenants}`)
  const [buyer = 0, ...others] = market.buyerIds
  await setBuyer(scratch, buyer, { max_concurrent_calls: 100, ...settings })
  for (const id of others) await setBuyer(scratch, id, { active: false })
  return { market, buyer }
}

/** Opens such a market at times that the test sets. */
const openClocked = async (settings: Readonly<Record<string, unknown>>, start = 0) => {
  const { market, buyer } = await openMarket(settings)
  const router = new Router({ zones, conditions: new Conditions(), random: () => 0.5 }, new DocumentLoader(createCandidatesType(zones)))
  const requests = createClockedRequests(scratch.db, market.tenant, start)
  let [callers, version] = [0, 1]
  return {
    buyer,
    tenant: market.tenant,
    requests,
    move: (timeZone: string) => requests.context.write((write) => updateBuyer(write, zones, buyer, { timeZone, version: version++ })),
    async ping(time: string) {
      requests.now = Date.parse(time)
      const caller = createHash('sha256').update(`${++callers}`).digest().subarray(0, 16)
      const { campaignId, publisherId } = market
      const ping = { campaignId, publisherId, caller, listedCaller: caller, state: 'NY', attributes: new Map(), request: caller }
      const outcome = await router.ping(requests.context, ping)
      if ('error' in outcome) throw new Error(outcome.error.message)
      return outcome.decision.outcome
    },
  }
}

const withoutTrigger = async (work: () => Promise<unknown>) => {
  await sql`alter table buyers disable trigger usage_follows_zone`.execute(scratch.db)
  await work()
  await sql`alter table buyers enable always trigger usage_follows_zone`.execute(scratch.db)
}

const DRAWN = fc.record({
  from: fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata'),
  to: fc.constantFrom(...clockChanges.map(({ zone }) => zone), 'Pacific/Auckland', 'America/Los_Angeles'),
  now: fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) }),
  made: fc.array(
    fc.record({
      before: fc.oneof(fc.nat(DAY_MS / 12), fc.nat(2 * DAY_MS), fc.nat(40 * DAY_MS)),
      state: fc.constantFrom('OPEN', 'CONNECTED', 'CONVERTED', 'ENDED'),
      price: fc.integer({ min: 1, max: 100 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
})

/** Returns whether after a change of the zone each current period has the reservations that were made in it, and nothing else has changed. */
const recounts = (change: (zone: string, market: Awaited<ReturnType<typeof openClocked>>) => Promise<unknown>) =>
  fc.asyncProperty(DRAWN, async ({ from, to, now, made }) => {
    const market = await openClocked({ time_zone: from }, now)
    const { tenant, buyer } = market
    const iso = (time: number) => new Date(time).toISOString()
    const rows = made.map(({ before, state, price }) => {
      const starts = periodStarts(zones, from, now - before)
      const times = { hour: starts.HOUR, day: starts.DAY, month: starts.MONTH, at: now - before }
      return { ...Object.fromEntries(Object.entries(times).map(([name, time]) => [name, iso(time)])), state, price }
    })
    await sql`insert into reservations (tenant_id, campaign_id, buyer_id, caller, caller_state, request, state, price_minor, payout_minor,
        decision_id, reserved_at, expires_at, connected_at, hour_start, day_start, month_start)
      select ${tenant}, 1, ${buyer}, decode(repeat('00', 16), 'hex'), 'NY', decode(repeat('00', 16), 'hex'), state, price, 0, 1, at, at,
        case when state <> 'OPEN' then at end, hour, day, month
      from json_to_recordset(${JSON.stringify(rows)}::json) as made (state text, price int, at timestamptz, hour timestamptz, day timestamptz,
        month timestamptz)`.execute(scratch.db)
    await change(to, market)
    const current = periodStarts(zones, to, market.requests.now)
    for (const period of PERIODS) {
      const within = made.filter(({ before }) => periodStarts(zones, to, now - before)[period] === current[period])
      const { rows: usage } = await sql<{ attempts: number; conversions: number; moneyMinor: number }>`
        select attempts, conversions, money_minor from buyer_usage where tenant_id = ${tenant} and buyer_id = ${buyer} and period = ${period}
          and period_start = ${iso(current[period])}::timestamptz`.execute(scratch.db)
      const { attempts, conversions, moneyMinor } = usage[0] ?? { attempts: 0, conversions: 0, moneyMinor: 0 }
      const sold = within.filter(({ state }) => state === 'CONVERTED')
      if (attempts !== within.length || conversions !== sold.length) return false
      if (moneyMinor !== sold.reduce((sum, { price }) => sum + price, 0)) return false
    }
    const refreshed = await sql<{ corrected: number }>`select refresh_rollups(${tenant}) as corrected`.execute(scratch.db)
    return refreshed.rows[0]?.corrected === 0
  })

describe('a buyer that gets a new time zone', () => {
  it('has used in its new hour, day and month what was reserved in them, whatever the zones are', async () => {
    await fc.assert(
      recounts((zone, { move }) => move(zone)),
      { numRuns: 12 },
    )
  })

  it('would have used nothing if the usage were not counted anew, and the property detects that', async () => {
    const changeOnly = (zone: string, { buyer }: { readonly buyer: number }) =>
      withoutTrigger(() => setBuyer(scratch, buyer, { time_zone: zone }))
    expect((await fc.check(recounts(changeOnly), { numRuns: 12 })).failed).toBe(true)
  })

  it('gets no call beyond the cap of its new day, and gets calls again in the next one', async () => {
    const { ping, move } = await openClocked({ time_zone: 'America/New_York', ...ONE_A_DAY })
    expect(await ping('2026-06-15T20:00:00Z')).toBe('OFFERED')
    await move('America/Los_Angeles')
    expect(await ping('2026-06-15T21:00:00Z')).toBe('NO_BUYER')
    expect(await ping('2026-06-16T06:59:00Z')).toBe('NO_BUYER')
    expect(await ping('2026-06-16T07:00:10Z')).toBe('OFFERED')
    await move('UTC')
    expect(await ping('2026-06-16T07:10:00Z')).toBe('NO_BUYER')
  })
})

describe('a reservation that is held while its buyer gets a new time zone', () => {
  const noonNow = () => {
    const behind = new Date().getUTCHours() - 12
    return behind === 0 ? 'Etc/GMT' : `Etc/GMT${behind > 0 ? '+' : ''}${behind}`
  }
  const USAGE = 'query ($id: ID!) { buyer(id: $id) { usage { caps { cap { period counts } used } } } }'

  it.each([
    ['updateBuyer', true],
    ['SQL', false],
  ])('counts in the new day once its call is sold, and the next ping is refused, if %s changes the zone', async (_way, isMutation) => {
    const { market, buyer } = await openMarket({ time_zone: 'Asia/Kolkata', caps: [{ period: 'DAY', counts: 'CONVERSIONS', maximum: 1 }] })
    const { ping, post, settle } = callsOf(gateway, market)
    const { call } = await post((await ping(1)).reservation.id, 1)
    const id = toGlobalId('Buyer', buyer)
    // The hour of this zone is noon, so that its day does not end within the test.
    const timeZone = noonNow()
    if (isMutation) {
      const change = 'mutation ($input: UpdateBuyerInput!) { updateBuyer(input: $input) { errors { code } } }'
      const { data } = await gateway.ask(market.tenant, 'EDITOR', change, { input: { id, version: 1, timeZone } })
      expect(data.updateBuyer.errors).toEqual([])
    } else await setBuyer(scratch, buyer, { time_zone: timeZone })
    expect(await ping(2)).toMatchObject({ refusal: 'NO_BUYER' })
    expect(await settle(call.id, 60)).toMatchObject({ call: { status: 'SETTLED' } })
    expect(await ping(3)).toMatchObject({ refusal: 'NO_BUYER' })
    const { data } = await gateway.ask(market.tenant, 'EDITOR', USAGE, { id })
    expect(data.buyer.usage.caps).toEqual([{ cap: { period: 'DAY', counts: 'CONVERSIONS' }, used: 1 }])
  })

  it('counts as before if SQL names a zone that the database does not know', async () => {
    const { buyer } = await openMarket({ time_zone: 'UTC' })
    await setBuyer(scratch, buyer, { time_zone: 'Mars/Olympus' })
    const { rows } = await sql<{ timeZone: string }>`select time_zone from buyers where id = ${buyer}`.execute(scratch.db)
    expect(rows).toEqual([{ timeZone: 'Mars/Olympus' }])
  })
})

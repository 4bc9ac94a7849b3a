import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localId, toGlobalId } from '#src/gateway/contract/global-id.ts'
import { GRACE_MS } from '#src/market/rules/routing/usage.ts'
import { startMarketGateway } from './market-gateway.ts'
import { addCall, addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const USD = (amount: number) => ({ amount, currency: 'USD' })
const HOUR_MS = 3_600_000

let scratch: ScratchDatabase
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let market: Market

beforeAll(async () => {
  scratch = await createScratchDatabase()
  gateway = await startMarketGateway(scratch)
  market = await addMarket(scratch.db, 'acme')
}, 60_000)
afterAll(async () => {
  await gateway?.close()
  await scratch?.drop()
})

const SETTINGS = `routing { price { amount } timeZone schedule { hours { day from until } holidays } caps { period counts maximum }
  duplicates { scope days by } conditions dailyCap { amount } }`
const PAYLOAD = `{ buyer { id version ${SETTINGS} } errors { code field message } }`
const create = async (input: Readonly<Record<string, unknown>>) =>
  (await gateway.ask('acme', 'ADMIN', `mutation ($input: CreateBuyerInput!) { createBuyer(input: $input) ${PAYLOAD} }`, { input })).data
    .createBuyer
const update = async (input: Readonly<Record<string, unknown>>) =>
  (await gateway.ask('acme', 'ADMIN', `mutation ($input: UpdateBuyerInput!) { updateBuyer(input: $input) ${PAYLOAD} }`, { input })).data
    .updateBuyer

const settings = {
  price: USD(2500),
  timeZone: 'America/New_York',
  schedule: { hours: [{ day: 'MONDAY', from: '09:00', until: '17:30' }], holidays: ['2026-12-25'] },
  caps: [{ period: 'DAY', counts: 'CONVERSIONS', maximum: 20 }],
  duplicates: { scope: 'CAMPAIGN', days: 30, by: 'CONVERTED' },
  conditions: { any: [{ attribute: 'zip', operator: 'matches', value: '90*' }] },
}

describe('the settings of a buyer', () => {
  it('are stored, read again, kept by an update that leaves them out, and removed by null', async () => {
    const { buyer, errors } = await create({ name: 'All settings', dailyCap: USD(9), ...settings })
    expect(errors).toEqual([])
    const stored = { ...settings, price: { amount: 2500 }, dailyCap: { amount: 9 } }
    expect(buyer.routing).toEqual(stored)
    expect((await update({ id: buyer.id, version: 1, minDurationSeconds: 5 })).buyer.routing).toEqual(stored)
    const removed = await update({ id: buyer.id, version: 2, schedule: null, duplicates: null, conditions: null, caps: [] })
    expect(removed.buyer).toMatchObject({ version: 3, routing: { schedule: null, duplicates: null, conditions: null, caps: [] } })
  })

  it('are refused with the path to each wrong part, and nothing is stored', async () => {
    const wrong = {
      price: USD(-1),
      timeZone: 'Mars/Olympus',
      schedule: { hours: [{ day: 'MONDAY', from: '17:00', until: '09:00' }] },
      caps: [...settings.caps, ...settings.caps],
      duplicates: { ...settings.duplicates, days: 0 },
      conditions: { all: [{ attribute: 'state', operator: 'in', value: ['CA', 'XX'] }] },
    }
    const { buyer, errors } = await create({ name: 'Wrong', ...wrong })
    expect(buyer).toBeNull()
    expect(errors.map(({ code, field }: { code: string; field: string[] }) => `${code} ${field.join('.')}`)).toEqual([
      'INVALID input.price.amount',
      'INVALID input.timeZone',
      'INVALID input.schedule.hours.0.until',
      'INVALID input.caps.1',
      'INVALID input.duplicates.days',
      'INVALID input.conditions.all.0.value.1',
    ])
    expect(await scratch.db.selectFrom('buyers').select('id').where('name', '=', 'Wrong').execute()).toEqual([])
  })

  it('can have a condition in the text of a query, with a variable in it', async () => {
    const query = `mutation ($states: [Condition]) { createBuyer(input: { name: "Literal",
      conditions: { attribute: "state", operator: "in", value: $states } }) ${PAYLOAD} }`
    const { data, errors } = await gateway.ask('acme', 'ADMIN', query, { states: ['CA'] })
    expect(errors).toEqual([])
    expect(data.createBuyer.buyer.routing.conditions).toEqual({ attribute: 'state', operator: 'in', value: ['CA'] })
  })
})

describe('the usage of a buyer', () => {
  const usageOf = async (id: string) => {
    const usage = `usage { asOf concurrentCalls remainingConcurrentCalls caps { cap { period counts } used remaining }
      moneyCaps { used remaining } dailyCapUsed { amount } }`
    const { data, errors } = await gateway.ask('acme', 'ADMIN', `query ($id: ID!) { buyer(id: $id) { ${usage} } }`, { id })
    expect(errors).toEqual([])
    return data.buyer.usage
  }
  const usedOf = (usage: { caps: { used: number }[]; moneyCaps: { used: number }[] }) =>
    [...usage.caps, ...usage.moneyCaps].map(({ used }) => used)

  /** Returns when this process has applied the invalidations of all writes that are committed. */
  const catchUp = () => gateway.ask('acme', 'ADMIN', 'mutation { refreshAnalytics { correctedRows } }')

  async function reserve(buyerId: number, expiresAt: number): Promise<number> {
    const now = Date.now()
    const iso = (time: number) => new Date(time).toISOString()
    const hour = iso(Math.floor(now / HOUR_MS) * HOUR_MS)
    const { rows } = await sql<{ id: number }>`
      insert into reservations (tenant_id, campaign_id, buyer_id, caller, caller_state, request, price_minor, payout_minor, decision_id,
        reserved_at, expires_at, hour_start, day_start, month_start)
      values ('acme', ${market.campaignId}, ${buyerId}, decode(repeat('00', 16), 'hex'), 'CA', decode(repeat('00', 16), 'hex'), 300, 0, 1,
        ${iso(now)}, ${iso(expiresAt)}, ${hour}, ${`${hour.slice(0, 10)}T00:00:00Z`}, ${`${hour.slice(0, 7)}-01T00:00:00Z`})
      returning id
    `.execute(scratch.db)
    return rows[0]?.id ?? 0
  }
  const setState = (id: number, state: string) =>
    sql`update reservations set state = ${state}, connected_at = case when ${state} = 'OPEN' then null else now() end where id = ${id}`.execute(
      scratch.db,
    )

  it('counts what is held as if it will convert, follows each step of a reservation, and says its time', async () => {
    const caps = (['ATTEMPTS', 'CONNECTIONS', 'CONVERSIONS', 'MONEY'] as const).map((counts) => ({
      period: 'MONTH',
      counts,
      maximum: counts === 'MONEY' ? 500 : 5,
    }))
    const { buyer } = await create({ name: 'Used', caps, maxConcurrentCalls: 2 })
    const before = Date.now()
    const unused = await usageOf(buyer.id)
    expect(usedOf(unused)).toEqual([0, 0, 0, 0])
    expect(Math.abs(Date.parse(unused.asOf) - before)).toBeLessThan(60_000)
    const reservation = await reserve(Number(localId(buyer.id)), Date.now() + 600_000)
    const steps = [
      ['OPEN', [1, 1, 1, 300], 1],
      ['CONNECTED', [1, 1, 1, 300], 1],
      ['ENDED', [1, 1, 0, 0], 0],
      ['CONVERTED', [1, 1, 1, 300], 0],
    ] as const
    for (const [state, used, concurrentCalls] of steps) {
      await setState(reservation, state)
      await catchUp()
      const usage = await usageOf(buyer.id)
      expect([state, usedOf(usage)]).toEqual([state, used])
      expect(usage).toMatchObject({ concurrentCalls, remainingConcurrentCalls: 2 - concurrentCalls })
      expect(usage.moneyCaps).toEqual([{ used: used[3], remaining: 500 - used[3] }])
    }
  })

  it('is not read anew while nothing happens', async () => {
    const { buyer } = await create({ name: 'Idle', caps: settings.caps })
    const { asOf } = await usageOf(buyer.id)
    expect((await usageOf(buyer.id)).asOf).toBe(asOf)
  })

  it('leaves out a reservation that has expired, except as an attempt', async () => {
    const { buyer } = await create({
      name: 'Expired',
      caps: [
        { period: 'TOTAL', counts: 'ATTEMPTS', maximum: 1 },
        { period: 'TOTAL', counts: 'CONNECTIONS', maximum: 1 },
      ],
    })
    await reserve(Number(localId(buyer.id)), Date.now() - GRACE_MS - 1)
    await catchUp()
    expect(await usageOf(buyer.id)).toMatchObject({ concurrentCalls: 0, caps: [{ used: 1, remaining: 0 }, { used: 0 }] })
  })

  it('shows ADMIN the bids of today that count for the daily cap, and nobody else', async () => {
    const { buyer } = await create({ name: 'Bidder', dailyCap: USD(1000) })
    expect((await usageOf(buyer.id)).dailyCapUsed.amount).toBe(0)
    const callId = toGlobalId('Call', await addCall(scratch.db, market))
    const place = 'mutation ($input: PlaceBidInput!) { placeBid(input: $input) { errors { message } } }'
    await gateway.ask('acme', 'EDITOR', place, { input: { callId, buyerId: buyer.id, amount: USD(400) } })
    expect((await usageOf(buyer.id)).dailyCapUsed.amount).toBe(400)
    const routed = await addCall(scratch.db, market)
    const reservationId = await reserve(Number(localId(buyer.id)), Date.now() + 600_000)
    await scratch.db.updateTable('calls').set({ reservationId }).where('id', '=', routed).execute()
    await sql`insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, placed_at, expires_at)
      values ('acme', ${routed}, ${market.campaignId}, ${localId(buyer.id)}, 300, now(), now() + interval '1 hour')`.execute(scratch.db)
    await catchUp()
    expect((await usageOf(buyer.id)).dailyCapUsed.amount).toBe(400)
    const query =
      'query ($id: ID!) { buyer(id: $id) { usage { moneyCaps { used } dailyCapUsed { amount } } routing { price { amount } } } }'
    const { errors } = await gateway.ask('acme', 'EDITOR', query, { id: buyer.id })
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'])
  })
})

import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import { Expiring, type ReadContext, type WriteContext } from '#src/gateway/contract/module.ts'
import { bidType } from '#src/market/modules/bids/entity.ts'
import { countBids, listActiveBidsOfBuyers, listBids, listBidsOfCalls } from '#src/market/modules/bids/queries.ts'
import { cancelBid, placeBid } from '#src/market/modules/bids/writes.ts'
import { settleCall } from '#src/market/modules/calls/writes.ts'
import { addCall, addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const now = Date.parse('2026-03-01T10:00:00.000Z')
let scratch: ScratchDatabase
let tenants = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
})
afterAll(() => scratch?.drop())

const newMarket = () => addMarket(scratch.db, `tenant-${++tenants}`)

function write<Result>({ tenant }: Market, work: (write: WriteContext) => Promise<Result>, at = now): Promise<Result> {
  return inTransaction(scratch.db, (db) => work({ db, tenant, viewer: { tenant, userId: '1', role: 'EDITOR' }, now: at }), { attempts: 5 })
}

function offer(market: Market, callId: number, amountMinor: number, buyer = 0, ttlSeconds = 300) {
  return { callId, buyerId: market.buyerIds[buyer] ?? 0, amount: { amount: amountMinor, currency: 'USD' }, ttlSeconds }
}

async function place(market: Market, callId: number, amountMinor: number, buyer = 0, ttlSeconds = 300, at = now): Promise<number> {
  const outcome = await write(market, (context) => placeBid(context, offer(market, callId, amountMinor, buyer, ttlSeconds)), at)
  if ('errors' in outcome) throw new Error(JSON.stringify(outcome.errors))
  return outcome.bidId
}

const callOf = (id: number) => scratch.db.selectFrom('calls').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const bidsOf = (callId: number) => scratch.db.selectFrom('bids').selectAll().where('callId', '=', callId).orderBy('id').execute()

describe('a phone call that is settled (its duration, winning bid and revenue are recorded)', () => {
  it('is won by the highest open bid, and all other bids are marked as lost', async () => {
    const market = await newMarket()
    const call = await addCall(scratch.db, market)
    const expired = await place(market, call, 900, 0, 1, now - 5000)
    const [low, high, cancelled] = [await place(market, call, 500), await place(market, call, 700, 1), await place(market, call, 800, 2)]
    await write(market, (context) => cancelBid(context, cancelled))
    expect(await write(market, (context) => settleCall(context, call, 60))).toEqual({ callId: call, winningBidId: high })
    expect(await callOf(call)).toMatchObject({ status: 'SETTLED', durationSeconds: 60, revenueMinor: 700, winningBidId: high, version: 2 })
    expect(Object.fromEntries((await bidsOf(call)).map(({ id, status }) => [id, status]))).toEqual({
      [expired]: 'ACTIVE',
      [low]: 'LOST',
      [high]: 'WON',
      [cancelled]: 'CANCELLED',
    })
  })

  it('is not won by a buyer whose minimum duration is longer than the phone call', async () => {
    const market = await newMarket()
    const call = await addCall(scratch.db, market)
    await scratch.db
      .updateTable('buyers')
      .set({ minDurationSeconds: 90 })
      .where('id', '=', market.buyerIds[0] ?? 0)
      .execute()
    const [picky, easy] = [await place(market, call, 900, 0), await place(market, call, 100, 1)]
    expect(await write(market, (context) => settleCall(context, call, 89))).toMatchObject({ winningBidId: easy })
    expect((await bidsOf(call)).find(({ id }) => id === picky)?.status).toBe('LOST')
  })

  it('is marked as MISSED if no bid is eligible, and cannot be settled twice', async () => {
    const market = await newMarket()
    const call = await addCall(scratch.db, market)
    expect(await write(market, (context) => settleCall(context, call, 5))).toEqual({ callId: call, winningBidId: null })
    expect(await callOf(call)).toMatchObject({ status: 'MISSED', revenueMinor: 0 })
    expect(await write(market, (context) => settleCall(context, call, 5))).toMatchObject({
      errors: [{ code: 'INVALID_STATE', field: ['input', 'id'] }],
    })
  })

  it('is not found by another tenant', async () => {
    const [market, stranger] = [await newMarket(), await newMarket()]
    const call = await addCall(scratch.db, market)
    const bid = await place(market, call, 10)
    expect(await write(stranger, (context) => settleCall(context, call, 5))).toMatchObject({ errors: [{ code: 'NOT_FOUND' }] })
    expect(await write(stranger, (context) => cancelBid(context, bid))).toMatchObject({ errors: [{ code: 'NOT_FOUND' }] })
    expect(await write(stranger, (context) => placeBid(context, offer(stranger, call, 5)))).toMatchObject({
      errors: [{ code: 'NOT_FOUND' }],
    })
    expect(await write(market, (context) => placeBid(context, offer(stranger, call, 5)))).toMatchObject({ errors: [{ code: 'NOT_FOUND' }] })
  })

  it('has exactly one winner and correct totals if two requests settle the phone call while bids are placed and cancelled', async () => {
    for (let round = 0; round < 8; round++) {
      const market = await newMarket()
      const call = await addCall(scratch.db, market)
      const early = await Promise.all([1, 2, 3].map((amount) => place(market, call, amount * 100, amount - 1)))
      const [settlements, placements] = await Promise.all([
        Promise.all([60, 70].map((seconds) => write(market, (context) => settleCall(context, call, seconds)))),
        Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            write(market, (context) => placeBid(context, offer(market, call, 200 + index * 50, index % 3))),
          ),
        ),
        Promise.all(early.slice(1).map((id) => write(market, (context) => cancelBid(context, id)))),
      ])
      expect(settlements.filter((outcome) => 'errors' in outcome)).toMatchObject([{ errors: [{ code: 'INVALID_STATE' }] }])
      for (const outcome of placements) if ('errors' in outcome) expect(outcome.errors).toMatchObject([{ code: 'INVALID_STATE' }])
      const bids = await bidsOf(call)
      const won = bids.filter(({ status }) => status === 'WON')
      expect(won).toHaveLength(1)
      expect(bids.filter(({ status }) => status === 'ACTIVE')).toEqual([])
      expect(Math.max(...bids.filter(({ status }) => status !== 'CANCELLED').map(({ amountMinor }) => amountMinor))).toBe(
        won[0]?.amountMinor,
      )
      expect(await callOf(call)).toMatchObject({ status: 'SETTLED', winningBidId: won[0]?.id, revenueMinor: won[0]?.amountMinor })
      const totals = await scratch.db
        .selectFrom('campaignTotals')
        .selectAll()
        .where('campaignId', '=', market.campaignId)
        .executeTakeFirstOrThrow()
      expect(totals).toMatchObject({ calls: 1, settledCalls: 1, bids: bids.length, wonBids: 1, revenueMinor: won[0]?.amountMinor })
      expect((await sql<{ n: number }>`select refresh_rollups(${market.tenant}) as n`.execute(scratch.db)).rows).toEqual([{ n: 0 }])
    }
  })
})

describe('a bid', () => {
  it('is rejected with the path of the wrong field if its amount is invalid', async () => {
    const market = await newMarket()
    const wrong = { ...offer(market, await addCall(scratch.db, market), 100), amount: { amount: 0, currency: 'EUR' } }
    expect(await write(market, (context) => placeBid(context, wrong))).toEqual({
      errors: [
        {
          code: 'INVALID',
          message: 'Expected from 1 to 10000000000 minor units, got 0.',
          field: ['input', 'amount', 'amount'],
        },
        { code: 'INVALID', message: 'Expected an amount in USD, got "EUR".', field: ['input', 'amount', 'currency'] },
      ],
    })
  })

  it('is rejected with the reason if it is not allowed', async () => {
    const market = await newMarket()
    const call = await addCall(scratch.db, market)
    const buyer = market.buyerIds[0] ?? 0
    const refusal = async (change: Partial<ReturnType<typeof offer>>) => {
      const outcome = await write(market, (context) => placeBid(context, { ...offer(market, call, 100), ...change }))
      return 'errors' in outcome ? outcome.errors.map(({ code }) => code) : []
    }
    expect(await refusal({ amount: { amount: 0, currency: 'USD' } })).toEqual(['INVALID'])
    expect(await refusal({ amount: { amount: 10_000_000_001, currency: 'USD' } })).toEqual(['INVALID'])
    expect(await refusal({ amount: { amount: 1, currency: 'EUR' } })).toEqual(['INVALID'])
    expect(await refusal({ ttlSeconds: 0 })).toEqual(['INVALID'])
    await scratch.db
      .updateTable('buyers')
      .set({ states: ['NY', 'TX'] })
      .where('id', '=', buyer)
      .execute()
    expect(await refusal({})).toEqual(['NOT_ROUTED'])
    await scratch.db.updateTable('buyers').set({ states: [], active: false }).where('id', '=', buyer).execute()
    expect(await refusal({})).toEqual(['INVALID_STATE'])
    await scratch.db.updateTable('buyers').set({ active: true }).where('id', '=', buyer).execute()
    await write(market, (context) => settleCall(context, call, 1))
    expect(await refusal({})).toEqual(['INVALID_STATE'])
  })

  it('respects the daily cap of the buyer under concurrency, and stops counting towards the cap when the bid expires', async () => {
    const market = await newMarket()
    const buyer = market.buyerIds[0] ?? 0
    await scratch.db.updateTable('buyers').set({ dailyCapMinor: 1000 }).where('id', '=', buyer).execute()
    const calls = await Promise.all(Array.from({ length: 6 }, () => addCall(scratch.db, market)))
    const outcomes = await Promise.all(calls.map((call) => write(market, (context) => placeBid(context, offer(market, call, 300)))))
    expect(outcomes.filter((outcome) => 'bidId' in outcome)).toHaveLength(3)
    const tenMinutesOn = now + 600_000
    expect(await write(market, (context) => placeBid(context, offer(market, calls[0] ?? 0, 1000)), tenMinutesOn)).toHaveProperty('bidId')
    expect(await write(market, (context) => placeBid(context, offer(market, calls[1] ?? 0, 1)), tenMinutesOn)).toMatchObject({
      errors: [{ code: 'CAP_EXCEEDED' }],
    })
    const tomorrow = now + 24 * 3_600_000
    expect(await write(market, (context) => placeBid(context, offer(market, calls[1] ?? 0, 1000)), tomorrow)).toHaveProperty('bidId')
  })

  it('cannot be cancelled after it was decided or has expired', async () => {
    const market = await newMarket()
    const call = await addCall(scratch.db, market)
    const bid = await place(market, call, 10, 0, 60)
    expect(await write(market, (context) => cancelBid(context, bid), now + 60_000)).toMatchObject({
      errors: [{ code: 'INVALID_STATE', message: expect.stringContaining('EXPIRED') }],
    })
    await write(market, (context) => settleCall(context, call, 10))
    expect(await write(market, (context) => cancelBid(context, bid))).toMatchObject({
      errors: [{ code: 'INVALID_STATE', message: expect.stringContaining('WON') }],
    })
  })
})

describe('cached lists of bids', () => {
  it('expire as soon as a bid in them expires', async () => {
    const market = await newMarket()
    const call = await addCall(scratch.db, market)
    const [long, short] = [await place(market, call, 10, 0, 300), await place(market, call, 20, 0, 60)]
    const at = (time: number): ReadContext => ({ db: scratch.db, tenant: market.tenant, now: time })
    const buyer = { id: market.buyerIds[0] ?? 0 }
    const open = async (time: number) => (await listActiveBidsOfBuyers([buyer], { first: 10 }, at(time)))[0]
    expect(await open(now)).toMatchObject({ until: now + 60_000, value: { ids: [short, long] } })
    expect(await open(now + 60_000)).toMatchObject({ until: now + 300_000, value: { ids: [long] } })
    expect(await open(now + 300_000)).toMatchObject({ ids: [], hasNextPage: false })

    const expired = async (time: number) => (await listBids([{}], { first: 10, filter: { status: 'EXPIRED' } }, at(time)))[0]
    expect(await expired(now)).toMatchObject({ until: now + 60_000, value: { ids: [] } })
    expect(await expired(now + 299_999)).toMatchObject({ until: now + 300_000, value: { ids: [short] } })
    const all = await expired(now + 300_000)
    expect(all).toMatchObject({ ids: [short, long] })

    const tenantWide = { callId: null, buyerId: null, campaignId: null, of: null }
    const source = { ...tenantWide, filter: { status: 'EXPIRED' } } as const
    const connection = { identity: 'x', source, ids: [], cursors: [], hasNextPage: false, hasPreviousPage: false }
    expect(await countBids([connection], {}, at(now + 60_000))).toMatchObject([{ value: 1, until: now + 300_000 }])
    expect(await countBids([{ ...connection, source: { ...tenantWide, filter: { status: 'ACTIVE' } } }], {}, at(now))).toMatchObject([
      { value: 2, until: now + 60_000 },
    ])
    expect(await countBids([{ ...connection, source: { ...tenantWide, filter: {} } }], {}, at(now))).toEqual([2])

    const [row] = await bidType.loadMany(at(now), [String(short)])
    expect(row).toBeInstanceOf(Expiring)
  })

  it('contain each bid of several phone calls exactly once over all pages, best bid first', async () => {
    const market = await newMarket()
    const calls = [await addCall(scratch.db, market), await addCall(scratch.db, market), await addCall(scratch.db, market)]
    for (const [index, call] of calls.slice(0, 2).entries())
      for (let bid = 0; bid < 4 + index; bid++) await place(market, call, 100 + (bid % 3), bid % 3)
    const read: ReadContext = { db: scratch.db, tenant: market.tenant, now }
    const orderBy = { field: 'AMOUNT', direction: 'DESC' } as const
    const parents = calls.map((id) => ({ id }))
    const pages = (await listBidsOfCalls(parents, { first: 3, orderBy }, read)).map((page) =>
      page instanceof Expiring || page instanceof Error ? undefined : page,
    )
    expect(pages.map((page) => [page?.ids.length, page?.hasNextPage])).toEqual([
      [3, true],
      [3, true],
      [0, false],
    ])
    for (const [index, call] of calls.entries()) {
      const seen = [...(pages[index]?.ids ?? [])]
      let after = pages[index]?.cursors.at(-1)
      while (after) {
        const [page] = await listBidsOfCalls([{ id: call }], { first: 1, after, orderBy }, read)
        if (!page || page instanceof Error || page instanceof Expiring) throw new Error('Expected a page.')
        seen.push(...page.ids)
        after = page.cursors.at(-1)
      }
      const expected = (await bidsOf(call)).toSorted((a, b) => b.amountMinor - a.amountMinor || b.id - a.id).map(({ id }) => id)
      expect(seen).toEqual(expected)
    }
    expect(await listBidsOfCalls(parents, { first: 3 }, { ...read, tenant: 'tenant-0' })).toMatchObject([
      { ids: [] },
      { ids: [] },
      { ids: [] },
    ])
  })
})

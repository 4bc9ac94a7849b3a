import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { startMarketGateway } from './market-gateway.ts'
import {
  addCall,
  addMarket,
  createEmbeddedScratchDatabase,
  createScratchDatabase,
  type Market,
  type ScratchDatabase,
} from './scratch-database.ts'

const SETTLE =
  'mutation ($input: SettleCallInput!) { settleCall(input: $input) { call { status revenue { amount } winner { id } } winner { id status } errors { code } } }'
const PLACE = 'mutation ($input: PlaceBidInput!) { placeBid(input: $input) { bid { id status buyer { name } } errors { code field } } }'
const TRACK = 'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted duplicates errors { code field } } }'
const FIGURES =
  'query ($from: DateTime!) { analytics { performance(from: $from) { calls settledCalls conversion bids wonBids winRate averageDurationSeconds spend { amount } costPerCall { amount } events { kind count } } } }'

describe.each([
  ['PostgreSQL', createScratchDatabase],
  ['the embedded database', createEmbeddedScratchDatabase],
])('a gateway with the marketplace schema on %s', (_name, createDatabase) => {
  let scratch: ScratchDatabase
  let gateway: Awaited<ReturnType<typeof startMarketGateway>>
  let tenants = 0

  beforeAll(async () => {
    scratch = await createDatabase()
    gateway = await startMarketGateway(scratch)
  }, 60_000)
  afterAll(async () => {
    await gateway?.close()
    await scratch?.drop()
  })

  const newMarket = () => addMarket(scratch.db, `tenant-${++tenants}`)
  const callId = (id: number) => toGlobalId('Call', id)
  const buyerId = (market: Market, index = 0) => toGlobalId('Buyer', market.buyerIds[index] ?? 0)
  const offer = (market: Market, call: number, amount: number, buyer = 0) => ({
    input: { callId: callId(call), buyerId: buyerId(market, buyer), amount: { amount, currency: 'USD' }, ttlSeconds: 60 },
  })

  it('shows every write in the next response, also in the bids, in the winning bid and in the analytics', async () => {
    const market = await newMarket()
    const call = await addCall(scratch.db, market, { startedAt: new Date().toISOString(), costMinor: 30 })
    const from = new Date(Date.now() - 3_600_000).toISOString()
    const lists = `query ($call: ID!, $buyer: ID!) {
      call(id: $call) { status version bids { totalCount nodes { status } } winner { id } }
      buyer(id: $buyer) { activeBids { totalCount nodes { id } } }
      bids(filter: { status: ACTIVE }) { totalCount edges { cursor node { id } } }
    }`
    const read = async () => (await gateway.ask(market.tenant, 'ADMIN', lists, { call: callId(call), buyer: buyerId(market, 1) })).data
    const figures = async () => (await gateway.ask(market.tenant, 'ADMIN', FIGURES, { from })).data.analytics.performance
    expect(await read()).toMatchObject({ call: { status: 'INCOMING', bids: { totalCount: 0 } }, bids: { totalCount: 0 } })
    expect(await figures()).toMatchObject({ calls: 1, conversion: 0, winRate: null, costPerCall: { amount: 30 } })

    for (const [index, amount] of [500, 700].entries()) {
      const placed = await gateway.ask(market.tenant, 'EDITOR', PLACE, offer(market, call, amount, index))
      expect(placed.data?.placeBid).toMatchObject({ bid: { status: 'ACTIVE' }, errors: [] })
    }
    expect(await read()).toMatchObject({
      call: { bids: { totalCount: 2 } },
      buyer: { activeBids: { totalCount: 1 } },
      bids: { totalCount: 2 },
    })

    const settled = await gateway.ask(market.tenant, 'ADMIN', SETTLE, { input: { id: callId(call), durationSeconds: 90 } })
    expect(settled.data?.settleCall).toMatchObject({
      call: { status: 'SETTLED', revenue: { amount: 700 } },
      winner: { status: 'WON' },
      errors: [],
    })
    expect(await read()).toMatchObject({
      call: {
        status: 'SETTLED',
        bids: { nodes: [{ status: 'WON' }, { status: 'LOST' }] },
        winner: { id: settled.data.settleCall.winner.id },
      },
      buyer: { activeBids: { totalCount: 0, nodes: [] } },
      bids: { totalCount: 0, edges: [] },
    })
    expect(await figures()).toMatchObject({
      calls: 1,
      settledCalls: 1,
      conversion: 1,
      bids: 2,
      wonBids: 1,
      winRate: 0.5,
      averageDurationSeconds: 90,
    })
  })

  it('answers a repeated query from the cache, and sends at most two SQL statements per table and level when the query comes for the first time', async () => {
    const market = await newMarket()
    for (let index = 0; index < 3; index++) {
      const call = await addCall(scratch.db, market, { campaignId: index === 2 ? market.otherCampaignId : market.campaignId })
      for (const amount of [100, 200]) await gateway.ask(market.tenant, 'EDITOR', PLACE, offer(market, call, amount + index, index))
    }
    const query = `{ campaigns(first: 50) { nodes { name owner { name } domains(first: 5) { nodes { name } } statistics { calls bids }
      bids(first: 3) { nodes { amount { amount currency } buyer { name } } } calls(first: 2) { nodes { status } } } } }`
    gateway.takeStatements()
    const cold = await gateway.ask(market.tenant, 'ADMIN', query)
    // The 12 statements load ids and rows of campaigns, bids and phone calls; ids of domain names; rows of buyers,
    // users and tenants; and rows of two rollup tables.
    expect(gateway.takeStatements()).toBeLessThanOrEqual(12)
    expect(cold.errors).toEqual([])
    expect(cold.data.campaigns.nodes.map(({ bids }: { bids: { nodes: unknown[] } }) => bids.nodes.length).toSorted()).toEqual([2, 3])
    expect(await gateway.ask(market.tenant, 'ADMIN', query)).toEqual(cold)
    expect(gateway.takeStatements()).toBe(0)
  })

  it('returns revenue only to admins, and all other fields to all roles', async () => {
    const market = await newMarket()
    const query = `query ($buyer: ID!) {
      buyer(id: $buyer) { name revenue { amount } routing { states dailyCap { amount } } }
      analytics {
        revenueByBuyer(from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z") { buyer { name } revenue { amount } winRate }
        dashboard(period: WEEK) { period current { calls revenue { amount } profit { amount } } previous { calls } topCampaigns { campaign { name } calls } }
        callsByHour(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z") { hour calls spend { amount currency } }
      }
    }`
    const variables = { buyer: buyerId(market) }
    const admin = await gateway.ask(market.tenant, 'ADMIN', query, variables)
    expect(admin.errors).toEqual([])
    expect(admin.data).toMatchObject({
      buyer: { revenue: { amount: 0 } },
      analytics: { revenueByBuyer: [], dashboard: { current: { revenue: { amount: 0 } } } },
    })
    expect(admin.data.analytics.callsByHour).toHaveLength(24)
    const viewer = await gateway.ask(market.tenant, 'VIEWER', query, variables)
    expect(viewer.errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'])
    expect(viewer.data).toMatchObject({
      buyer: { name: 'Ada', revenue: null },
      analytics: { revenueByBuyer: null, dashboard: { current: { calls: 0, revenue: null } } },
    })
  })

  it('rejects an update of a buyer with an old version or with a name that is taken', async () => {
    const market = await newMarket()
    const create =
      'mutation ($input: CreateBuyerInput!) { createBuyer(input: $input) { buyer { id version name routing { states } } errors { code field } } }'
    const update =
      'mutation ($input: UpdateBuyerInput!) { updateBuyer(input: $input) { buyer { version active routing { dailyCap { amount } } } errors { code field } } }'
    const created = (await gateway.ask(market.tenant, 'EDITOR', create, { input: { name: 'Dee', states: ['ny', 'CA'] } })).data.createBuyer
    expect(created).toMatchObject({ buyer: { name: 'Dee', version: 1, routing: { states: ['CA', 'NY'] } }, errors: [] })
    expect((await gateway.ask(market.tenant, 'EDITOR', create, { input: { name: 'Dee' } })).data.createBuyer.errors).toEqual([
      { code: 'NAME_TAKEN', field: ['input', 'name'] },
    ])
    const change = (input: object) => gateway.ask(market.tenant, 'EDITOR', update, { input: { id: created.buyer.id, ...input } })
    expect((await change({ version: 1, active: false, dailyCap: { amount: 5, currency: 'USD' } })).data.updateBuyer).toEqual({
      buyer: { version: 2, active: false, routing: { dailyCap: { amount: 5 } } },
      errors: [],
    })
    expect((await change({ version: 1, active: true })).data.updateBuyer).toMatchObject({
      buyer: { version: 2, active: false },
      errors: [{ code: 'CONFLICT' }],
    })
    expect((await change({ version: 2, name: 'Ada' })).data.updateBuyer.errors).toMatchObject([{ code: 'NAME_TAKEN' }])
    expect((await change({ version: 2, dailyCap: null })).data.updateBuyer).toMatchObject({
      buyer: { routing: { dailyCap: null } },
      errors: [],
    })
    expect((await gateway.ask(market.tenant, 'VIEWER', create, { input: { name: 'Eve' } })).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ])
  })

  it('stores each event once, reports invalid events, and counts events in the next response', async () => {
    const [market, stranger] = [await newMarket(), await newMarket()]
    const event = (eventId: string, campaignId = market.campaignId) => ({
      eventId,
      campaignId: toGlobalId('Campaign', campaignId),
      kind: 'CLICK',
      occurredAt: new Date().toISOString(),
    })
    const send = async (...events: object[]) => (await gateway.ask(market.tenant, 'EDITOR', TRACK, { input: { events } })).data.trackEvents
    const from = new Date(Date.now() - 3_600_000).toISOString()
    const clicks = async () => (await gateway.ask(market.tenant, 'VIEWER', FIGURES, { from })).data.analytics.performance.events[1]
    expect(await clicks()).toEqual({ kind: 'CLICK', count: 0 })
    expect(await send(event('a'), event('b'), event('a'))).toEqual({ accepted: 2, duplicates: 1, errors: [] })
    expect(await clicks()).toEqual({ kind: 'CLICK', count: 2 })
    expect(
      await send(event('b'), event('c'), event('d', stranger.campaignId), { ...event('e'), occurredAt: '1999-12-31T00:00:00Z' }),
    ).toEqual({
      accepted: 1,
      duplicates: 1,
      errors: [
        { code: 'NOT_FOUND', field: ['input', 'events', '2', 'campaignId'] },
        { code: 'INVALID', field: ['input', 'events', '3', 'occurredAt'] },
      ],
    })
    const refreshed = await gateway.ask(market.tenant, 'ADMIN', 'mutation { refreshAnalytics { correctedRows errors { code } } }')
    expect(refreshed.data).toEqual({ refreshAnalytics: { correctedRows: 0, errors: [] } })
  })

  it('checks the domain names of all events in the same SQL statement that stores the events', async () => {
    const market = await newMarket()
    const { rows } = await sql<{ id: number }>`
      insert into domains (tenant_id, campaign_id, name, sld, tld, terms, score)
      select ${market.tenant}, ${market.campaignId}, 'd' || n || '.' || ${market.tenant} || '.com', 'd' || n, 'com', '{}', 1
      from generate_series(1, 50) as n returning id`.execute(scratch.db)
    const events = Array.from({ length: 200 }, (_, index) => ({
      eventId: `event-${index}`,
      campaignId: toGlobalId('Campaign', index === 199 ? market.otherCampaignId : market.campaignId),
      domainId: toGlobalId('Domain', rows[index % rows.length]?.id ?? 0),
      kind: 'IMPRESSION',
      occurredAt: new Date().toISOString(),
    }))
    gateway.takeStatements()
    const { data } = await gateway.ask(market.tenant, 'EDITOR', TRACK, { input: { events } })
    expect(gateway.takeStatements()).toBe(1)
    expect(data.trackEvents).toEqual({
      accepted: 199,
      duplicates: 0,
      errors: [{ code: 'NOT_FOUND', field: ['input', 'events', '199', 'domainId'] }],
    })
  })

  it('refuses events with OVERLOADED and a pause in ms if too many events are waiting, and accepts the same events later', async () => {
    const market = await newMarket()
    const calls = Array.from({ length: 4 }, (_, call) =>
      Array.from({ length: 300 }, (__, index) => ({
        eventId: `event-${call}-${index}`,
        campaignId: toGlobalId('Campaign', market.campaignId),
        kind: 'CLICK',
        occurredAt: new Date().toISOString(),
      })),
    )
    const send = (events: object[]) => gateway.ask(market.tenant, 'EDITOR', TRACK, { input: { events } })
    const answers = await Promise.all(calls.map(send))
    const refused = calls.filter((_, call) => answers[call]?.errors.length)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.length).toBeLessThan(calls.length)
    for (const { errors } of answers)
      for (const { extensions, message } of errors) {
        expect(extensions).toEqual({ code: 'OVERLOADED', retryAfterMs: expect.any(Number) })
        expect(message).toContain(`send the same events again in ${extensions.retryAfterMs} ms, with the same ids`)
      }
    for (const events of refused) expect((await send(events)).data.trackEvents).toEqual({ accepted: 300, duplicates: 0, errors: [] })
    for (const events of calls) expect((await send(events)).data.trackEvents).toEqual({ accepted: 0, duplicates: 300, errors: [] })
  })

  it('returns nothing of one tenant to another tenant', async () => {
    const [market, stranger] = [await newMarket(), await newMarket()]
    const call = await addCall(scratch.db, market)
    const placed = (await gateway.ask(market.tenant, 'EDITOR', PLACE, offer(market, call, 100))).data.placeBid
    const query = `query ($call: ID!, $bid: ID!, $buyer: ID!, $campaign: ID!) {
      call(id: $call) { id } bid(id: $bid) { id } buyer(id: $buyer) { id } nodes(ids: [$call, $bid, $buyer]) { id }
      calls(filter: { campaignId: $campaign }) { totalCount nodes { id } }
      bids(filter: { callId: $call }) { totalCount nodes { id } }
    }`
    const variables = {
      call: callId(call),
      bid: placed.bid.id,
      buyer: buyerId(market),
      campaign: toGlobalId('Campaign', market.campaignId),
    }
    expect((await gateway.ask(market.tenant, 'VIEWER', query, variables)).data).toMatchObject({
      call: { id: variables.call },
      bids: { totalCount: 1 },
    })
    expect((await gateway.ask(stranger.tenant, 'ADMIN', query, variables)).data).toEqual({
      call: null,
      bid: null,
      buyer: null,
      nodes: [null, null, null],
      calls: { totalCount: 0, nodes: [] },
      bids: { totalCount: 0, nodes: [] },
    })
    expect(
      (await gateway.ask(stranger.tenant, 'ADMIN', SETTLE, { input: { id: variables.call, durationSeconds: 1 } })).data.settleCall.errors,
    ).toEqual([{ code: 'NOT_FOUND' }])
  })
})

import { isObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localId, toGlobalId } from '#src/gateway/contract/global-id.ts'
import { buildGatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createIdleModules } from '#src/market/modules/index.ts'
import { Random } from '#src/market/seed/random.ts'
import { operationOf } from '../e2e/schema-walk.ts'
import { startMarketGateway } from './market-gateway.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
const { schema } = buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId })

const AMOUNTS = [0, 1, 10_000_000_000, 10_000_000_001, 2 ** 53 - 1, -(2 ** 53 - 1)]
const INTS = [0, 1, -1, 60, 86_400, 86_401, 10_000, 2 ** 31 - 1, -(2 ** 31)]
const MOMENTS = ['0001-01-01T00:00:00Z', '1999-12-31T23:59:59Z', '2000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z']
const TEXTS = [
  '',
  ' ',
  'x',
  '\u{1F600}'.repeat(120),
  'é'.repeat(121),
  '\u202e',
  "'; drop table bids",
  'CA',
  'USD',
  '\\',
  '{keyword}',
  'com',
]
const CALLERS = ['+12125550123', `+${'1'.repeat(15)}`, 'f'.repeat(64), '1'.repeat(10_000)]
const PAYLOAD = 'errors { code field message }'

let scratch: ScratchDatabase
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let market: Market

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'extremes')
  gateway = await startMarketGateway(scratch)
})

afterAll(async () => {
  await gateway?.close()
  await scratch?.drop()
})

async function addCall(): Promise<number> {
  const values = { tenantId: market.tenant, campaignId: market.campaignId, callerState: 'CA', startedAt: new Date().toISOString() }
  return (await scratch.db.insertInto('calls').values(values).returning('id').executeTakeFirstOrThrow()).id
}

const ids = () => ({
  campaign: toGlobalId('Campaign', market.campaignId),
  buyer: toGlobalId('Buyer', market.buyerIds[0] ?? 0),
})

/** Returns inputs for every mutation, with extreme values in the places of values. */
function inputs(random: Random, call: number, version: number): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const { campaign, buyer } = ids()
  const oneOf = <Item>(items: readonly Item[]): Item => random.pick(items)
  const money = (least = 0) => ({ amount: Math.max(least, oneOf(AMOUNTS)), currency: 'USD' })
  const texts = () => [oneOf(TEXTS)]
  return {
    createCampaign: {
      name: oneOf(TEXTS),
      budget: money(),
      keywords: ['roof'],
      tlds: ['com'],
      startsAt: oneOf(MOMENTS),
      endsAt: oneOf(MOMENTS),
    },
    updateCampaign: {
      id: campaign,
      version,
      name: oneOf(TEXTS),
      budget: { amount: oneOf(AMOUNTS), currency: 'USD' },
      keywords: texts(),
      patterns: texts(),
      endsAt: oneOf(MOMENTS),
    },
    createBuyer: {
      name: `${oneOf(TEXTS)}${random.integer(1, 1e9)}`,
      states: texts(),
      maxConcurrentCalls: oneOf(INTS),
      minDurationSeconds: oneOf(INTS),
      dailyCap: money(1),
      price: money(),
      caps: [{ period: 'TOTAL', counts: 'MONEY', maximum: Math.abs(oneOf(AMOUNTS)) }],
    },
    updateBuyer: {
      id: buyer,
      version: oneOf([1, 2, ...INTS]),
      states: [],
      minDurationSeconds: oneOf(INTS),
      dailyCap: oneOf([null, money(1)]),
    },
    createPublisher: {
      name: `${oneOf(TEXTS)}${random.integer(1, 1e9)}`,
      terms: oneOf([
        { kind: 'FIXED', amount: money() },
        { kind: 'REVENUE_SHARE', sharePermille: oneOf(INTS) },
      ]),
    },
    updatePublisher: { id: toGlobalId('Publisher', 1), version: oneOf([1, 2, ...INTS]), terms: { kind: 'FIXED', amount: money() } },
    createRoutingPlan: {
      name: `${oneOf(TEXTS)}${random.integer(1, 1e9)}`,
      plan: {
        reservationSeconds: oneOf([5, 600, ...INTS]),
        minimumPrice: money(),
        targets: [{ buyerId: buyer, price: money(), weight: oneOf(INTS) }],
      },
    },
    saveRoutingPlanDraft: { planId: toGlobalId('RoutingPlan', 1), plan: { minimumPrice: money() } },
    publishRoutingPlan: { draftId: toGlobalId('RoutingPlanVersion', oneOf([1, 2, 3])), version: oneOf([1, ...INTS]) },
    saveRuleSetDraft: {
      rules: { attempts: [{ maximum: 1, hours: oneOf(INTS) }], refuse: [{ name: oneOf(TEXTS), condition: oneOf(TEXTS) }] },
    },
    publishRuleSet: { id: toGlobalId('ComplianceRuleSet', 1), version: oneOf([1, ...INTS]) },
    placeBid: {
      callId: toGlobalId('Call', call),
      buyerId: buyer,
      amount: { amount: oneOf(AMOUNTS), currency: 'USD' },
      ttlSeconds: oneOf(INTS),
    },
    connectCall: { id: toGlobalId('Call', call) },
    pingCall: { campaignId: campaign, state: oneOf(['CA', ...TEXTS]), caller: oneOf(CALLERS), subId: oneOf(TEXTS) },
    postCall: { reservationId: toGlobalId('Reservation', oneOf([1, 2, 10 ** 15 - 1])), caller: oneOf(CALLERS) },
    settleCall: { id: toGlobalId('Call', call), durationSeconds: oneOf(INTS) },
    missCall: { id: toGlobalId('Call', call) },
    cancelBid: { id: toGlobalId('Bid', oneOf([1, 2, 10 ** 15 - 1])) },
    generateDomains: { campaignId: campaign, limit: oneOf([0, 1, 2 ** 31 - 1]), keywords: texts(), minScore: oneOf([0, 101, 2 ** 31 - 1]) },
    setDomainStatus: { id: toGlobalId('Domain', 1), status: 'LIVE', version: oneOf(INTS) },
    setDomainsStatus: { ids: [toGlobalId('Domain', 1)], status: 'REGISTERED' },
    pauseCampaign: { id: campaign, version: oneOf(INTS) },
    resumeCampaign: { id: campaign, version },
    archiveCampaign: { id: campaign, version: 2 ** 31 - 1 },
    deleteCampaign: { id: campaign, version: 2 ** 31 - 1 },
    suppressCaller: { caller: oneOf(CALLERS), scope: oneOf(['CAMPAIGN', 'TENANT']), scopeId: campaign, source: oneOf(TEXTS) },
    unsuppressCaller: { id: toGlobalId('Suppression', oneOf([1, 2, 10 ** 15 - 1])) },
    recordConsent: {
      caller: oneOf(CALLERS),
      source: oneOf(TEXTS),
      evidence: oneOf(TEXTS),
      givenAt: oneOf(MOMENTS),
      expiresAt: oneOf([null, ...MOMENTS]),
    },
    revokeConsent: { caller: oneOf(CALLERS), source: oneOf(TEXTS) },
    trackEvents: {
      events: [...MOMENTS, new Date(Date.now() + 23 * 3_600_000).toISOString()].map((occurredAt, index) => ({
        eventId: `e${random.integer(1, 1e9)}.${index}`,
        campaignId: campaign,
        kind: 'CLICK',
        occurredAt,
      })),
    },
  }
}

async function write(name: string, input: Readonly<Record<string, unknown>>) {
  const type = schema.getMutationType()?.getFields()[name]?.args[0]?.type
  return gateway.ask(market.tenant, 'ADMIN', `mutation ($input: ${type}) { ${name}(input: $input) { ${PAYLOAD} } }`, { input })
}

/** Reads every field that the schema offers to the tenant, with all nested fields. */
async function readEverything(): Promise<void> {
  const from = new Date(Date.now() - 30 * 86_400_000).toISOString()
  const pool = {
    id: ids().campaign,
    cursor: null,
    domainName: 'a.com',
    text: 'roof',
    currency: 'USD',
    version: 1,
    eventId: 'x',
    bare: true,
  }
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {})
  for (const field of fields) {
    const id = { buyer: ids().buyer, publisher: toGlobalId('Publisher', 1) }[field.name] ?? pool.id
    const { query, variables } = operationOf('query', field, { ...pool, id, from, to: from, bare: field.name !== 'ruleSets' })
    const { errors } = await gateway.ask(market.tenant, 'ADMIN', query, variables)
    expect([field.name, errors]).toEqual([field.name, []])
  }
  const money = '{ amount currency }'
  const analytics = `{ analytics {
    callsByHour(from: "${from}") { hour calls durationSeconds bids spend ${money} revenue ${money} }
    revenueByBuyer(from: "${from}") { bids revenue ${money} }
    performance(from: "${from}") { calls averageDurationSeconds costPerCall ${money} revenuePerCall ${money} profit ${money} events { count } }
    week: dashboard(period: WEEK) { current { calls profit ${money} } topCampaigns { calls revenue ${money} } } } }`
  const lists = ['campaigns', 'buyers', 'bids', 'calls'].map(
    (list) => `{ ${list}(first: 100) { totalCount nodes { id } edges { cursor } } }`,
  )
  const ordered = `{ campaigns(first: 100, orderBy: { field: BUDGET }) { nodes { startsAt endsAt budget ${money} } edges { cursor } }
    bids(first: 100, orderBy: { field: AMOUNT }) { nodes { amount ${money} expiresAt } } }`
  for (const query of [analytics, ordered, ...lists]) expect((await gateway.ask(market.tenant, 'ADMIN', query)).errors).toEqual([])
}

describe('a value that a mutation accepts', () => {
  it('can be read by every query, even if it is a very large number or a very early time; other values cause a client error', async () => {
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {}).filter((name) => name !== 'refreshAnalytics')
    const random = new Random('extremes')
    expect(Object.keys(inputs(random, 1, 1)).toSorted()).toEqual(mutations.toSorted())
    let accepted = 0
    for (let round = 0; round < 12; round++) {
      const call = await addCall()
      const { version } = await scratch.db
        .selectFrom('campaigns')
        .select('version')
        .where('id', '=', market.campaignId)
        .executeTakeFirstOrThrow()
      for (const [name, input] of Object.entries(inputs(random, call, version))) {
        const { data, errors } = await write(name, input)
        expect([name, input, errors.filter(({ extensions }) => extensions.code !== 'BAD_USER_INPUT')]).toEqual([name, input, []])
        if (data?.[name]?.errors.length === 0) accepted++
      }
    }
    expect(accepted).toBeGreaterThan(10)
    await readEverything()
  })

  it('is summed exactly, even for the largest bids and the longest phone calls of an hour', async () => {
    const buyer = await write('createBuyer', { name: 'large' })
    expect(buyer.errors).toEqual([])
    const { id } = await scratch.db.selectFrom('buyers').select('id').where('name', '=', 'large').executeTakeFirstOrThrow()
    // Earlier writes may have left the campaign in a state in which it takes no calls.
    await scratch.db
      .updateTable('campaigns')
      .set({ status: 'ACTIVE', startsAt: null, endsAt: null, budgetMinor: Number.MAX_SAFE_INTEGER })
      .where('id', '=', market.campaignId)
      .execute()
    const before = await scratch.db
      .selectFrom('campaignTotals')
      .select('revenueMinor')
      .where('campaignId', '=', market.campaignId)
      .executeTakeFirst()
    for (let call = 0; call < 3; call++) {
      const callId = toGlobalId('Call', await addCall())
      const bid = { callId, buyerId: toGlobalId('Buyer', id), amount: { amount: 10_000_000_000, currency: 'USD' } }
      expect((await write('placeBid', bid)).data.placeBid.errors).toEqual([])
      expect((await write('placeBid', { ...bid, amount: { amount: 10_000_000_001, currency: 'USD' } })).data.placeBid.errors[0].code).toBe(
        'INVALID',
      )
      expect((await write('settleCall', { id: callId, durationSeconds: 86_400 })).data.settleCall.errors).toEqual([])
    }
    const query = `{ campaign(id: "${ids().campaign}") { statistics { revenue { amount } } } }`
    const { data } = await gateway.ask(market.tenant, 'ADMIN', query)
    expect(data.campaign.statistics.revenue.amount).toBe((before?.revenueMinor ?? 0) + 30_000_000_000)
  })

  it('is counted correctly even if the count exceeds the largest Int', async () => {
    const [calls, seconds] = [3_000_000_000, 9_000_000_000_000]
    const ofCampaign = { tenantId: market.tenant, campaignId: market.campaignId }
    const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 7_200_000).toISOString()
    const rest = { settledCalls: calls, bids: calls, wonBids: calls, spendMinor: 0, revenueMinor: 0, payoutMinor: 0 }
    await scratch.db
      .insertInto('campaignHours')
      .values({ ...ofCampaign, hour, calls, durationSeconds: seconds, ...rest })
      .execute()
    await scratch.db
      .insertInto('eventHours')
      .values({ ...ofCampaign, hour, kind: 'IMPRESSION', count: calls })
      .execute()
    const { data, errors } = await gateway.ask(
      market.tenant,
      'ADMIN',
      `{ analytics {
        callsByHour(from: "${hour}", to: "${new Date(Date.parse(hour) + 3_600_000).toISOString()}") { calls settledCalls durationSeconds bids wonBids }
        performance(from: "${hour}", to: "${new Date(Date.parse(hour) + 3_600_000).toISOString()}") { calls settledCalls bids wonBids events { kind count } } } }`,
    )
    expect(errors).toEqual([])
    const all = { calls, settledCalls: calls, bids: calls, wonBids: calls }
    expect(data.analytics.callsByHour).toEqual([{ ...all, durationSeconds: seconds }])
    expect(data.analytics.performance).toMatchObject({ ...all, events: [{ kind: 'IMPRESSION', count: calls }, {}, {}, {}, {}] })
  })
})

describe('the number types in the schema', () => {
  it('are Int only for the values of a single row or a single request, and a larger type for all other values', () => {
    const ofOneRow = [
      'version',
      'score',
      'popularityRank',
      'maxConcurrentCalls',
      'minDurationSeconds',
      'sharePermille',
      'number',
      'targetCount',
      'reservationSeconds',
      'tier',
      'weight',
      'maximum',
      'hours',
      'days',
      'tier',
      'weight',
      'concurrentCalls',
      'remainingConcurrentCalls',
      'Call.durationSeconds',
    ]
    const ofOneRequest = ['totalCount', 'accepted', 'duplicates', 'GenerateDomainsPayload.count']
    const bounded = [...ofOneRow, ...ofOneRequest]
    const ints = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) && !type.name.startsWith('__')
        ? Object.values(type.getFields()).flatMap((field) => (/^Int!?$/.test(String(field.type)) ? [`${type.name}.${field.name}`] : []))
        : [],
    )
    expect(ints.filter((name) => !bounded.includes(name) && !bounded.includes(name.replace(/.*\./, '')))).toEqual([])
  })
})

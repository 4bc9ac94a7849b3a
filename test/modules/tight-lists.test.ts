import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { addCall, addMarket, type Market } from './scratch-database.ts'
import { startWholeGateway, type WholeGateway } from './whole-gateway.ts'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
const iso = (time: number) => new Date(time).toISOString()

let gateway: WholeGateway
let market: Market
let viewer: Principal
let ids: Readonly<Record<'call' | 'otherCall' | 'domain' | 'otherDomain' | 'bid', number>>

beforeAll(async () => {
  gateway = await startWholeGateway()
  const { db } = gateway
  market = await addMarket(db, 'tight')
  viewer = { tenant: 'tight', userId: '1', role: 'ADMIN' }
  const domains = await db
    .insertInto('domains')
    .values(
      ['one.com', 'two.org'].map((name) => ({
        tenantId: 'tight',
        campaignId: market.campaignId,
        name,
        sld: name.slice(0, 3),
        tld: name.slice(4),
        terms: sql<string[]>`array[${name.slice(0, 3)}]`,
        status: 'LIVE' as const,
        score: 50,
        popularityRank: null,
      })),
    )
    .returning('id')
    .execute()
  const startedAt = iso(Date.now() - 2 * HOUR_MS)
  const call = await addCall(db, market, { startedAt })
  const otherCall = await addCall(db, market, { startedAt, callerState: 'TX' })
  ids = { call, otherCall, domain: domains[0]?.id ?? 0, otherDomain: domains[1]?.id ?? 0, bid: 0 }
  ids = { ...ids, bid: await placeBid(call, 0) }
  await gateway.catchUp()
})

afterAll(() => gateway?.close())

async function placeBid(callId: number, buyer: number): Promise<number> {
  const now = Date.now()
  const values = { placedAt: iso(now), expiresAt: iso(now + DAY_MS), amountMinor: 500 }
  const { id } = await gateway.db
    .insertInto('bids')
    .values({ ...values, tenantId: 'tight', callId, campaignId: market.campaignId, buyerId: market.buyerIds[buyer] ?? 0 })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

const run = (statement: string) => () => sql.raw(statement).execute(gateway.db)
const updateCampaign = (set: string, id: () => number) => () => run(`update campaigns set ${set} where id = ${id()}`)()
const globalId = (type: string, id: number | undefined) => toGlobalId(type, id ?? 0)
const count = (list: string) => `{ ${list} { totalCount pageInfo { endCursor } } }`
let serial = 0

async function addEvent(occurredAt = Date.now()): Promise<void> {
  const event = { eventId: `event-${++serial}`, kind: 'CLICK' as const, occurredAt: iso(occurredAt) }
  await gateway.db
    .insertInto('events')
    .values({ ...event, tenantId: 'tight', campaignId: market.campaignId, domainId: null })
    .execute()
}

interface Row {
  readonly of: string
  readonly query: () => string
  /** Writes after which the response must still be cached, by description. */
  readonly unrelated: Readonly<Record<string, () => Promise<unknown>>>
  readonly related: Readonly<Record<string, () => Promise<unknown>>>
}

const rows: readonly Row[] = [
  {
    of: 'the bids on a phone call',
    query: () => count(`bids(filter: { callId: "${globalId('Call', ids.call)}" })`),
    unrelated: { 'a bid for another call': () => placeBid(ids.otherCall, 0) },
    related: { 'a bid for it': () => placeBid(ids.call, 0) },
  },
  {
    of: 'the bids of a buyer',
    query: () => count(`bids(filter: { buyerId: "${globalId('Buyer', market.buyerIds[0])}" })`),
    unrelated: { "another buyer's bid": () => placeBid(ids.call, 1) },
    related: { 'a bid of the buyer': () => placeBid(ids.call, 0) },
  },
  {
    of: 'the winning bids',
    query: () => count('bids(filter: { status: WON })'),
    unrelated: { 'a bid that is placed': () => placeBid(ids.call, 0) },
    related: { 'a bid that wins': () => run(`update bids set status = 'WON' where id = ${ids.bid}`)() },
  },
  {
    of: 'the bids nested in a phone call',
    query: () => `{ call(id: "${globalId('Call', ids.call)}") { bids { totalCount pageInfo { endCursor } } } }`,
    unrelated: { 'a bid for another call': () => placeBid(ids.otherCall, 0) },
    related: { 'a bid for it': () => placeBid(ids.call, 0) },
  },
  {
    of: 'the phone calls nested in a campaign',
    query: () => `{ campaign(id: "${globalId('Campaign', market.campaignId)}") { calls { totalCount pageInfo { endCursor } } } }`,
    unrelated: { 'a call of another campaign': () => addCall(gateway.db, market, { campaignId: market.otherCampaignId }) },
    related: { 'a call of it': () => addCall(gateway.db, market) },
  },
  {
    of: 'the open bids of a buyer',
    query: () => `{ buyer(id: "${globalId('Buyer', market.buyerIds[2])}") { activeBids { totalCount pageInfo { endCursor } } } }`,
    unrelated: { "another buyer's bid": () => placeBid(ids.call, 1) },
    related: { 'a bid of the buyer': () => placeBid(ids.call, 2) },
  },
  {
    of: 'the phone calls of a domain name',
    query: () => count(`calls(filter: { domainId: "${globalId('Domain', ids.domain)}" })`),
    unrelated: { 'a call by another domain': () => run(`update calls set domain_id = ${ids.otherDomain} where id = ${ids.otherCall}`)() },
    related: { 'a call by it': () => run(`update calls set domain_id = ${ids.domain} where id = ${ids.call}`)() },
  },
  {
    of: 'the phone calls from a state',
    query: () => count('calls(filter: { callerState: "ca" })'),
    unrelated: { 'a call from another state': () => addCall(gateway.db, market, { callerState: 'NV' }) },
    related: { 'a call from it': () => addCall(gateway.db, market) },
  },
  {
    of: 'the missed phone calls',
    query: () => count('calls(filter: { status: MISSED })'),
    unrelated: { 'a call that rings': () => addCall(gateway.db, market) },
    related: { 'a call that is missed': () => run(`update calls set status = 'MISSED' where id = ${ids.otherCall}`)() },
  },
  {
    of: 'the campaigns',
    query: () => count('campaigns'),
    unrelated: {
      "a campaign's budget": updateCampaign('budget_minor = budget_minor + 1', () => market.campaignId),
      "a campaign's name": updateCampaign("name = name || '.'", () => market.campaignId),
    },
    related: { 'a new campaign': () => addMarketCampaign() },
  },
  {
    of: 'the count of campaigns in the order of their budgets',
    query: () => '{ campaigns(orderBy: { field: BUDGET }) { totalCount } }',
    unrelated: {},
    related: { "a campaign's budget": updateCampaign('budget_minor = budget_minor + 1', () => market.campaignId) },
  },
  {
    of: 'the campaigns that are paused',
    query: () => count('campaigns(filter: { status: [PAUSED] })'),
    unrelated: { 'a campaign that is archived': updateCampaign("status = 'ARCHIVED'", () => market.otherCampaignId) },
    related: { 'a campaign that is paused': updateCampaign("status = 'PAUSED'", () => market.campaignId) },
  },
  {
    of: 'the active buyers',
    query: () => count('buyers(filter: { active: true })'),
    unrelated: {
      "an active buyer's cap": () => run(`update buyers set daily_cap_minor = 5 where id = ${market.buyerIds[0]}`)(),
      'a bid of an active buyer': () => placeBid(ids.call, 0),
    },
    related: { 'a buyer that is no longer active': () => run(`update buyers set active = false where id = ${market.buyerIds[2]}`)() },
  },
  {
    of: 'the inactive buyers',
    query: () => count('buyers(filter: { active: false })'),
    unrelated: { "an active buyer's name": () => run(`update buyers set name = name || '.' where id = ${market.buyerIds[0]}`)() },
    related: { 'a buyer that is no longer active': () => run(`update buyers set active = false where id = ${market.buyerIds[1]}`)() },
  },
  ...['domains', 'searchDomains(query: "one")'].map((list): Row => {
    const filtered = (filter: string) => (list === 'domains' ? `domains(filter: ${filter})` : list.replace(')', `, filter: ${filter})`))
    return {
      of: `${list} with one top-level domain`,
      query: () => count(filtered('{ tlds: ["com"] }')),
      unrelated: {
        'a domain with another': () => run(`update domains set score = score + 1 where id = ${ids.otherDomain}`)(),
        'the status of one with it': () =>
          run(`update domains set status = case status when 'PAUSED' then 'LIVE' else 'PAUSED' end where id = ${ids.domain}`)(),
      },
      related: { 'the score of one with it': () => run(`update domains set score = score + 1 where id = ${ids.domain}`)() },
    }
  }),
  {
    of: 'the domains that have expired',
    query: () => count('domains(filter: { status: [EXPIRED] })'),
    unrelated: { 'a domain that is paused': () => run(`update domains set status = 'PAUSED' where id = ${ids.otherDomain}`)() },
    related: { 'a domain that expires': () => run(`update domains set status = 'EXPIRED' where id = ${ids.otherDomain}`)() },
  },
  {
    of: 'the domains with a score',
    query: () => count('domains(filter: { minScore: 10 })'),
    unrelated: { "a domain's status": () => run(`update domains set status = 'REGISTERED' where id = ${ids.otherDomain}`)() },
    related: { "a domain's score": () => run(`update domains set score = 5 where id = ${ids.otherDomain}`)() },
  },
  {
    of: 'the revenue of a buyer',
    query: () => `{ buyer(id: "${globalId('Buyer', market.buyerIds[0])}") { revenue { amount } } }`,
    unrelated: {
      'a bid that it places': () => placeBid(ids.call, 0),
      'a bid that it loses': () => run(`update bids set status = 'LOST' where status = 'ACTIVE' and buyer_id = ${market.buyerIds[0]}`)(),
    },
    related: {
      'a bid that it wins': () =>
        run(
          `update bids set status = 'WON' where id = (select max(id) from bids where status = 'LOST' and buyer_id = ${market.buyerIds[0]})`,
        )(),
    },
  },
  {
    of: 'the figures of a past day',
    query: () => figures(Date.now() - 9 * DAY_MS),
    unrelated: { "today's events": () => addEvent(), "today's bids": () => placeBid(ids.call, 0) },
    related: { 'a late event of that day': () => addEvent(Date.now() - 9 * DAY_MS) },
  },
  {
    of: "a dashboard's calls",
    query: () => '{ analytics { dashboard(period: WEEK) { current { calls bids } topCampaigns { calls } } } }',
    unrelated: { 'a click': () => addEvent() },
    related: { 'a call': () => addCall(gateway.db, market, { startedAt: iso(Date.now()) }) },
  },
]

const figures = (from: number) =>
  `{ analytics { performance(from: "${iso(Math.floor(from / DAY_MS) * DAY_MS)}", to: "${iso((Math.floor(from / DAY_MS) + 1) * DAY_MS)}") { calls events { count } } } }`

function addMarketCampaign() {
  return run(
    `insert into campaigns (tenant_id, owner_id, name, budget_minor, keywords, tlds, patterns) select tenant_id, owner_id, 'Three', 1, keywords, tlds, patterns from campaigns where id = ${market.campaignId}`,
  )()
}

/** Returns the X-Cache header of the query after the cache has applied the write. */
async function sourceAfter(write: () => Promise<unknown>, query: string): Promise<string | undefined> {
  const known = await gateway.ask(query, viewer)
  expect(known.errors).toEqual([])
  expect((await gateway.ask(query, viewer)).headers.get('x-cache')).toBe('HIT')
  await write()
  await gateway.catchUp()
  return (await gateway.ask(query, viewer)).headers.get('x-cache')
}

describe('a write to the database', () => {
  it.each(rows)('invalidates the response for $of only if the write changes that response', async ({ query, unrelated, related }) => {
    for (const [name, write] of Object.entries(unrelated)) expect([name, await sourceAfter(write, query())]).toEqual([name, 'HIT'])
    for (const [name, write] of Object.entries(related)) expect([name, await sourceAfter(write, query())]).not.toEqual([name, 'HIT'])
  })

  it('that adds a click makes the gateway reload the event counts of a dashboard but not its counts of phone calls', async () => {
    const query = '{ analytics { dashboard { current { calls events { count } } previous { events { count } } } } }'
    gateway.statements()
    const first = await gateway.ask(query, viewer)
    expect(gateway.statements().join(' ')).toContain('campaign_hours')
    await addEvent()
    await gateway.catchUp()
    gateway.statements()
    const second = await gateway.ask(query, viewer)
    expect(gateway.statements().filter((statement) => /_hours/.test(statement))).toEqual([expect.stringContaining('event_hours')])
    const events = ({ data }: typeof first, period: string) =>
      data['analytics'].dashboard[period].events.reduce((sum: number, { count }: { count: number }) => sum + count, 0)
    expect(events(second, 'current')).toBe(events(first, 'current') + 1)
    expect(events(second, 'previous')).toBe(events(first, 'previous'))
  })
})

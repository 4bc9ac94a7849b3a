import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReadContext } from '#src/gateway/contract/module.ts'
import { listCampaigns } from '#src/market/modules/campaigns/queries.ts'
import { conditionsOf, listDomains, listDomainsOfCampaigns, searchDomains } from '#src/market/modules/domains/queries.ts'
import type { Answer } from './market-gateway.ts'
import { startMarketGateway } from './market-gateway.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

let scratch: ScratchDatabase
let market: Market
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let read: ReadContext

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'acme')
  gateway = await startMarketGateway(scratch)
  read = { db: scratch.db, tenant: 'acme', now: Date.now() }
})
afterAll(async () => {
  await gateway?.close()
  await scratch?.drop()
})

const ask = (query: string, variables: Readonly<Record<string, unknown>>): Promise<Answer> => gateway.ask('acme', 'ADMIN', query, variables)
const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item)
const refusal = (path: string, max: number, got: number) => [
  {
    message: `Expected at most ${max} items in \`${path}\`, got ${got}: leave some out.`,
    extensions: { code: 'BAD_USER_INPUT' },
  },
]

describe('a list in an argument', () => {
  it.each([
    ['query ($filter: DomainFilter) { domains(filter: $filter) { totalCount } }', 'tlds', 100, 'com'],
    ['query ($filter: DomainFilter) { domains(filter: $filter) { totalCount } }', 'status', 6, 'LIVE'],
    ['query ($filter: DomainFilter) { searchDomains(query: "roof", filter: $filter) { totalCount } }', 'tlds', 100, 'com'],
    ['query ($filter: DomainFilter) { searchDomains(query: "roof", filter: $filter) { totalCount } }', 'status', 6, 'LIVE'],
    ['query ($filter: CampaignFilter) { campaigns(filter: $filter) { totalCount } }', 'status', 4, 'DRAFT'],
    ['query ($filter: DomainsOfCampaignFilter) { campaigns { nodes { domains(filter: $filter) { totalCount } } } }', 'tlds', 100, '.net'],
    ['query ($filter: DomainsOfCampaignFilter) { campaigns { nodes { domains(filter: $filter) { totalCount } } } }', 'status', 6, 'LIVE'],
  ])('is accepted at its maximum length and rejected above that length: %s %s', async (query, field, max, item) => {
    const accepted = await ask(query, { filter: { [field]: times(max, item) } })
    expect(accepted.errors).toEqual([])
    const refused = await ask(query, { filter: { [field]: times(max + 1, item) } })
    expect(refused.errors.length).toBeGreaterThan(0)
    expect(refused.errors.slice(0, 1)).toMatchObject(refusal(`filter.${field}`, max, max + 1))
  })

  it.each([
    ['listDomains', () => listDomains([null], { first: 1, filter: { tlds: times(101, 'com') } }, read)],
    ['searchDomains', () => searchDomains([null], { query: 'roof', first: 1, filter: { status: times(7, 'LIVE' as const) } }, read)],
    ['listDomainsOfCampaigns', () => listDomainsOfCampaigns([], { first: 1, filter: { tlds: times(101, 'com') } }, read)],
    ['listCampaigns', () => listCampaigns([null], { first: 1, filter: { status: times(5, 'DRAFT' as const) } }, read)],
  ])('is rejected by %s before the database is queried', async (_, load) => {
    await expect(load()).rejects.toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }))
  })

  it('matches nothing if it is empty', async () => {
    const { data } = await ask(
      '{ none: domains(filter: { tlds: [] }) { totalCount } neither: domains(filter: { status: [] }) { totalCount } }',
      {},
    )
    expect(data).toEqual({ none: { totalCount: 0 }, neither: { totalCount: 0 } })
  })

  it('of top-level domains is normalized only once, before the page and the total count are loaded', async () => {
    const [connection] = await listDomains([null], { first: 1, filter: { tlds: ['.COM', 'com', 'みんな'] } }, read)
    expect(connection).toMatchObject({ source: { filter: { tlds: ['com', 'xn--q9jyb4c'] } } })
    // The value is not an A-label, so a second normalization would reject it.
    expect(() => conditionsOf({ campaignId: null, query: null, filter: { tlds: ['no such tld'] } })).not.toThrow()
  })

  it('has its length checked before any of its ids is decoded', async () => {
    const query =
      'mutation ($ids: [ID!]!) { setDomainsStatus(input: { ids: $ids, status: LIVE }) { domains { id } errors { code message field } } }'
    const { data } = await ask(query, { ids: times(1001, 'x') })
    expect(data.setDomainsStatus).toEqual({
      domains: [],
      errors: [{ code: 'INVALID', message: 'Expected from 1 to 1000 ids, got 1001.', field: ['input', 'ids'] }],
    })
    const atTheBound = await ask(query, { ids: times(1000, 'x') })
    expect(atTheBound.data.setDomainsStatus.errors).toHaveLength(1000)
  })

  it('of US states has at most 60 items', async () => {
    const query = 'mutation ($input: CreateBuyerInput!) { createBuyer(input: $input) { buyer { id } errors { message field } } }'
    const accepted = await ask(query, { input: { name: 'Sixty', states: times(60, 'ca') } })
    expect(accepted.data.createBuyer.errors).toEqual([])
    const refused = await ask(query, { input: { name: 'Sixty-one', states: times(61, 'ca') } })
    expect(refused.data.createBuyer.errors).toEqual([{ message: 'Expected from 0 to 60 states, got 61.', field: ['input', 'states'] }])
    const long = await ask(query, { input: { name: 'Long', states: [`ca${' '.repeat(50)}`] } })
    expect(long.data.createBuyer.errors).toEqual([
      { message: `Expected US states of two letters such as CA, got "ca${' '.repeat(38)}…".`, field: ['input', 'states'] },
    ])
    expect(market.campaignId).toBeGreaterThan(0)
  })

  it('of US states is rejected if a state has a leading space, and a filter by such a state is also rejected', async () => {
    const create = 'mutation ($input: CreateBuyerInput!) { createBuyer(input: $input) { buyer { id } errors { code field } } }'
    const { data } = await ask(create, { input: { name: 'Blanks', states: [' ca'] } })
    expect(data.createBuyer).toEqual({ buyer: null, errors: [{ code: 'INVALID', field: ['input', 'states'] }] })
    const filtered = await ask('{ buyers(filter: { acceptsState: " ca" }) { totalCount } }', {})
    expect(filtered.errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { addCall, addMarket, type Market } from './scratch-database.ts'
import { startWholeGateway, type WholeGateway } from './whole-gateway.ts'

let gateway: WholeGateway
let market: Market
let stranger: Market

const viewer = (tenant: string, role: Principal['role'] = 'ADMIN'): Principal => ({ tenant, role, userId: '1' })
const acme = viewer('acme')

beforeAll(async () => {
  gateway = await startWholeGateway()
  market = await addStockedMarket('acme')
  stranger = await addStockedMarket('other')
  await gateway.catchUp()
})
afterAll(() => gateway?.close())

/** Creates two campaigns, each with eight domains, of which the first is live, and with a phone call that has three bids. */
async function addStockedMarket(tenant: string): Promise<Market> {
  const { db } = gateway
  const market = await addMarket(db, tenant)
  for (const campaignId of [market.campaignId, market.otherCampaignId]) {
    const domains = Array.from({ length: 8 }, (_, index) => {
      const sld = `${tenant}-roof-${campaignId}-${index}`
      const status = index === 0 ? ('LIVE' as const) : ('REGISTERED' as const)
      return {
        tenantId: tenant,
        campaignId,
        name: `${sld}.com`,
        sld,
        tld: 'com',
        terms: ['roof'],
        status,
        popularityRank: index + 1,
        score: index,
      }
    })
    await db.insertInto('domains').values(domains).execute()
    const callId = await addCall(db, market, { campaignId })
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const bids = market.buyerIds.map((buyerId) => ({ tenantId: tenant, callId, campaignId, buyerId, amountMinor: 100, expiresAt }))
    await db.insertInto('bids').values(bids).execute()
  }
  return market
}

const PAGE = `{
  campaigns(first: 50) {
    nodes {
      id name budget { amount currency } owner { name }
      domains(first: 5) { nodes { name status campaign { name } } }
      statistics { domainsByStatus { status count } calls bids winRate spend { amount } revenue { amount } }
      bids(first: 3) { nodes { amount { amount } buyer { name } } }
    }
  }
}`

describe('a page of campaigns with all nested objects', () => {
  it('costs at most two statements for each table, and none the second time', async () => {
    await addStockedMarket('asked-for-the-first-time')
    await gateway.catchUp()
    const newcomer = viewer('asked-for-the-first-time')
    gateway.statements()
    const cold = await gateway.ask(PAGE, newcomer)
    expect(cold.errors).toEqual([])
    const { nodes } = cold.data['campaigns']
    expect(nodes).toHaveLength(2)
    for (const node of nodes) {
      expect(node.domains.nodes).toHaveLength(5)
      expect(node.bids.nodes).toMatchObject([{ buyer: {} }, { buyer: {} }, { buyer: {} }])
      expect(node.statistics).toMatchObject({ calls: 1, bids: 3 })
    }
    const tables = gateway.statements().map((statement) => /from "?(?!unnest)(\w+)/.exec(statement)?.[1])
    const counts = Object.fromEntries([...Map.groupBy(tables, String)].map(([table, statements]) => [table, statements.length]))
    expect(counts).toEqual({ campaigns: 2, tenants: 1, users: 1, domains: 2, domain_counts: 1, campaign_totals: 2, bids: 2, buyers: 1 })
    const warm = await gateway.ask(PAGE, newcomer)
    expect(gateway.statements()).toEqual([])
    expect(warm.data).toEqual(cold.data)
    expect(warm.headers.get('x-cache')).toBe('HIT')
  })

  it('does not load the target of a foreign key if only its id is requested', async () => {
    gateway.statements()
    const query = `query ($id: ID!) { campaign(id: $id) { owner { ...Reference } bids(first: 2) { nodes { buyer { __typename id } call { id } } } } }
      fragment Reference on Node { id ... on User { id } }`
    const { data, errors } = await gateway.ask(query, acme, { id: toGlobalId('Campaign', market.campaignId) })
    expect(errors).toEqual([])
    expect(data['campaign'].owner).toEqual({ id: expect.any(String) })
    expect(data['campaign'].bids.nodes[0]).toEqual({
      buyer: { __typename: 'Buyer', id: expect.any(String) },
      call: { id: expect.any(String) },
    })
    expect(gateway.statements().filter((statement) => /from "?(users|buyers|calls)/.test(statement))).toEqual([])
  })

  it('has current values after a mutation', async () => {
    const query = 'query ($id: ID!) { campaign(id: $id) { name version domains(first: 100) { totalCount nodes { name } } domainCount } }'
    const variables = { id: toGlobalId('Campaign', market.campaignId) }
    const { data: before } = await gateway.ask(query, acme, variables)
    const generated = await gateway.ask(
      'mutation ($input: GenerateDomainsInput!) { generateDomains(input: $input) { count errors { message } domains { name } campaign { domainCount } } }',
      acme,
      { input: { campaignId: variables.id, limit: 3 } },
    )
    expect(generated.data['generateDomains']).toMatchObject({
      count: 3,
      errors: [],
      campaign: { domainCount: before['campaign'].domainCount + 3 },
    })
    const { data: after } = await gateway.ask(query, acme, variables)
    expect(after['campaign'].domainCount).toBe(before['campaign'].domainCount + 3)
    expect(after['campaign'].domains.totalCount).toBe(before['campaign'].domains.totalCount + 3)
    const names = after['campaign'].domains.nodes.map(({ name }: { name: string }) => name)
    for (const { name } of generated.data['generateDomains'].domains) expect(names).toContain(name)

    const update = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name version } errors { code } } }'
    const first = await gateway.ask(update, acme, { input: { ...variables, version: after['campaign'].version, name: 'Renamed' } })
    expect(first.data['updateCampaign']).toEqual({ campaign: { name: 'Renamed', version: 2 }, errors: [] })
    const second = await gateway.ask(update, acme, { input: { ...variables, version: after['campaign'].version, name: 'Too late' } })
    expect(second.data['updateCampaign']).toEqual({ campaign: { name: 'Renamed', version: 2 }, errors: [{ code: 'CONFLICT' }] })
    expect((await gateway.ask(query, acme, variables)).data['campaign'].name).toBe('Renamed')
  })
})

describe('a campaign that is deleted', () => {
  it('is immediately missing from lists and counts, like its domain names, phone calls and bids', async () => {
    const doomed = await addStockedMarket('deleting')
    await gateway.catchUp()
    const admin = viewer('deleting')
    const query = '{ campaigns { totalCount nodes { id } } domains { totalCount } calls { totalCount } bids { totalCount } }'
    expect((await gateway.ask(query, admin)).data).toMatchObject({
      campaigns: { totalCount: 2 },
      domains: { totalCount: 16 },
      bids: { totalCount: 6 },
    })
    const input = { id: toGlobalId('Campaign', doomed.campaignId), version: 1 }
    const deleted = await gateway.ask(
      'mutation ($input: DeleteCampaignInput!) { deleteCampaign(input: $input) { deletedId errors { code } } }',
      admin,
      { input },
    )
    expect(deleted.data['deleteCampaign']).toEqual({ deletedId: input.id, errors: [] })
    expect((await gateway.ask(query, admin)).data).toEqual({
      campaigns: { totalCount: 1, nodes: [{ id: toGlobalId('Campaign', doomed.otherCampaignId) }] },
      domains: { totalCount: 8 },
      calls: { totalCount: 1 },
      bids: { totalCount: 3 },
    })
    expect((await gateway.ask(`{ node(id: "${input.id}") { id } }`, admin)).data).toEqual({ node: null })
  })
})

describe('a domain name', () => {
  it('is found in any letter case and with a final dot, and also right after its creation, although its absence was cached', async () => {
    const byName = async (name: string) =>
      (await gateway.ask('query ($name: DomainName!) { domainByName(name: $name) { name } }', acme, { name })).data['domainByName']
    const name = `acme-roof-${market.campaignId}-0.com`
    expect(await byName(`ACME-Roof-${market.campaignId}-0.COM.`)).toEqual({ name })
    expect(await byName('made-later.com')).toBeNull()
    await gateway.ask('mutation ($input: GenerateDomainsInput!) { generateDomains(input: $input) { count } }', acme, {
      input: { campaignId: toGlobalId('Campaign', market.campaignId), limit: 1, keywords: ['made-later'], patterns: ['{keyword}'] },
    })
    expect(await byName('Made-Later.com')).toEqual({ name: 'made-later.com' })
  })

  it('is public only while its status is LIVE', async () => {
    const name = `acme-roof-${market.campaignId}-0.com`
    const live = async () =>
      (await gateway.ask('query ($name: DomainName!) { liveDomain(name: $name) { name tld status popularityRank } }', null, { name })).data[
        'liveDomain'
      ]
    expect(await live()).toEqual({ name, tld: 'com', status: 'LIVE', popularityRank: 1 })
    const { data } = await gateway.ask('query ($name: DomainName!) { domainByName(name: $name) { id version } }', acme, { name })
    const set = await gateway.ask(
      'mutation ($input: SetDomainStatusInput!) { setDomainStatus(input: $input) { domain { status } errors { code } } }',
      acme,
      {
        input: { id: data['domainByName'].id, status: 'PAUSED', version: data['domainByName'].version },
      },
    )
    expect(set.data['setDomainStatus']).toEqual({ domain: { status: 'PAUSED' }, errors: [] })
    expect(await live()).toBeNull()
  })

  it('is found by a search, which also counts its results for each status and each top-level domain', async () => {
    const { data, errors } = await gateway.ask(
      '{ searchDomains(query: "Roof", first: 2) { totalCount nodes { name } facets { statuses { status count } tlds { tld count } } } }',
      acme,
    )
    expect(errors).toEqual([])
    const { totalCount, nodes, facets } = data['searchDomains']
    expect(nodes).toHaveLength(2)
    expect(facets.tlds).toEqual([{ tld: 'com', count: totalCount }])
  })
})

describe('a caller without an access token', () => {
  it('can read only public fields', async () => {
    const open = await gateway.ask(
      '{ tlds(kind: GENERIC) { name } suggestDomains(config: { keywords: ["roof"], limit: 3 }) { name score } domainPatterns(keywords: ["roof"]) { pattern } }',
      null,
    )
    expect(open.errors).toEqual([])
    expect(open.data['suggestDomains']).toHaveLength(3)
    expect(open.data['domainPatterns'].length).toBeGreaterThan(0)
    for (const query of [
      '{ viewer { role } }',
      '{ campaigns { totalCount } }',
      `{ node(id: "${toGlobalId('Campaign', market.campaignId)}") { id } }`,
    ]) {
      expect((await gateway.ask(query, null)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    }
  })
})

describe('the roles of users', () => {
  it('allow reading revenue from ADMIN upwards, writing from EDITOR upwards, and deleting from ADMIN upwards', async () => {
    const id = toGlobalId('Campaign', market.otherCampaignId)
    const revenue = `{ campaign(id: "${id}") { name statistics { calls revenue { amount } } } }`
    expect((await gateway.ask(revenue, acme)).data['campaign'].statistics.revenue).toEqual({ amount: 0 })
    const editor = await gateway.ask(revenue, viewer('acme', 'EDITOR'))
    expect(editor.data['campaign'].statistics).toEqual({ calls: 1, revenue: null })
    expect(editor.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    const forbidden = [{ extensions: { code: 'FORBIDDEN' } }]
    expect(
      (await gateway.ask(`mutation { pauseCampaign(input: { id: "${id}" }) { errors { code } } }`, viewer('acme', 'VIEWER'))).errors,
    ).toMatchObject(forbidden)
    expect(
      (await gateway.ask(`mutation { deleteCampaign(input: { id: "${id}" }) { errors { code } } }`, viewer('acme', 'EDITOR'))).errors,
    ).toMatchObject(forbidden)
  })
})

describe('a caller of another tenant', () => {
  it('reads nothing by the ids of the first tenant', async () => {
    const ids = [
      ['Campaign', stranger.campaignId],
      ['Buyer', stranger.buyerIds[0] ?? 0],
      ['Tenant', 'other'],
      ['User', (await gateway.db.selectFrom('users').select('id').where('tenantId', '=', 'other').executeTakeFirstOrThrow()).id],
      ...(await gateway.db.selectFrom('domains').select('id').where('tenantId', '=', 'other').execute()).map(({ id }) => ['Domain', id]),
      ...(await gateway.db.selectFrom('calls').select('id').where('tenantId', '=', 'other').execute()).map(({ id }) => ['Call', id]),
      ...(await gateway.db.selectFrom('bids').select('id').where('tenantId', '=', 'other').execute()).map(({ id }) => ['Bid', id]),
    ].map(([type, id]) => toGlobalId(String(type), String(id)))
    const { data, errors } = await gateway.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', acme, { ids })
    expect(errors).toEqual([])
    expect(data['nodes']).toEqual(ids.map(() => null))
    const own = await gateway.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', viewer('other'), { ids })
    expect(own.data['nodes'].map(({ id }: { id: string }) => id)).toEqual(ids)
  })

  it('gets null and no error for an id that no row has', async () => {
    const ids = [
      toGlobalId('Campaign', "1'"),
      toGlobalId('Campaign', '99999999999999999999'),
      toGlobalId('Nothing', 1),
      toGlobalId('LiveDomain', 'a.com'),
    ]
    const { data, errors } = await gateway.ask(
      'query ($ids: [ID!]!, $one: ID!) { nodes(ids: $ids) { id } campaign(id: $one) { id } domain(id: $one) { id } }',
      acme,
      { ids, one: toGlobalId('Nothing', 1) },
    )
    expect(errors).toEqual([])
    expect(data).toEqual({ nodes: ids.map(() => null), campaign: null, domain: null })
  })
})

describe('the root field `viewer`', () => {
  it('returns the user that the access token identifies', async () => {
    const userId = String((await gateway.db.selectFrom('users').select('id').where('tenantId', '=', 'acme').executeTakeFirstOrThrow()).id)
    const { data } = await gateway.ask('{ viewer { role user { name role } tenant { id name currency } } }', {
      ...acme,
      userId,
      role: 'EDITOR',
    })
    expect(data['viewer']).toEqual({
      role: 'EDITOR',
      user: { name: 'A', role: 'ADMIN' },
      tenant: { id: toGlobalId('Tenant', 'acme'), name: 'acme', currency: 'USD' },
    })
    expect((await gateway.ask('{ viewer { role user { name } } }', { ...acme, userId: 'robot' })).data['viewer']).toEqual({
      role: 'ADMIN',
      user: null,
    })
  })
})

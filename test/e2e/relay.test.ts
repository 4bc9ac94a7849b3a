import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLSchema } from 'graphql'
import { createOperationDescriptor } from 'relay-runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import type { Data } from './front-ends.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'
import { createHttpCache } from './http-cache.ts'
import { openRelay } from './relay-front-end.ts'
import { relayRequest } from './relay-request.ts'

const PAGE = `query Page($first: Int!, $after: String) {
  campaigns(first: $first, after: $after) @connection(key: "Page_campaigns") {
    edges { cursor node { name version __typename } }
    pageInfo { endCursor hasNextPage hasPreviousPage startCursor }
    totalCount
  }
}`
const REFETCH = 'query Refetch($id: ID!) { node(id: $id) { ... on Campaign { name version owner { name } } } }'
const RENAME = `mutation Rename($input: UpdateCampaignInput!) {
  updateCampaign(input: $input) { campaign { name version } errors { code message } }
}`

let schema: GraphQLSchema
let database: TestDatabase
let gateway: Gateway

beforeAll(async () => {
  schema = makeExecutableSchema({ typeDefs: await readTypeDefs(new URL('../../schema', import.meta.url).pathname) })
  database = await createDatabase({ seed: true })
  gateway = await startGateway({ DATABASE_URL: database.url })
})

afterAll(async () => {
  await gateway?.stop()
  await database?.drop()
})

/** Opens an application with Relay, in a browser with an HTTP cache. */
async function openApplication() {
  const { fetch, exchanges } = createHttpCache(globalThis.fetch)
  const authorization = `Bearer ${await tokenFor(admin)}`
  return { ...openRelay({ url: `${gateway.url}/graphql`, authorization, fetch }), exchanges }
}

describe('a Relay application', () => {
  it('pages through a connection by cursor and gets each edge once', async () => {
    const { query } = await openApplication()
    const page = relayRequest(schema, PAGE)
    const { campaigns: start } = await query(page, { first: 1, after: null })
    const first = Math.ceil(start.totalCount / 3)
    let { campaigns } = await query(page, { first, after: null })
    expect(campaigns.edges).toHaveLength(first)
    expect(campaigns.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false, startCursor: campaigns.edges[0].cursor })
    while (campaigns.pageInfo.hasNextPage) {
      expect(campaigns.pageInfo.endCursor).toBe(campaigns.edges.at(-1).cursor)
      campaigns = (await query(page, { first, after: campaigns.pageInfo.endCursor })).campaigns
    }
    const ids = campaigns.edges.map(({ node }: { node: { id: string } }) => node.id)
    expect(ids).toHaveLength(start.totalCount)
    expect(new Set(ids).size).toBe(start.totalCount)
    expect(campaigns.edges[0].node).toEqual(start.edges[0].node)
  })

  it('can refetch any object of a list by its id alone, and the refetch adds no second record to the store of Relay', async () => {
    const { query, environment } = await openApplication()
    const { campaigns } = await query(relayRequest(schema, PAGE), { first: 3, after: null })
    for (const { node } of campaigns.edges) {
      const { node: again } = await query(relayRequest(schema, REFETCH), { id: node.id })
      expect(again).toMatchObject({ id: node.id, name: node.name, version: node.version, owner: { name: expect.any(String) } })
    }
    const campaignRecords = environment
      .getStore()
      .getSource()
      .getRecordIDs()
      .filter((id) => environment.getStore().getSource().get(id)?.['__typename'] === 'Campaign')
    expect(campaignRecords).toHaveLength(3)
  })

  it('shows its own write wherever it shows the written object, even after the object was read again', async () => {
    const { query, mutate, environment } = await openApplication()
    const page = relayRequest(schema, PAGE)
    const variables = { first: 3, after: null }
    const { campaigns } = await query(page, variables)
    const shown: Data[] = []
    environment.subscribe(environment.lookup(createOperationDescriptor(page, variables).fragment), ({ data }) => shown.push(data as Data))

    const { id, version } = campaigns.edges[1].node
    const { updateCampaign } = await mutate(relayRequest(schema, RENAME), { input: { id, version, name: 'Renamed by Relay' } })
    expect(updateCampaign).toMatchObject({ campaign: { id, name: 'Renamed by Relay' }, errors: [] })
    expect(shown.at(-1)?.['campaigns'].edges[1].node).toMatchObject({ id, name: 'Renamed by Relay' })

    const renamed = { id, name: 'Renamed by Relay', version: updateCampaign.campaign.version }
    expect((await query(relayRequest(schema, REFETCH), { id })).node).toMatchObject(renamed)
    expect((await query(page, variables)).campaigns.edges[1].node).toMatchObject(renamed)
  })

  it('does not download an unchanged response again', async () => {
    const { query, exchanges } = await openApplication()
    const page = relayRequest(schema, PAGE)
    const expected = await query(page, { first: 2, after: null })
    for (let round = 0; round < 3; round++) expect(await query(page, { first: 2, after: null })).toEqual(expected)
    expect(exchanges.map(({ status }) => status)).toEqual([200, 304, 304, 304])
  })

  it('gets null for a root field that failed, and an error in its place with @throwOnFieldError', async () => {
    const { query } = await openApplication()
    const variables = { first: 1000, after: null }
    expect(await query(relayRequest(schema, PAGE), variables)).toEqual({ campaigns: null })
    const throwing = relayRequest(schema, PAGE.replace(') {', ') @throwOnFieldError {'))
    await expect(query(throwing, variables)).rejects.toThrow('Unexpected response payload')
  })
})

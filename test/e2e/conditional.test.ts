import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'

const LIST = '{ campaigns(first: 2) { nodes { id name version } } }'
const PUBLIC_LIST = '{ tlds(kind: COUNTRY_CODE) { name } }'

let database: TestDatabase
let gateway: Gateway

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  gateway = await startGateway({ DATABASE_URL: database.url })
})

afterAll(async () => {
  await gateway?.stop()
  await database?.drop()
})

async function get(
  query: string,
  headers: Readonly<Record<string, string>> = {},
  principal: typeof admin | null = admin,
): Promise<Response> {
  const authorization = principal ? { authorization: `Bearer ${await tokenFor(principal)}` } : {}
  const preflight = { 'apollo-require-preflight': 'true' }
  return fetch(`${gateway.url}/graphql?${new URLSearchParams({ query })}`, { headers: { ...preflight, ...authorization, ...headers } })
}

const tagOf = (response: Response) => response.headers.get('etag') ?? ''

describe('a GET with If-None-Match', () => {
  it('gets 304 without a body and with the required headers if the response is unchanged', async () => {
    const first = await get(LIST)
    expect(first.status).toBe(200)
    expect(first.headers.get('cache-control')).toBe('private, no-cache')
    const again = await get(LIST, { 'if-none-match': tagOf(first) })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    expect(again.headers.get('content-type')).toBeNull()
    for (const name of ['etag', 'cache-control', 'vary']) expect(again.headers.get(name)).toBe(first.headers.get(name))
  })

  it('gets 200 with the new response after a mutation', async () => {
    const first = await get(LIST)
    const { data } = (await first.json()) as { data: { campaigns: { nodes: { id: string; version: number }[] } } }
    const [campaign] = data.campaigns.nodes
    const { token } = await gateway.ask(
      'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { id } errors { message } } }',
      { variables: { input: { id: campaign?.id, version: campaign?.version, name: 'Another name' } } },
    )
    const again = await get(LIST, { 'if-none-match': tagOf(first), 'consistency-token': token ?? '' })
    expect(again.status).toBe(200)
    expect(tagOf(again)).not.toBe(tagOf(first))
    expect(await again.text()).toContain('Another name')
  })

  it('never gets 304 if the ETag belongs to another query or another tenant', async () => {
    const tag = tagOf(await get(LIST))
    expect((await get('{ campaigns(first: 1) { nodes { id } } }', { 'if-none-match': tag })).status).toBe(200)
    const other = await get(LIST, { 'if-none-match': tag }, { ...admin, tenant: 'northstar', userId: 'reports' })
    expect(other.status).toBe(200)
    expect(tagOf(other)).not.toBe(tag)
  })

  it('gets 304 for public data without an access token', async () => {
    const first = await get(PUBLIC_LIST, {}, null)
    expect(first.headers.get('cache-control')).toMatch(/^public, max-age=0, s-maxage=\d+/)
    expect((await get(PUBLIC_LIST, { 'if-none-match': tagOf(first) }, null)).status).toBe(304)
  })

  it('gets no ETag with an error, and a POST gets no ETag at all, because such responses must not be stored', async () => {
    const failed = await get('{ campaign(id: "none") { id } nothing }')
    expect(failed.status).not.toBe(304)
    expect(failed.headers.get('etag')).toBeNull()
    expect((await gateway.ask(LIST)).headers.get('etag')).toBeNull()
  })
})

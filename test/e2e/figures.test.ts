import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'

const LIST = 'query List { campaigns(first: 2) { nodes { id name version } } }'
const RENAME = 'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { id } errors { message } } }'

let database: TestDatabase
let gateway: Gateway
let requests = 0

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  gateway = await startGateway({ DATABASE_URL: database.url, METRICS_TENANTS: 'on', WARMING: 'off' })
  await useEachPath()
})

afterAll(async () => {
  await gateway?.stop()
  await database?.drop()
})

/** Sends requests with one access token, as a client does. The first requests with a new token take another path. */
async function openClient() {
  const authorization = `Bearer ${await tokenFor(admin, 'posts')}`
  const send = async (query: string, { variables, headers = {}, method = 'POST' }: Sending = {}) => {
    const body = JSON.stringify({ query, variables })
    const sent = { 'content-type': 'application/json', 'apollo-require-preflight': 'true', authorization, ...headers }
    return method === 'POST'
      ? fetch(`${gateway.url}/graphql`, { method, headers: sent, body })
      : fetch(`${gateway.url}/graphql?${new URLSearchParams({ query })}`, { headers: sent })
  }
  return Object.assign(send, { authorization })
}

interface Sending {
  readonly variables?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: 'GET' | 'POST'
}

/** Sends a conditional GET without fetch, which would add `Cache-Control: no-cache`. Returns its status. */
async function statusOf(authorization: string, entityTag: string): Promise<number | undefined> {
  const url = `${gateway.url}/graphql?${new URLSearchParams({ query: LIST })}`
  const [response] = await once(
    request(url, { headers: { 'apollo-require-preflight': 'true', authorization, 'if-none-match': entityTag } }).end(),
    'response',
  )
  response.resume()
  return response.statusCode
}

/** Returns the values of a metric by the value of one of its labels, for the series that contain the given text. */
async function countsOf(metric: string, label: string, having = ''): Promise<Record<string, number>> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  const counts: Record<string, number> = {}
  for (const line of text.split('\n')) {
    const name = line.startsWith(`${metric}{`) && line.includes(having) ? new RegExp(`${label}="([^"]*)"`).exec(line)?.[1] : undefined
    if (name !== undefined) counts[name] = (counts[name] ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1))
  }
  return counts
}

/** Sends one request for each path that an answer can take. */
async function useEachPath(): Promise<void> {
  const send = await openClient()
  const ask = async (query: string, sending?: Sending) => {
    requests++
    const response = await send(query, sending)
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  const first = await ask(LIST)
  await ask(LIST)
  const tag = (await ask(LIST, { method: 'GET' })).headers.get('etag') ?? ''
  for (let again = 0; again < 2; again++) expect(await statusOf(send.authorization, tag)).toBe(304)
  requests += 2
  const [{ id, version }] = JSON.parse(first.text).data.campaigns.nodes
  const renamed = await ask(RENAME, { variables: { input: { id, version, name: 'Another name' } } })
  await ask(LIST, { headers: { 'consistency-token': renamed.headers.get('consistency-token') ?? '' } })
  await ask(LIST, { headers: { 'cache-control': 'no-cache' } })
  await ask('query Broken { nothing }')
  await ask(LIST, { headers: { authorization: 'Bearer no-token' } })
  await ask(LIST, { headers: { 'content-type': 'application/xml' } })
  await ask(`{ ${'a'.repeat(600_000)} }`)
  requests++
  expect((await fetch(`${gateway.url}/graphql`, { method: 'PUT' })).status).toBe(405)
}

describe('the figures of the whole gateway', () => {
  it('count each answer once, whatever path it takes, and each miss of a whole response by its cause', async () => {
    const layers = await countsOf('tidegate_requests_total', 'layer', 'operation="List"')
    expect(layers).toEqual({ origin: 2, parts: 1, 'at hand': 2, l1: 2 })
    expect(await countsOf('tidegate_requests_total', 'layer', 'operation="Rename"')).toEqual({ bypassed: 1 })
    expect(await countsOf('tidegate_requests_total', 'layer', 'operation="other"')).toEqual({ refused: 5 })
    expect(await countsOf('tidegate_cache_misses_total', 'cause', 'policy="Response"')).toEqual({ cold: 1, invalidated: 1, bypassed: 1 })
    expect(await countsOf('tidegate_cache_reads_total', 'layer', 'policy="Response"')).toEqual({ origin: 3, l1: 4 })
  })

  it('add up: the requests of all operations and of all tenants are those that were sent', async () => {
    const sumOf = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0)
    expect(sumOf(await countsOf('tidegate_requests_total', 'layer'))).toBe(requests)
    expect(await countsOf('tidegate_tenant_requests_total', 'tenant')).toEqual({ acme: requests - 4, public: 4 })
  })

  it('have as many misses as reads without a cached copy, for every policy', async () => {
    const misses = await countsOf('tidegate_cache_misses_total', 'policy')
    const reads: Record<string, number> = {}
    for (const layer of ['origin', 'coalesced', 'failed'])
      for (const [policy, count] of Object.entries(await countsOf('tidegate_cache_reads_total', 'policy', `layer="${layer}"`)))
        reads[policy] = (reads[policy] ?? 0) + count
    expect(Object.keys(misses).length).toBeGreaterThan(2)
    expect(misses).toEqual(reads)
  })

  it('show the reachable hit ratio', async () => {
    expect(await countsOf('tidegate_cache_reachable_hit_ratio', 'policy')).toMatchObject({ Response: expect.closeTo(1 - 2 / 7, 10) })
    expect(await countsOf('tidegate_cache_hit_ratio', 'policy')).toMatchObject({ Response: expect.closeTo(4 / 7, 10) })
  })
})

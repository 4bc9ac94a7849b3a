import { hash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../servers/availability.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { apolloPersistedFrontEnd, type FrontEnd, type FrontEndOptions, urqlPersistedFrontEnd } from './front-ends.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'
import { createHttpCache, type Exchange } from './http-cache.ts'

const LIST = 'query List { campaigns(first: 3) { nodes { id name version } } }'
const RENAME = 'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { id name } errors { code } } }'

const shared = needs('redis-server')
const libraries: readonly [string, (options: FrontEndOptions) => FrontEnd][] = [
  ['@apollo/client', apolloPersistedFrontEnd],
  ['@urql/core', urqlPersistedFrontEnd],
]

let redis: RedisServer
let database: TestDatabase
let processes: readonly Gateway[] = []

beforeAll(async () => {
  redis = await startRedis()
  database = await createDatabase({ seed: true })
  // The interval between log syncs is long, so that a process learns of a change by the consistency token and not by a
  // regular sync.
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, CACHE_TICK_MS: '400' }
  processes = await Promise.all([startGateway(env), startGateway(env)])
})

afterAll(async () => {
  await Promise.all(processes.map((gateway) => gateway.stop()))
  await database?.drop()
  await redis?.stop()
})

/** Sends each request to the process whose index `choose` returns. */
function through(choose: () => number): typeof fetch {
  return (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input)
    return fetch(`${processes[choose() % processes.length]?.url}${pathname}${search}`, init)
  }
}

const isUnknown = ({ text }: Exchange) => text.includes('PERSISTED_QUERY_NOT_FOUND')

describe.each(libraries)('%s with automatic persisted queries, behind a load balancer', shared, (library, createFrontEnd) => {
  const url = 'http://tidegate.test/graphql'

  /** Returns a query that no other test sends, over data that no test changes. */
  const unheardOf = (field: string) => `query Of${hash('sha256', library).slice(0, 8)} { campaigns(first: 3) { nodes { id ${field} } } }`

  /**
   * Opens a browser whose pages share an HTTP cache. Each page has its own client and connection: the first page to one
   * process, the next page to the other.
   */
  const openBrowser = async () => {
    let pages = 0
    const { fetch, exchanges } = createHttpCache(through(() => pages))
    const authorization = `Bearer ${await tokenFor(admin)}`
    const openPage = () => {
      pages++
      return createFrontEnd({ url, authorization, fetch })
    }
    return { exchanges, openPage }
  }

  it('gets the same result from each gateway, and sends the text of a query to each gateway at most once', async () => {
    const { exchanges, openPage } = await openBrowser()
    const query = unheardOf('status')
    const expected = await openPage().query(query)
    expect(expected['campaigns'].nodes).toHaveLength(3)
    for (let page = 0; page < 6; page++) expect(await openPage().query(query)).toEqual(expected)

    const unknown = exchanges.filter(isUnknown).length
    expect(unknown).toBeGreaterThan(0)
    expect(unknown).toBeLessThanOrEqual(processes.length)
    expect(exchanges).toHaveLength(7 + unknown)
  })

  it('does not download an unchanged response again', async () => {
    const { exchanges, openPage } = await openBrowser()
    const query = unheardOf('createdAt')
    for (let page = 0; page < 8; page++) expect((await openPage().query(query))['campaigns'].nodes).toHaveLength(3)
    const answers = exchanges.filter((exchange) => exchange.method === 'GET' && !isUnknown(exchange))
    const whole = answers.filter(({ status }) => status === 200)
    expect(new Set(whole.map(({ url }) => url)).size).toBe(whole.length)
    expect(answers.filter(({ status }) => status === 304).length).toBeGreaterThanOrEqual(5)
  })

  it('reads its own writes, whichever gateway gets each request', async () => {
    let sent = 0
    const { query, mutate } = createFrontEnd({ url, authorization: `Bearer ${await tokenFor(admin)}`, fetch: through(() => sent++) })
    for (let round = 0; round < 6; round++) {
      const [{ id, version }] = (await query(LIST))['campaigns'].nodes
      const name = `round ${round} of ${library}`
      const { updateCampaign } = await mutate(RENAME, { input: { id, version, name } })
      expect(updateCampaign).toMatchObject({ campaign: { id, name }, errors: [] })
      expect((await query(LIST))['campaigns'].nodes[0]).toMatchObject({ id, name })
      expect((await query(LIST))['campaigns'].nodes[0]).toMatchObject({ id, name })
    }
  })
})

describe('the registry of persisted queries that two gateways share', shared, () => {
  it('contains on one gateway the queries that were registered on the other gateway', async () => {
    const query = '{ campaigns(first: 1) { totalCount } }'
    const headers = {
      'content-type': 'application/json',
      'apollo-require-preflight': 'true',
      authorization: `Bearer ${await tokenFor(admin)}`,
    }
    const extensions = { persistedQuery: { version: 1, sha256Hash: hash('sha256', query) } }
    const [one, other] = processes
    const registered = await fetch(`${one?.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, extensions }) })
    const { data } = (await registered.json()) as { data: unknown }
    expect(data).toMatchObject({ campaigns: { totalCount: expect.any(Number) } })
    const search = new URLSearchParams({ extensions: JSON.stringify(extensions) })
    const known = await fetch(`${other?.url}/graphql?${search}`, { headers })
    expect(await known.json()).toEqual({ data })
  })
})

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { launchBrowser } from '../servers/browser.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'

const LIST = '{ campaigns(first: 2) { nodes { id name version } } }'
const PUBLIC_LIST = '{ tlds(kind: COUNTRY_CODE) { name } }'
const RENAME = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name } errors { code } } }'

/** Response as a script of the web page receives it. */
interface Seen {
  readonly status: number
  readonly tag: string | null
  readonly token: string | null
  // biome-ignore lint/suspicious/noExplicitAny: data has the shape of its query
  readonly data: any
}

interface Sent {
  readonly query: string
  readonly variables?: unknown
  readonly method?: 'POST'
  readonly token?: string | null
}

let browser: Browser
let database: TestDatabase
let gateway: Gateway
let application: Server
let origin: string
let page: Page
/** Errors in the browser console. */
let complaints: string[]
/** HTTP methods of the page's requests, by request id of the browser. */
let methods: Map<string, string>
/** Responses that came over the network. */
let answers: { readonly requestId: string; readonly statusCode: number }[]

beforeAll(async () => {
  application = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><link rel="icon" href="data:,"><title>An application</title>')
  })
  application.listen(0, '127.0.0.1')
  await once(application, 'listening')
  origin = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
  browser = await launchBrowser(inject('browser'))
  database = await createDatabase({ seed: true })
  gateway = await startGateway({ DATABASE_URL: database.url, CORS_ORIGINS: origin })
})

beforeEach(async () => {
  // A new browser context has an empty cache.
  const context = await browser.newContext()
  page = await context.newPage()
  complaints = []
  methods = new Map()
  answers = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(origin)
  const network = await context.newCDPSession(page)
  network.on('Network.requestWillBeSent', ({ requestId, request }) => methods.set(requestId, request.method))
  network.on('Network.responseReceivedExtraInfo', (answer) => answers.push(answer))
  await network.send('Network.enable')
})

afterEach(async () => {
  await page?.context().close()
  expect(complaints).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await gateway?.stop()
  await database?.drop()
  application?.close()
})

/** Sends a request from a script of the page. */
async function send({ query, variables = {}, method, token }: Sent, principal: typeof admin | null = admin): Promise<Seen> {
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) })
  const headers = {
    'apollo-require-preflight': 'true',
    ...(principal ? { authorization: `Bearer ${await tokenFor(principal)}` } : {}),
    ...(token ? { 'consistency-token': token } : {}),
    ...(method ? { 'content-type': 'application/json' } : {}),
  }
  const init = method ? { method, headers, body: JSON.stringify({ query, variables }) } : { headers }
  return page.evaluate(
    async ([url, options]) => {
      const response = await fetch(url, options)
      const { data } = await response.json()
      return { status: response.status, tag: response.headers.get('etag'), token: response.headers.get('consistency-token'), data }
    },
    [method ? `${gateway.url}/graphql` : `${gateway.url}/graphql?${search}`, init] as const,
  )
}

/** The browser reports network events asynchronously, some of them after the page has received its response. */
const expectExchanged = (expected: readonly string[]) =>
  expect.poll(() => answers.map(({ requestId, statusCode }) => `${methods.get(requestId)} ${statusCode}`)).toEqual(expected)

describe('a web page of another origin in a browser with an HTTP cache', () => {
  it('gets the whole response each time, although the gateway sends only a 304 over the network', async () => {
    const first = await send({ query: LIST })
    expect(first).toMatchObject({ status: 200, tag: expect.stringMatching(/^"/), data: { campaigns: { nodes: [{}, {}] } } })
    for (let round = 0; round < 3; round++) expect(await send({ query: LIST })).toEqual(first)
    await expectExchanged(['OPTIONS 204', 'GET 200', 'GET 304', 'GET 304', 'GET 304'])
  })

  it('sees its own write immediately', async () => {
    const { data } = await send({ query: LIST })
    const [{ id, version }] = data.campaigns.nodes
    const changed = await send({ query: RENAME, variables: { input: { id, version, name: 'Renamed by a page' } }, method: 'POST' })
    expect(changed.data.updateCampaign).toEqual({ campaign: { name: 'Renamed by a page' }, errors: [] })
    const { token } = changed
    const after = await send({ query: LIST, token })
    expect(after).toMatchObject({
      status: 200,
      data: { campaigns: { nodes: [{ id, name: 'Renamed by a page', version: version + 1 }, {}] } },
    })
    expect(await send({ query: LIST, token })).toEqual(after)
    await expectExchanged(['OPTIONS 204', 'GET 200', 'OPTIONS 204', 'POST 200', 'GET 200', 'GET 304'])
  })

  it('never sees a response that the browser stored for another user', async () => {
    const mine = await send({ query: LIST })
    const theirs = await send({ query: LIST }, { ...admin, tenant: 'northstar', userId: 'reports' })
    expect(theirs.status).toBe(200)
    expect(theirs.data).not.toEqual(mine.data)
    expect((await send({ query: LIST })).data).toEqual(mine.data)
  })

  it('revalidates public responses even if the page sends no access token', async () => {
    const first = await send({ query: PUBLIC_LIST }, null)
    expect(first.data.tlds.length).toBeGreaterThan(0)
    expect(await send({ query: PUBLIC_LIST }, null)).toEqual(first)
    await expectExchanged(['OPTIONS 204', 'GET 200', 'GET 304'])
  })
})

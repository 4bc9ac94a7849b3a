import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { buildClientSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { call, operator, twoTenants } from '../admin/management.ts'
import { corpus, idsOf } from '../corpus/operations.ts'
import { admin, type Gateway, startGateway, tokenFor } from '../e2e/gateway.ts'
import { introspectionQuery } from '../e2e/schema-walk.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { freePort } from '../servers/free-port.ts'
import { startVarnish, type Varnish } from '../servers/varnish.ts'
import { type PurgeGate, startPurgeGate } from './purge-gate.ts'
import { requiredProgram } from './required-program.ts'

const LIVE = 'query Live($name: DomainName!) { liveDomain(name: $name) { name status popularityRank } }'
const PAUSE = 'mutation ($input: SetDomainStatusInput!) { setDomainStatus(input: $input) { domain { status } errors { code } } }'
/** Time within which a change must be gone from the edge, ms. It is generous, because the machine may be busy. */
const PURGED_WITHIN_MS = 1500
const MAX_URL_LENGTH = 6000

interface Got {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
  readonly data: any
  /** Whether the edge had the response. */
  readonly isHit: boolean
}

interface Asking {
  readonly principal?: Principal
  readonly headers?: Readonly<Record<string, string>>
}

const tokens = new Map<string, Promise<string>>()

/** Returns a token of the principal: always the same one, because signing takes longer than a response. */
function knownToken(principal: Principal): Promise<string> {
  const token = tokens.get(principal.tenant) ?? tokenFor(principal, 'one')
  tokens.set(principal.tenant, token)
  return token
}

async function get(url: string, params: Readonly<Record<string, string>>, { principal, headers = {} }: Asking = {}): Promise<Got> {
  const authorization: Record<string, string> = principal ? { authorization: `Bearer ${await knownToken(principal)}` } : {}
  const response = await fetch(`${url}/graphql?${new URLSearchParams(params)}`, {
    headers: { 'apollo-require-preflight': 'true', ...authorization, ...headers },
  })
  const text = await response.text()
  const data = response.status === 200 && text.startsWith('{') ? JSON.parse(text).data : undefined
  return { status: response.status, headers: response.headers, text, data, isHit: response.headers.get('x-edge') === 'HIT' }
}

/** Returns the status of a GET whose path is sent as it stands. */
function statusOf(url: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })
}

/** Whether the gateway logged last that it purges the edge. */
function isPurging({ output }: Gateway): boolean {
  return (
    output.findLastIndex((line) => line.includes('this process purges the edge')) >
    output.findLastIndex((line) => line.includes('does not purge the edge'))
  )
}

const live = (name: string) => ({ query: LIVE, variables: JSON.stringify({ name }) })

describe('Varnish with the varnish.vcl of this project, in front of two gateways that purge it,', () => {
  let database: TestDatabase
  let gateways: [Gateway, Gateway]
  let urls: readonly [URL, URL]
  let varnish: Varnish
  let gate: PurgeGate
  let domains: { readonly id: string; readonly name: string }[]
  const figures: Record<string, number> = {}

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    await twoTenants(database)
    const rows = await database.query("select id, name from domains where tenant_id = 'acme' and status = 'LIVE' order by id limit 20")
    domains = rows.map(({ id, name }) => ({ id: String(id), name: String(name) }))
    const ports = [await freePort(), await freePort()] as const
    urls = [new URL(`http://127.0.0.1:${ports[0]}`), new URL(`http://127.0.0.1:${ports[1]}`)]
    varnish = await startVarnish({ program: requiredProgram('varnishd'), gateways: urls })
    gate = await startPurgeGate(varnish.url)
    gateways = await Promise.all([startPurging(urls[0]), startPurging(urls[1])])
    // The first purges of a new edge are of everything.
    await vi.waitFor(async () => expect(await isSettled()).toBe(true), { timeout: 15_000 })
  })

  afterAll(async () => {
    gate?.stop()
    await varnish?.stop()
    await Promise.all(gateways?.map((gateway) => gateway.stop('SIGKILL')) ?? [])
    await database?.drop()
    process.stdout.write(`Times until a change was gone from Varnish, ms: ${JSON.stringify(figures)}\n`)
  })

  function startPurging({ port }: URL): Promise<Gateway> {
    return startGateway({ PORT: port, DATABASE_URL: database.url, WARMING: 'off', PURGE_KIND: 'varnish', PURGE_URL: gate.url })
  }

  /** Returns whether the edge is purged of every row of the log for the last time. */
  async function isSettled(): Promise<boolean> {
    const [row] = await database.query('select log_position = (select max(seq) from cache.log) as done from cache_edge_purges')
    return row?.['done'] === true
  }

  /** Asks until the edge has the responses of all names. */
  async function fill(...names: readonly string[]): Promise<void> {
    for (const name of names) await expect.poll(async () => (await get(varnish.url, live(name))).isHit).toBe(true)
  }

  /** Waits until the edge has another response for the name than before. Returns the time that it took, ms. */
  async function changed(name: string, isNew: (got: Got) => boolean): Promise<number> {
    const startedAt = performance.now()
    while (!isNew(await get(varnish.url, live(name))))
      if (performance.now() - startedAt > 15_000) throw new Error(`Expected a new response for ${name} within 15 s, got the old one.`)
    return performance.now() - startedAt
  }

  const nameAt = (index: number): string => domains[index]?.name ?? ''

  it('stores a public response by its address, says its age, and keeps the headers for CDNs to itself', async () => {
    const [first, second] = [await get(varnish.url, live(nameAt(0))), await get(varnish.url, live(nameAt(0)))]
    expect([first.isHit, second.isHit]).toEqual([false, true])
    expect(second.data).toEqual({ liveDomain: expect.objectContaining({ name: nameAt(0), status: 'LIVE' }) })
    expect(Number(second.headers.get('age'))).toBeLessThanOrEqual(60)
    for (const name of ['xkey', 'surrogate-key', 'cache-tag', 'surrogate-control', 'cdn-cache-control', 'x-request-id'])
      expect(second.headers.has(name), name).toBe(false)
    const revalidated = await get(varnish.url, live(nameAt(0)), { headers: { 'if-none-match': second.headers.get('etag') ?? '' } })
    expect([revalidated.status, revalidated.isHit]).toEqual([304, true])
  })

  it('stores the response to a persisted query, also of a caller with a token, but passes on a reader of an own write', async () => {
    const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(LIVE).digest('hex') } })
    const { variables } = live(nameAt(1))
    const unknown = await get(varnish.url, { extensions, variables })
    expect(unknown.text).toContain('PERSISTED_QUERY_NOT_FOUND')
    for (const gateway of gateways) await get(gateway.url, { query: LIVE, extensions, variables })
    await expect.poll(async () => (await get(varnish.url, { extensions, variables }, { principal: admin })).isHit).toBe(true)
    expect((await get(varnish.url, { extensions, variables })).data.liveDomain.name).toBe(nameAt(1))
    const passed = [{ 'consistency-token': 'x' }, { cookie: 'a=b; tidegate-consistency=x' }, { 'x-cache-debug': '1' }]
    for (const headers of passed) expect((await get(varnish.url, { extensions, variables }, { headers })).isHit).toBe(false)
  })

  it('refuses a GET without a header that forces a preflight, as the gateway does, although it has the response', async () => {
    await fill(nameAt(0))
    expect((await fetch(`${varnish.url}/graphql?${new URLSearchParams(live(nameAt(0)))}`)).status).toBe(400)
  })

  it('drops just the affected response after a mutation', async () => {
    await fill(nameAt(2), nameAt(3))
    const input = { id: toGlobalId('Domain', domains[2]?.id ?? ''), status: 'PAUSED' }
    expect((await gateways[1].ask(PAUSE, { variables: { input } })).data?.['setDomainStatus']).toMatchObject({
      domain: { status: 'PAUSED' },
    })
    figures['mutation'] = Math.round(await changed(nameAt(2), ({ data }) => data.liveDomain === null))
    expect((await get(varnish.url, live(nameAt(3)))).isHit).toBe(true)
    expect(figures['mutation']).toBeLessThan(PURGED_WITHIN_MS)
  })

  it('drops just the affected response after another program changed a row', async () => {
    await fill(nameAt(4), nameAt(5))
    const times: number[] = []
    for (let rank = 1; rank <= 5; rank++) {
      await fill(nameAt(4))
      await database.query('update domains set popularity_rank = $1 where id = $2', [rank, domains[4]?.id])
      times.push(await changed(nameAt(4), ({ data }) => data.liveDomain.popularityRank === rank))
    }
    figures['other program, median of 5'] = Math.round(times.toSorted((a, b) => a - b)[2] ?? 0)
    expect((await get(varnish.url, live(nameAt(5)))).isHit).toBe(true)
    expect(Math.min(...times)).toBeLessThan(PURGED_WITHIN_MS)
  })

  it('is purged before the management API confirms a purge', async () => {
    await fill(nameAt(6))
    const answer = await call(gateways[0].url, 'POST', '/invalidate', operator, { tags: [`public:LiveDomain:${nameAt(6)}`] })
    expect(answer.body).toMatchObject({ isComplete: true, edges: [{ edge: new URL(gate.url).host, state: 'purged' }] })
    expect((await get(varnish.url, live(nameAt(6)))).isHit).toBe(false)
  })

  it('stores nothing private: what it has in store is public and the same for all callers, for every operation of the corpus', async () => {
    const schema = buildClientSchema((await gateways[0].ask(introspectionQuery)).data as never)
    const [other] = await database.query("select id, tenant_id from users where tenant_id <> 'acme' and role = 'ADMIN' order by id limit 1")
    const foreign: Principal = { tenant: String(other?.['tenant_id']), userId: String(other?.['id']), role: 'ADMIN' }
    const now = Date.now()
    const operations = [
      ...corpus(schema, await idsOf(database, 'acme', now)),
      ...corpus(schema, await idsOf(database, foreign.tenant, now)).slice(0, 30),
    ]
    const callers: readonly Asking[] = [{ principal: admin }, { principal: foreign }, {}]
    let [hits, answers] = [0, 0]
    for (const { document, variables, operationName } of operations) {
      const params = { query: document, variables: JSON.stringify(variables), ...(operationName === undefined ? {} : { operationName }) }
      if (new URLSearchParams(params).size > 0 && String(new URLSearchParams(params)).length > MAX_URL_LENGTH) continue
      for (const asking of [...callers, ...callers.slice(0, 1)]) {
        const got = await get(varnish.url, params, asking)
        answers++
        if (!got.isHit) continue
        hits++
        expect(got.headers.get('cache-control'), document).toMatch(/^public, /)
        expect(got.headers.has('set-cookie'), document).toBe(false)
        expect(JSON.parse(got.text), document).toEqual(JSON.parse((await get(gateways[0].url, params, asking)).text))
      }
    }
    expect(answers).toBeGreaterThan(300)
    expect(hits).toBeGreaterThan(10)
  }, 60_000)

  it('is purged by the other gateway if the one that purges is killed in the middle of it', async () => {
    await expect.poll(() => isSettled(), { timeout: 15_000 }).toBe(true)
    const names = [7, 8, 9].map(nameAt)
    await fill(...names)
    const [active] = gateways.filter(isPurging)
    gate.hold(true)
    await database.query('update domains set popularity_rank = 77 where id = any ($1::bigint[])', [
      [7, 8, 9].map((index) => domains[index]?.id),
    ])
    await expect.poll(() => gate.held(), { timeout: 5000 }).toBeGreaterThan(0)
    if (!active) throw new Error('Expected one of the gateways to purge, got none.')
    await active.stop('SIGKILL')
    gate.hold(false)
    const startedAt = performance.now()
    for (const name of names) await changed(name, ({ data }) => data.liveDomain.popularityRank === 77)
    figures['after kill -9'] = Math.round(performance.now() - startedAt)
    expect(figures['after kill -9']).toBeLessThan(10_000)
    // Tests run in any order, so the next one gets two gateways again.
    const index = gateways.indexOf(active)
    gateways[index] = await startPurging(urls[index] as URL)
  })
})

describe('Varnish in front of a gateway that does not purge it', () => {
  let database: TestDatabase
  let gateway: Gateway
  let varnish: Varnish

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    const policies = JSON.stringify({ LiveDomain: { l1: 2, l2: 2, cdn: 2, staleWhileRevalidate: 0 } })
    gateway = await startGateway({ DATABASE_URL: database.url, WARMING: 'off', CACHE_POLICIES: policies })
    const url = new URL(gateway.url)
    // An address that no gateway has.
    varnish = await startVarnish({ program: requiredProgram('varnishd'), gateways: [url, url], purgers: '192.0.2.1' })
  })

  afterAll(async () => {
    await varnish?.stop()
    await gateway?.stop()
    await database?.drop()
  })

  it('serves a changed value for no longer than the lifetime that the gateway gave', async () => {
    const [row] = await database.query("select id, name from domains where status = 'LIVE' order by id limit 1")
    const name = String(row?.['name'])
    await expect.poll(async () => (await get(varnish.url, live(name))).isHit).toBe(true)
    await database.query('update domains set popularity_rank = 99 where id = $1', [row?.['id']])
    const changedAt = performance.now()
    let got = await get(varnish.url, live(name))
    while (got.data.liveDomain.popularityRank !== 99 && performance.now() - changedAt < 10_000) {
      expect(Number(got.headers.get('age'))).toBeLessThanOrEqual(2)
      got = await get(varnish.url, live(name))
    }
    expect(performance.now() - changedAt).toBeLessThan(4000)
  })

  it.each([
    '/metrics',
    '/%6detrics',
    '/metrics#',
    '/api/v1/cache/stats',
    '/%61pi/v1/cache/stats',
    '/dashboard',
    '/dashboar%64/x?y',
  ])('does not lead to %s, which the gateway would answer', async (path) => {
    expect(await statusOf(gateway.url, path)).not.toBe(404)
    expect(await statusOf(varnish.url, path)).toBe(404)
  })

  it('lets nobody purge whose address is not listed', async () => {
    const purge = await fetch(varnish.url, { method: 'PURGE', headers: { xkey: 'public' } })
    expect(purge.status).toBe(403)
  })
})

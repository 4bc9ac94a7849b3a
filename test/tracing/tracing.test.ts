import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Observers } from '#src/operations/telemetry/create-observers.ts'
import type { StepObserver } from '#src/operations/telemetry/step-observer.ts'
import { admin, tokenFor } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type RecordedSpan, type RecordedSpans, recordSpans, startTraced, type TracedGateway, tree } from './traced-gateway.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const SAMPLED = { traceparent: `00-${TRACE}-${PARENT}-01` }

let database: TestDatabase
let redis: RedisServer
let spans: RecordedSpans
let gateway: TracedGateway
let token: string

beforeAll(async () => {
  ;[database, redis] = await Promise.all([createDatabase({ seed: true }), startRedis()])
  spans = recordSpans()
  gateway = await startTraced({ databaseUrl: database.url, redisUrl: redis.url })
  token = await tokenFor(admin)
  // The first request with a token also reads whether the user may still use it.
  await ask(gateway, '{ __typename }')
})
beforeEach(() => void spans.take())
afterAll(async () => {
  await gateway.close()
  await spans.stop()
  await database.drop()
  await redis.stop()
})

interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly variables?: Readonly<Record<string, unknown>>
}

async function ask({ url }: TracedGateway, query: string, { headers, variables }: AskOptions = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, connection: 'close', ...headers },
    body: JSON.stringify({ query, variables }),
  })
  return { response, body: await response.json() }
}

/** Returns the spans of `count` requests, once all of them have ended. */
async function ended(count = 1): Promise<RecordedSpan[]> {
  const all: RecordedSpan[] = []
  await expect
    .poll(() => {
      all.push(...spans.take())
      return spans.open() === 0 && all.filter(({ attributes }) => 'url.path' in attributes).length >= count
    })
    .toBe(true)
  return all
}

function attributesOf(all: readonly RecordedSpan[], name: string): RecordedSpan['attributes'] | undefined {
  return all.find((span) => span.name === name)?.attributes
}

/**
 * Returns the expected trace of a cold request for a list. Each test that needs one asks for rows of a type that its gateway has not loaded
 * yet. So the gateway does not know how long the loads take, and claims the keys (SET) before it loads them.
 */
const coldTrace = (field: string, type: string) => [
  'SERVER POST /graphql',
  '  SERVER query',
  '    INTERNAL graphql.plan',
  '    INTERNAL cache.read Response',
  '      CLIENT GET',
  '      INTERNAL cache.load Response',
  '        INTERNAL graphql.execute',
  `          INTERNAL cache.read Query.${field}`,
  '            CLIENT GET',
  '            CLIENT SET',
  '            CLIENT GET',
  `            INTERNAL cache.load Query.${field}`,
  `              CLIENT SELECT SELECT ${field}`,
  `          INTERNAL cache.read ${type}`,
  '            CLIENT MGET',
  '            CLIENT SET',
  '            CLIENT MGET',
  `            INTERNAL cache.load ${type}`,
  `              CLIENT SELECT ${field}`,
]
const HOT = ['SERVER POST /graphql', '  SERVER query', '    INTERNAL cache.read Response']

const list = (field: string, first: number) => `query List { ${field}(first: ${first}) { nodes { id } } }`

describe('the trace of a cold request and of the same request when it is hot', () => {
  it('have the spans, kinds and parents of the way of a read, and the hot one has no span of a database or of Redis', async () => {
    await ask(gateway, list('publishers', 3), { headers: SAMPLED })
    expect(tree(await ended(), PARENT)).toEqual(coldTrace('publishers', 'Publisher'))
    await ask(gateway, list('publishers', 3), { headers: SAMPLED })
    expect(tree(await ended(), PARENT)).toEqual(HOT)
  })

  it('have the attributes of the semantic conventions', async () => {
    await ask(gateway, list('buyers', 4), { headers: { ...SAMPLED, 'user-agent': 'test' } })
    const cold = await ended()
    const { port } = new URL(gateway.url)
    expect(attributesOf(cold, 'POST /graphql')).toEqual({
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'http.route': '/graphql',
      'network.peer.address': '127.0.0.1',
      'network.protocol.version': '1.1',
      'server.address': '127.0.0.1',
      'server.port': Number(port),
      'url.path': '/graphql',
      'url.scheme': 'http',
      'user_agent.original': 'test',
    })
    expect(attributesOf(cold, 'query')).toEqual({
      'graphql.operation.name': 'List',
      'graphql.operation.type': 'query',
      'tidegate.cache.verdict': 'MISS',
      'tidegate.graphql.document_hash': expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(attributesOf(cold, 'SELECT buyers')).toEqual({
      'db.namespace': database.name,
      'db.query.summary': 'SELECT buyers',
      'db.query.text': 'select * from "buyers" where tenant_id = $1 and id = any($2::int8[])',
      'db.system.name': 'postgresql',
      'server.address': '127.0.0.1',
      'server.port': 5432,
    })
    const command = { 'db.namespace': '0', 'db.system.name': 'redis', 'server.address': '127.0.0.1', 'server.port': redis.port }
    expect(attributesOf(cold, 'MGET') ?? attributesOf(cold, 'GET')).toMatchObject(command)
    expect(attributesOf(cold, 'cache.read Query.buyers')).toEqual({
      'tidegate.cache.count.origin': 1,
      'tidegate.cache.keys': 1,
      'tidegate.cache.layer': 'origin',
      'tidegate.cache.policy': 'Query.buyers',
    })
    await ask(gateway, list('buyers', 4), { headers: SAMPLED })
    expect(attributesOf(await ended(), 'cache.read Response')).toMatchObject({ 'tidegate.cache.layer': 'l1', 'tidegate.cache.keys': 1 })
  })

  it('are told from those of a gateway whose steps or whose requests lose their context', async () => {
    const loseSteps = (steps: StepObserver): StepObserver => ({
      ...steps,
      beginExecution: () => Object.assign(steps.beginExecution(), { contain: <Result>(work: () => Result) => work() }),
    })
    const variants: Readonly<Record<string, (observers: Observers) => Observers>> = {
      right: (all) => all,
      steps: (all) => ({ ...all, steps: all.steps && loseSteps(all.steps) }),
      requests: (all) => ({ ...all, requests: all.requests && { ...all.requests, within: (_, work) => work() } }),
    }
    const isRight: Record<string, boolean> = {}
    for (const [name, change] of Object.entries(variants)) {
      const env = { REDIS_PREFIX: `variant-${name}` }
      const variant = await startTraced({ databaseUrl: database.url, redisUrl: redis.url, env, change })
      onTestFinished(() => variant.close())
      await ask(variant, '{ __typename }')
      await ended()
      await ask(variant, list('campaigns', 3), { headers: SAMPLED })
      isRight[name] = isDeepStrictEqual(tree(await ended(), PARENT), coldTrace('campaigns', 'Campaign'))
    }
    expect(isRight).toEqual({ right: true, steps: false, requests: false })
  })
})

describe('a trace', () => {
  it('continues the trace in the header traceparent, with its tracestate', async () => {
    await ask(gateway, list('domains', 5), { headers: { ...SAMPLED, tracestate: 'vendor=1' } })
    for (const span of await ended()) expect(span).toMatchObject({ traceId: TRACE, state: 'vendor=1' })
  })

  it('begins with the request if there is no valid traceparent', async () => {
    for (const headers of [{}, { traceparent: 'nonsense' }]) {
      await ask(gateway, list('domains', 5), { headers })
      const all = await ended()
      expect(tree(all, undefined)[0]).toBe('SERVER POST /graphql')
      expect(all[0]?.traceId).not.toBe(TRACE)
    }
  })

  it('is not recorded if the caller has not sampled it, and the log names it all the same', async () => {
    gateway.log.length = 0
    await ask(gateway, list('domains', 6), { headers: { traceparent: `00-${TRACE}-${PARENT}-00` } })
    await ask(gateway, list('domains', 7), { headers: { traceparent: `00-${TRACE.replace('4', '5')}-${PARENT}-01` } })
    expect(new Set((await ended()).map(({ traceId }) => traceId))).toEqual(new Set([TRACE.replace('4', '5')]))
    expect(gateway.log.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: 'operation', trace_id: TRACE, trace_flags: '00' }),
    )
  })

  it('contains no value: no variable, no token, no parameter of a statement and no query string', async () => {
    const secret = 'Zebra-4711'
    const document = 'query Search($text: String!) { campaigns(first: 2, filter: { search: $text }) { nodes { id } } }'
    await ask(gateway, document, { variables: { text: secret } })
    const query = new URLSearchParams({ query: list('domains', 2), variables: JSON.stringify({ secret }), [secret]: '1' })
    await fetch(`${gateway.url}/graphql?${query}`, { headers: { authorization: `Bearer ${token}`, 'apollo-require-preflight': '1' } })
    const all = await ended(2)
    const text = JSON.stringify(all)
    expect(text).toContain('query=REDACTED&variables=REDACTED&REDACTED=REDACTED')
    for (const value of [secret, token, '"acme', 'acme"']) expect(text).not.toContain(value)
  })

  it('stays one trace if the body is too large for the fast path', async () => {
    await ask(gateway, list('calls', 8) + ' '.repeat(70_000), { headers: SAMPLED })
    expect(tree(await ended(), PARENT)).toEqual(coldTrace('calls', 'Call'))
  })

  it('links a request to the load of another request for which it waited', async () => {
    await Promise.all([ask(gateway, list('domains', 9)), ask(gateway, list('domains', 9))])
    const all = await ended(2)
    const loads = all.filter(({ name }) => name === 'cache.load Response')
    expect(loads).toHaveLength(1)
    const joined = all.filter(
      ({ name, attributes }) => name === 'cache.read Response' && attributes['tidegate.cache.layer'] === 'coalesced',
    )
    expect(joined.map(({ links }) => links)).toEqual([[loads[0]?.id]])
    expect(joined[0]?.traceId).not.toBe(loads[0]?.traceId)
  })

  it('of a mutation contains its transaction and the wait for the invalidation log', async () => {
    const { body } = await ask(
      gateway,
      'mutation { createCampaign(input: { name: "Traced", budget: { amount: 1, currency: "USD" }, keywords: ["roof"] }) { errors { message } } }',
      { headers: SAMPLED },
    )
    const lines = tree(await ended(), PARENT).map((line) => line.trim())
    expect(body.errors).toBeUndefined()
    expect(lines).toEqual(
      expect.arrayContaining(['SERVER mutation', 'CLIENT BEGIN', 'CLIENT INSERT campaigns', 'CLIENT COMMIT', 'INTERNAL cache.sync']),
    )
  })

  it('is not made of the requests of monitoring', async () => {
    for (const path of ['/healthz', '/readyz']) await fetch(gateway.url + path)
    await ask(gateway, list('domains', 5))
    expect((await ended()).filter(({ attributes }) => /z$/.test(String(attributes['url.path'])))).toEqual([])
  })
})

describe('an operation that fails', () => {
  it('marks its spans with the kind of the error and without its message, and the client gets the id of the trace', async () => {
    await database.query('alter table bids rename to hidden_bids')
    onTestFinished(async () => void (await database.query('alter table hidden_bids rename to bids')))
    const { body } = await ask(gateway, list('bids', 2), { headers: SAMPLED })
    expect(body.errors[0].extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', traceId: TRACE })
    const all = await ended()
    const statement = all.find(({ attributes }) => attributes['db.response.status_code'] === '42P01')
    expect(statement).toMatchObject({ status: 2, attributes: { 'error.type': '42P01' } })
    expect(all.find(({ name }) => name === 'query')).toMatchObject({ status: 2, attributes: { 'error.type': 'INTERNAL_SERVER_ERROR' } })
    expect(JSON.stringify(all)).not.toContain('does not exist')
    expect(gateway.log.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: 'unhandled resolver error (masked from the client)', trace_id: TRACE }),
    )
  })

  it('through a mistake of the client is no failure of the server', async () => {
    await ask(gateway, '{ nothingOfThisName }')
    const all = await ended()
    expect(all.find(({ name }) => name === 'GraphQL Operation')).toMatchObject({
      status: 0,
      attributes: { 'error.type': 'GRAPHQL_VALIDATION_FAILED' },
    })
  })
})

describe('the contents of spans', () => {
  it('include the document and the name of the operation only if they are configured', async () => {
    const open = await startTraced({
      databaseUrl: database.url,
      redisUrl: redis.url,
      env: { TRACE_DOCUMENTS: 'on', TRACE_OPERATION_NAMES: 'on' },
    })
    onTestFinished(() => open.close())
    await ask(open, list('domains', 10))
    const all = await ended()
    expect(attributesOf(all, 'query List')?.['graphql.document']).toContain('domains(first: 10)')
    await ask(gateway, list('domains', 10))
    expect(JSON.stringify(await ended())).not.toContain('domains(first')
  })
})

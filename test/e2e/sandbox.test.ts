import { buildClientSchema, getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'

const STUDIO = 'https://studio.apollographql.com'
const INTROSPECTION = {
  operationName: 'IntrospectionQuery',
  query: getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  }),
  variables: {},
}
/** Headers that Sandbox asks to send, in the format of a browser's preflight. */
const SANDBOX_HEADERS =
  'apollo-require-preflight,apollographql-client-name,apollographql-client-version,authorization,content-type,x-apollo-operation-name'
const DEBUGGING_HEADERS = ['age', 'etag', 'cache-status', 'x-cache', 'x-cache-level', 'x-request-id', 'consistency-token']
const LIST = '{ campaigns(first: 1) { nodes { id status } } }'

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

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

async function send(path: string, { method = 'POST', headers = {}, body }: Sent = {}): Promise<Response> {
  const authorization = `Bearer ${await tokenFor(admin)}`
  return fetch(`${gateway.url}${path}`, { method, headers: { authorization, ...headers }, ...(body === undefined ? {} : { body }) })
}

const post = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  send('/graphql', { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })

const get = (query: string, headers: Readonly<Record<string, string>> = {}) =>
  send(`/graphql?${new URLSearchParams({ query })}`, { method: 'GET', headers })

const listOf = (header: string | null) => (header ?? '').split(',').map((item) => item.trim().toLowerCase())

/** Returns the number of operations that the gateway has planned, according to its metrics. Requests that it refused earlier have no known kind. */
async function operations(): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  return [...text.matchAll(/^tidegate_operation_duration_seconds_count\{kind="(?:query|mutation)"\S* (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
}

/** Expects an error in JSON with the request id, and without internal details. */
async function expectJsonError(response: Response, status: number, code?: string): Promise<void> {
  const text = await response.text()
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('x-request-id')).toBe('sandbox-1')
  const { errors } = JSON.parse(text)
  expect(errors).toHaveLength(1)
  expect(errors[0].message).not.toBe('')
  expect(errors[0].extensions.code).toMatch(code ?? /^[A-Z_]+$/)
  expect(text).not.toMatch(/<html|<!doctype|node_modules|src\/|\bat \w+ \(|FST_/i)
}

describe('Apollo Sandbox at studio.apollographql.com', () => {
  it('may send its requests after a preflight that is valid for a day, and the preflight executes nothing', async () => {
    const before = await operations()
    const preflight = await fetch(`${gateway.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: STUDIO, 'access-control-request-method': 'POST', 'access-control-request-headers': SANDBOX_HEADERS },
    })
    expect(preflight.status).toBe(204)
    expect(await preflight.text()).toBe('')
    expect(preflight.headers.get('access-control-allow-origin')).toBe(STUDIO)
    expect(listOf(preflight.headers.get('access-control-allow-methods'))).toEqual(['get', 'post', 'options'])
    expect(listOf(preflight.headers.get('access-control-allow-headers'))).toEqual(
      expect.arrayContaining([...SANDBOX_HEADERS.split(','), 'apollo-cache-debugging', 'consistency-token']),
    )
    expect(preflight.headers.get('access-control-max-age')).toBe('86400')
    expect(listOf(preflight.headers.get('vary'))).toContain('origin')
    expect(await operations()).toBe(before)
  })

  it('reads the whole schema by its introspection query, and the response is not stored', async () => {
    const response = await post(INTROSPECTION, { origin: STUDIO })
    const { data, errors } = (await response.json()) as { data: Parameters<typeof buildClientSchema>[0]; errors: unknown }
    expect(errors).toBeUndefined()
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe(STUDIO)
    expect(listOf(response.headers.get('access-control-expose-headers'))).toEqual(expect.arrayContaining(DEBUGGING_HEADERS))
    expect(listOf(response.headers.get('vary'))).toContain('origin')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const schema = buildClientSchema(data)
    expect(schema.getQueryType()?.getFields()).toHaveProperty('campaigns')
    expect(schema.getMutationType()?.getFields()).toHaveProperty('updateCampaign')
  })

  it('may introspect without an access token, and repeatedly', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { status, errors } = await gateway.ask(INTROSPECTION.query, { principal: null, headers: { origin: STUDIO } })
        expect(errors).toBeUndefined()
        return status
      }),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  it('gets the cache layer of each field if it requests debug output', async () => {
    const response = await post({ query: LIST }, { origin: STUDIO, 'apollo-cache-debugging': 'true' })
    const { extensions } = (await response.json()) as { extensions: { cache: { fields: unknown[] } } }
    expect(response.headers.get('x-cache')).toMatch(/^(HIT|MISS)$/)
    expect(extensions.cache.fields).toContainEqual(expect.objectContaining({ policy: 'Query.campaigns' }))
  })

  it('is the only other origin whose pages may read a response of the gateway', async () => {
    const headers = { origin: 'https://studio.apollographql.com.evil.example' }
    const preflight = await send('/graphql', { method: 'OPTIONS', headers: { ...headers, 'access-control-request-method': 'POST' } })
    const answer = await post({ query: LIST }, headers)
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a GET request', () => {
  it('is refused and executes nothing if a page of another site could send it without a preflight', async () => {
    const before = await operations()
    await expectJsonError(await get(LIST, { 'x-request-id': 'sandbox-1' }), 400, 'BAD_REQUEST')
    expect(await operations()).toBe(before)
  })

  it.each([
    ['apollo-require-preflight', 'true'],
    ['x-apollo-operation-name', 'List'],
  ])('is answered if it has the header %s', async (name, value) => {
    const response = await get(LIST, { [name]: value })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ data: { campaigns: { nodes: [{ id: expect.any(String) }] } } })
  })

  it('is refused if it contains a mutation, with an error that names the method to use, and the mutation is not executed', async () => {
    const status = async () => ((await gateway.ask(LIST)).data?.['campaigns'].nodes[0] ?? {}) as { id: string; status: string }
    const before = await status()
    const response = await get(`mutation { archiveCampaign(input: { id: "${before.id}" }) { errors { code } } }`, {
      'apollo-require-preflight': 'true',
      'x-request-id': 'sandbox-1',
    })
    expect(response.headers.get('allow')).toBe('POST')
    await expectJsonError(response, 405)
    const [row] = await database.query('select status from campaigns where id = $1', [
      Buffer.from(before.id, 'base64url').toString().split(':')[1],
    ])
    expect(String(row?.['status']).toUpperCase()).toBe(before.status)
  })
})

describe('an invalid request gets a JSON error for', () => {
  const json = { 'content-type': 'application/json', 'x-request-id': 'sandbox-1' }

  it.each<[string, string, Sent, number, string]>([
    ['malformed JSON', '/graphql', { headers: json, body: '{"query": "{ tlds' }, 400, 'BAD_REQUEST'],
    ['an empty body', '/graphql', { headers: json, body: '' }, 400, 'BAD_REQUEST'],
    ['a body of 2 MB', '/graphql', { headers: json, body: JSON.stringify({ query: ' '.repeat(2 ** 21) }) }, 413, 'PAYLOAD_TOO_LARGE'],
    ['XML', '/graphql', { headers: { ...json, 'content-type': 'application/xml' }, body: '<query/>' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a form', '/graphql', { headers: { ...json, 'content-type': 'text/plain' }, body: '{"query":"{ __typename }"}' }, 400, 'BAD_REQUEST'],
    ['a list of operations (batches are not enabled)', '/graphql', { headers: json, body: '[]' }, 400, 'BAD_REQUEST'],
    ['a path that does not exist', '/grapql', { headers: json, body: '{"query":"{ __typename }"}' }, 404, 'NOT_FOUND'],
    ['a path that cannot be decoded', '/graphql/%ff', { headers: json, body: '{}' }, 400, 'BAD_REQUEST'],
    ['PUT', '/graphql', { method: 'PUT', headers: json, body: '{"query":"{ __typename }"}' }, 405, 'METHOD_NOT_ALLOWED'],
    ['an invalid access token', '/graphql', { headers: { ...json, authorization: 'Bearer none' }, body: '{}' }, 401, 'UNAUTHENTICATED'],
  ])('%s', async (_, path, sent, status, code) => {
    await expectJsonError(await send(path, sent), status, code)
  })
})

describe('the gateway in production', () => {
  let production: Gateway

  beforeAll(async () => {
    production = await startGateway({ DATABASE_URL: database.url, NODE_ENV: 'production' })
  })

  afterAll(() => production?.stop())

  it('does not reveal the schema, neither by introspection nor by suggestions', async () => {
    const introspection = await production.ask(INTROSPECTION.query)
    expect(introspection.data).toBeUndefined()
    expect(introspection.errors?.map(({ extensions }) => extensions.code)).toContain('GRAPHQL_VALIDATION_FAILED')
    const misspelt = await production.ask('{ campains(first: 1) { nodes { id } } }')
    expect(JSON.stringify(misspelt.errors)).not.toContain('campaigns')
  })

  it('answers queries, and prints no debug output', async () => {
    const { data, extensions } = await production.ask(LIST, { headers: { 'x-cache-debug': '1' } })
    expect(data?.['campaigns'].nodes).toHaveLength(1)
    expect(extensions).toBeUndefined()
  })

  it.each(['/', '/explorer'])('has no page at %s', async (path) => {
    const response = await fetch(`${production.url}${path}`, { headers: { accept: 'text/html', 'x-request-id': 'sandbox-1' } })
    await expectJsonError(response, 404, 'NOT_FOUND')
  })

  it('prints no access tokens', () => {
    expect(production.output.join('\n')).not.toMatch(/Bearer|eyJ/)
  })
})

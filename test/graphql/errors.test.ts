import { describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { errorCodes } from '#src/errors.ts'
import { at, startTinyGateway, viewer } from './tiny-gateway.ts'
import { CANARY } from './tiny-module.ts'

describe('the error that a client receives', () => {
  it.each([
    'sql',
    'string',
    'impostor',
    'configuration',
    'bug',
  ])('contains only the code and the request id if the original error is not meant for clients: %s', async (how) => {
    await using gateway = await startTinyGateway()
    const answer = await gateway.ask('query ($how: String!) { fails(how: $how) }', { viewer: viewer('t1'), variables: { how } })
    expect(answer.body).not.toContain(CANARY)
    expect(answer.body).not.toMatch(/secret_table|stack|node_modules|23505/)
    expect(answer.data).toEqual({ fails: null })
    expect(answer.errors).toEqual([
      {
        message: errorCodes.INTERNAL_SERVER_ERROR.message,
        locations: expect.anything(),
        path: ['fails'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' },
      },
    ])
    expect(gateway.hidden).toMatchObject([{ requestId: 'request-1', code: 'INTERNAL_SERVER_ERROR', path: ['fails'] }])
  })

  it('says that the data is unavailable if the database cannot be reached', async () => {
    await using gateway = await startTinyGateway()
    const answer = await gateway.ask('{ fails(how: "unreachable") }', { viewer: viewer('t1') })
    expect(answer.errors[0]).toMatchObject({ message: errorCodes.UNAVAILABLE.message, extensions: { code: 'UNAVAILABLE' } })
    expect(answer.body).not.toContain(CANARY)
  })

  it('contains the original message if the error is meant for clients', async () => {
    await using gateway = await startTinyGateway()
    const answer = await gateway.ask('{ fails(how: "taken") }', { viewer: viewer('t1') })
    expect(answer.errors[0]).toMatchObject({ message: 'Somebody else has changed it.', extensions: { code: 'CONFLICT' } })
    expect(gateway.hidden).toEqual([])
  })
})

describe('a request that cannot be executed', () => {
  const JSON_TYPE = 'application/json'
  const GRAPHQL_TYPE = 'application/graphql-response+json'
  const table: readonly (readonly [query: string, code: string])[] = [
    ['{ words', 'GRAPHQL_PARSE_FAILED'],
    ['{ nonsense }', 'GRAPHQL_VALIDATION_FAILED'],
    ['query ($how: String!) { fails(how: $how) }', 'BAD_USER_INPUT'],
  ]
  it.each(table)('gets status 200 in application/json and 400 in application/graphql-response+json: %s', async (query, code) => {
    await using gateway = await startTinyGateway()
    for (const [accept, status] of [
      [JSON_TYPE, 200],
      [GRAPHQL_TYPE, 400],
      [`${GRAPHQL_TYPE}, ${JSON_TYPE};q=0.9`, 400],
      ['*/*', 200],
      [`*/*, ${GRAPHQL_TYPE}`, 400],
      ['text/html, application/*;q=0.5', 200],
    ] as const) {
      const answer = await gateway.ask(query, { headers: { accept } })
      expect([accept, answer.status, answer.errors[0]?.extensions['code'], answer.data]).toEqual([accept, status, code, undefined])
      expect(answer.headers.get('content-type')).toContain(status === 200 ? JSON_TYPE : GRAPHQL_TYPE)
    }
  })

  it('gets 405 with the allowed method if it is a mutation by GET', async () => {
    await using gateway = await startTinyGateway()
    const { status, headers } = await gateway.ask('mutation { setText(id: "1", text: "x") { id } }', {
      method: 'GET',
      viewer: viewer('t1', 'EDITOR'),
    })
    expect([status, headers.get('allow'), headers.get('cache-control')]).toEqual([405, 'POST', 'no-store'])
  })

  it('is refused if it is a GET that a page of another site could send without a preflight', async () => {
    await using gateway = await startTinyGateway()
    const answer = await gateway.ask('{ words { nodes { name } } }', { method: 'GET', headers: { 'apollo-require-preflight': '' } })
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([400, 'no-store'])
    expect(gateway.store.loads).toEqual([])
    expect((await gateway.ask('{ words { nodes { name } } }', { method: 'GET' })).status).toBe(200)
  })

  it('is refused before execution if the client accepts no media type of the gateway', async () => {
    await using gateway = await startTinyGateway()
    for (const accept of ['text/html', 'application/json;q=0, text/*', 'image/png']) {
      const answer = await gateway.ask('{ words { nodes { name } } }', { headers: { accept } })
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([406, 'no-store'])
    }
    expect(gateway.store.loads).toEqual([])
  })

  it('is refused if it contains @defer or @stream', async () => {
    await using gateway = await startTinyGateway()
    const { errors } = await gateway.ask('{ words { ... @defer { nodes @stream { name } } } }')
    expect(errors.map(({ message }) => message).join()).toMatch(/defer/)
    expect(errors[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  it('gets PERSISTED_QUERY_NOT_FOUND if it contains only an unknown hash, so that the client sends the document', async () => {
    await using gateway = await startTinyGateway()
    const response = await gateway.endpoint.execute({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      search: '',
      body: Buffer.from(JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } })),
      viewer: null,
      requestId: 'r',
      debug: false,
    })
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'private, no-cache, must-revalidate'])
    expect(Buffer.from(response.body as Uint8Array).toString()).toContain('PERSISTED_QUERY_NOT_FOUND')
  })
})

describe('the limits on a document', () => {
  const limits = { ...readConfig({}).limits, maxTokens: 200, maxDepth: 4, maxAliases: 3, maxRootFields: 3 }
  const table: readonly (readonly [title: string, query: string, message: RegExp])[] = [
    ['depth', '{ words { nodes { ...F } } } fragment F on Word { name { a { b } } }', /5 levels of fields and inline fragments; at most 4/],
    ['depth of inline fragments', '{ words { ... { ... { nodes { name } } } } }', /5 levels of fields and inline fragments; at most 4/],
    [
      'depth below __type',
      '{ __type(name: "Note") { fields { type { ofType { ofType { name } } } } } }',
      /6 levels of fields and inline fragments; at most 4/,
    ],
    ['aliases', '{ a: lucky b: lucky c: __typename d: lucky }', /4 root fields; at most 3|4 aliases; at most 3/],
    [
      'aliases in fragments, counted at every use',
      '{ words { nodes { ...F } } w: words { nodes { ...F } } } fragment F on Word { a: name b: letters }',
      /5 aliases; at most 3/,
    ],
    [
      'root fields',
      'mutation { a: setText(id: 1, text: "") { id } b: setText(id: 1, text: "") { id } c: setText(id: 1, text: "") { id } d: setText(id: 1, text: "") { id } }',
      /4 root fields; at most 3/,
    ],
    ['tokens', `{ ${'lucky '.repeat(300)} }`, /302 tokens; at most 200/],
  ]
  it.each(table)('are enforced for %s', async (_title, query, message) => {
    await using gateway = await startTinyGateway({ limits })
    const { errors } = await gateway.ask(query, { viewer: viewer('t1', 'EDITOR') })
    expect(errors.map(({ message }) => message).join('\n')).toMatch(message)
  })

  it('do not hide the error for a fragment that spreads itself', async () => {
    await using gateway = await startTinyGateway({ limits })
    const { errors } = await gateway.ask('{ words { ...F } } fragment F on WordList { ...G } fragment G on WordList { ...F }')
    expect(errors[0]?.message).toMatch(/Cannot spread fragment "F" within itself/)
  })
})

describe('a gateway that is shutting down', () => {
  it('first answers the requests that are being executed', async () => {
    await using gateway = await startTinyGateway()
    const asked = gateway.ask('{ words { nodes { name } } }')
    const stopped = gateway.endpoint.stop()
    expect(at((await asked).data, 'words', 'nodes')).toHaveLength(2)
    await stopped
    const late = await gateway.ask('{ words { nodes { name } } }')
    expect([late.status, late.errors[0]?.extensions['code'], late.headers.get('cache-control')]).toEqual([503, 'UNAVAILABLE', 'no-store'])
  })
})

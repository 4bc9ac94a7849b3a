import { createHash } from 'node:crypto'
import { buildSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import type { Module } from '#src/gateway/contract/module.ts'
import { DocumentStore } from '#src/gateway/graphql/document/document-store.ts'
import { InvalidRequestError } from '#src/gateway/graphql/document/invalid-request.ts'
import { limitSettings } from '#src/gateway/graphql/document/limits/limits.ts'
import { startTinyGateway, viewer } from '../tiny-gateway.ts'

const { limits } = readConfig({})
const manyKeys = Object.fromEntries(Array.from({ length: 15_000 }, (_, index) => [`a${index}`, 1]))

describe('a request that exceeds a limit', () => {
  it.each([
    'POST',
    'GET',
  ] as const)('by %s gets status 400 and an error that states the limit and the value, the first time and later', async (method) => {
    await using gateway = await startTinyGateway()
    const query = 'query ($name: String!) { word(name: $name) { letters } }'
    const ask = (variables: Record<string, unknown>) => gateway.ask(query, { variables, method })
    const cold = await ask({ name: 'call', k: manyKeys })
    for (let time = 0; time < 5; time++) expect((await ask({ name: 'call' })).status).toBe(200)
    const hot = await ask({ name: 'call', k: manyKeys })
    expect(cold.status).toBe(400)
    expect(cold.errors).toEqual([
      {
        message:
          'The request has 15000 keys in one object of its variables; at most 100 are allowed (MAX_OBJECT_KEYS). Send less in one request.',
        extensions: { code: 'LIMIT_EXCEEDED', setting: 'MAX_OBJECT_KEYS', limit: 100, value: 15_000 },
      },
    ])
    expect([hot.status, hot.body, hot.headers.get('cache-control')]).toEqual([400, cold.body, 'no-store'])
    expect(gateway.operations.filter(({ errorCodes }) => errorCodes.includes('LIMIT_EXCEEDED'))).toHaveLength(2)
  })

  it('is rejected before any resolver runs, whatever media type the client accepts', async () => {
    await using gateway = await startTinyGateway({ limits: { ...limits, maxCost: 100 } })
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const answer = await gateway.ask('{ words { nodes { name letters } } }', { headers: { accept } })
      expect([answer.status, answer.errors]).toEqual([
        400,
        [
          {
            message: 'The request has 302 values in its answer; at most 100 are allowed (MAX_COST). Request less in one operation.',
            extensions: { code: 'LIMIT_EXCEEDED', setting: 'MAX_COST', limit: 100, value: 302 },
          },
        ],
      ])
    }
    expect(gateway.store.loads).toEqual([])
  })

  it('is also rejected as part of a batch, whose other requests are answered', async () => {
    await using gateway = await startTinyGateway({ maxBatched: 3 })
    const member = (variables: unknown) => ({ query: '{ words { nodes { name } } }', variables })
    const body = Buffer.from(JSON.stringify([member({}), member({ k: manyKeys }), member({})]))
    const headers = { 'content-type': 'application/json' }
    const response = await gateway.endpoint.execute({
      method: 'POST',
      headers,
      search: '',
      body,
      viewer: null,
      requestId: 'r',
      debug: false,
    })
    const answers = JSON.parse(Buffer.from(response.body as Uint8Array).toString())
    expect(
      answers.map(({ errors }: { errors?: { extensions: { code: string } }[] }) => errors?.[0]?.extensions.code ?? 'answered'),
    ).toEqual(['answered', 'LIMIT_EXCEEDED', 'answered'])
  })

  it('is refused and counted once, if it is a batch with too many members or none', async () => {
    await using gateway = await startTinyGateway({ maxBatched: 1 })
    const headers = { 'content-type': 'application/json' }
    for (const members of [[], [{ query: '{ lucky }' }, { query: '{ lucky }' }]]) {
      const body = Buffer.from(JSON.stringify(members))
      const request = { method: 'POST', headers, search: '', body, viewer: null, requestId: 'r', debug: false }
      expect((await gateway.endpoint.execute(request)).status).toBe(400)
    }
    expect(gateway.operations.map(({ layer, errorCodes }) => [layer, errorCodes])).toEqual([
      ['refused', ['BAD_REQUEST']],
      ['refused', ['BAD_REQUEST']],
    ])
  })

  it('is rejected if its extensions are too large or its operation name is too long', async () => {
    await using gateway = await startTinyGateway()
    const send = async (members: Record<string, unknown>) => {
      const body = Buffer.from(JSON.stringify({ query: '{ lucky }', ...members }))
      const headers = { 'content-type': 'application/json' }
      const request = { method: 'POST', headers, search: '', body, viewer: viewer('t1', 'VIEWER'), requestId: 'r', debug: false }
      return (await gateway.endpoint.execute(request)).status
    }
    expect(await send({})).toBe(200)
    expect(await send({ extensions: manyKeys })).toBe(400)
    expect(await send({ operationName: 'x'.repeat(10_001) })).toBe(400)
  })

  it('gets at most five errors about its variables, each shortened, and one error that says how many further errors are omitted', async () => {
    await using gateway = await startTinyGateway()
    const names = Array.from({ length: 8 }, (_, index) => `v${index}`)
    const query = `query (${names.map((name) => `$${name}: String!`).join(', ')}) { ${names.map((name) => `${name}: word(name: $${name}) { letters }`).join(' ')} }`
    const variables = Object.fromEntries(names.map((name) => [name, { text: 'x'.repeat(2000) }]))
    for (let time = 0; time < 4; time++) {
      const { errors } = await gateway.ask(query, { variables })
      expect(errors.map(({ extensions }) => extensions['code'])).toEqual(new Array(6).fill('BAD_USER_INPUT'))
      expect(errors.at(-1)?.message).toMatch(/^Too many errors processing variables/)
      for (const { message } of errors) expect(message.length).toBeLessThanOrEqual(501)
    }
    expect(gateway.hidden).toEqual([])
  })

  it('gets no suggestions in its error messages if introspection is off, whether the error is in a literal or in a variable', async () => {
    await using gateway = await startTinyGateway({ introspection: false })
    const literal = await gateway.ask('mutation { addNote(foldre: "a", text: "b") { id } }', { viewer: viewer('t1', 'EDITOR') })
    const variable = await gateway.ask('query ($name: String!) { word(name: $name) { letters } }', { variables: { name: { nmae: 1 } } })
    for (const { errors } of [literal, variable]) {
      expect(errors.length).toBeGreaterThan(0)
      expect(JSON.stringify(errors)).not.toMatch(/did you mean/i)
    }
  })
})

describe('an execution', () => {
  const adapt =
    (resolvers: Record<string, unknown>) =>
    (module: Module): Module => ({
      ...module,
      resolvers: { ...module.resolvers, Query: { ...(module.resolvers['Query'] as object), ...resolvers } },
    })

  it('is aborted at its timeout, and the next request is answered', async () => {
    const never = { lucky: () => new Promise(() => undefined) }
    await using gateway = await startTinyGateway({ limits: { ...limits, executionTimeoutMs: 20 }, adapt: adapt(never) })
    const { status, errors } = await gateway.ask('{ lucky }', { viewer: viewer('t1', 'VIEWER') })
    expect([status, errors]).toEqual([
      503,
      [
        {
          message: 'The operation was not finished within 20 ms (EXECUTION_TIMEOUT_MS). Request less in one operation.',
          extensions: { code: 'TIMEOUT' },
        },
      ],
    ])
    expect((await gateway.ask('{ words { nodes { name } } }')).status).toBe(200)
  })

  it('is aborted if a loaded list has more items than MAX_COST allows, although the schema declares a shorter list', async () => {
    await using gateway = await startTinyGateway({ limits: { ...limits, maxCost: 500 } })
    for (let index = 0; index < 501; index++) gateway.store.words.push(`word${index}`)
    const { status, errors } = await gateway.ask('{ words { nodes { name } } }')
    expect([status, errors[0]?.message]).toEqual([
      200,
      'The request has 503 items in the lists of its answer; at most 500 are allowed (MAX_COST). Request less in one operation.',
    ])
  })

  it('is rejected if its response would exceed the size limit, and no part of that response is stored', async () => {
    await using gateway = await startTinyGateway({ limits: { ...limits, maxResponseBytes: 3000, maxConcurrentCost: 100 } })
    gateway.store.words.splice(0, 2, ...Array.from({ length: 90 }, (_, index) => `${'x'.repeat(20)}${index}`))
    const query = `{ words { nodes { ${Array.from({ length: 12 }, (_, index) => `a${index}: name`).join(' ')} } } }`
    for (let time = 0; time < 2; time++) {
      const { status, errors, headers } = await gateway.ask(query)
      expect([status, errors[0]?.extensions['setting'], headers.get('cache-control')]).toEqual([400, 'MAX_RESPONSE_BYTES', 'no-store'])
    }
  })

  it('completes a list of thousands of rows in slices, with and without compiled code, and gives one complete response', async () => {
    await using gateway = await startTinyGateway()
    for (let index = 0; index < 3000; index++) gateway.store.words.push(`word${index}`)
    for (let time = 0; time < 4; time++) {
      const { data } = await gateway.ask(`query T${time % 2} { words { nodes { name letters } } }`)
      expect(data).toMatchObject({ words: { nodes: { length: 3002, 3001: { name: 'word2999', letters: 8 } } } })
    }
  })
})

describe('the document store', () => {
  const schema = buildSchema('type Query { a: Int b: Int }')
  const create = (cpuTime = () => 0, changes = {}) =>
    new DocumentStore({ schema, introspection: true, limits: { ...limits, ...changes }, maxBytes: 1_000_000, cpuTime })
  const keyOf = (text: string) => `schema:${createHash('sha256').update(text).digest('hex')}`

  it('finds documents by their hash after they passed the checks, and never finds documents with errors', async () => {
    const store = create()
    for (const text of ['{ a }', '{ a', '']) store.check(text, '')
    expect(() => store.check('{ c }', '')).toThrow(InvalidRequestError)
    expect(await store.get(keyOf('{ a }'))).toMatchObject({ kind: 'Document' })
    for (const text of ['{ c }', '{ a', '']) expect(await store.get(keyOf(text))).toBeUndefined()
  })

  it('rejects introspection documents while introspection is off', async () => {
    const store = new DocumentStore({ schema, introspection: false, limits, maxBytes: 1_000_000, cpuTime: () => 0 })
    expect(() => store.check('{ __schema { types { name } } }', '')).toThrow(InvalidRequestError)
    expect(await store.get(keyOf('{ __schema { types { name } } }'))).toBeUndefined()
  })

  it.each([
    ['list literals', (levels: number) => `{ a(b: ${'['.repeat(levels)}${']'.repeat(levels)}) }`, 'MAX_INPUT_DEPTH'],
    ['unclosed list literals', (levels: number) => `{ a(b: ${'['.repeat(levels)}`, 'MAX_INPUT_DEPTH'],
    ['object literals', (levels: number) => `{ a(b: ${'{ c: '.repeat(levels)}1${' }'.repeat(levels)}) }`, 'MAX_INPUT_DEPTH'],
    ['list types', (levels: number) => `query ($a: ${'['.repeat(levels)}Int${']'.repeat(levels)}) { a }`, 'MAX_INPUT_DEPTH'],
    ['fields', (levels: number) => `${'{ a '.repeat(levels)}${'}'.repeat(levels)}`, 'MAX_DEPTH'],
    ['inline fragments', (levels: number) => `${'{ ... '.repeat(levels)}{ a }${'}'.repeat(levels)}`, 'MAX_DEPTH'],
  ])('rejects documents that nest %s so deep that the parser could overflow the stack', (_, make, setting) => {
    for (const levels of [201, 900]) {
      expect(() => create().check(make(levels), '')).toThrow(expect.objectContaining({ exceeded: expect.objectContaining({ setting }) }))
    }
    const roomy = { maxTokens: 1_000_000, maxDocumentBytes: 10_000_000 }
    expect(() => create(undefined, roomy).check(make(50_000), '')).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }))
  })

  it('rejects documents whose validation takes more CPU time than allowed', () => {
    let now = 0
    const store = create(() => (now += 100), { validationTimeoutMs: 250, maxRootFields: 1000 })
    expect(() => store.check(`{ ${'a b '.repeat(50)} }`, '')).toThrow(
      /300 ms of CPU time for validation; at most 250 are allowed \(VALIDATION_TIMEOUT_MS\)/,
    )
  })

  it('rejects documents with too many bytes, counted in UTF-8, or too many tokens', () => {
    expect(() => create(undefined, { maxDocumentBytes: 20 }).check('{ a } # üüüüüü', '')).not.toThrow()
    expect(() => create(undefined, { maxDocumentBytes: 20 }).check('{ a } # üüüüüüü', '')).toThrow(
      /22 bytes in its document; at most 20 are allowed/,
    )
    expect(() => create(undefined, { maxTokens: 5 }).check('{ a b a }', '')).not.toThrow()
    expect(() => create(undefined, { maxTokens: 5 }).check('{ a b c d }', '')).toThrow(/6 tokens; at most 5 are allowed/)
  })
})

describe('the configured limits', () => {
  it('are read from environment variables, and the error about an invalid limit names the environment variable', () => {
    for (const [name, setting] of Object.entries(limitSettings)) {
      const raised = readConfig({ [setting]: '1234', MAX_OPERATION_HEAP_BYTES: '10000000000' })
      expect(raised.limits).toMatchObject({ [name]: 1234 })
      expect(() => readConfig({ [setting]: '0' })).toThrow(`${setting}: expected a positive whole number`)
    }
  })

  it('are rejected if an operation within these limits could use more memory than MAX_OPERATION_HEAP_BYTES', () => {
    expect(() => readConfig({ MAX_COST: '1000000' })).toThrow(
      'MAX_OPERATION_HEAP_BYTES: an operation of MAX_COST and MAX_RESPONSE_BYTES may take 1040777216 bytes, and 134217728 are allowed: raise it, or lower one of them.',
    )
    expect(readConfig({ MAX_COST: '1000000', MAX_OPERATION_HEAP_BYTES: '2000000000' }).limits.maxCost).toBe(1_000_000)
  })
})

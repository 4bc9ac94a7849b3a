import { hash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EnvelopeSource } from '#src/gateway/graphql/document/envelope.ts'
import { readEnvelope } from '#src/gateway/graphql/document/envelope.ts'
import { TrustedDocuments } from '#src/gateway/graphql/document/trusted/trusted-documents.ts'
import { Random } from '#src/market/seed/random.ts'
import { envelopeDocuments, envelopeManifest, randomEnvelope } from '../hostile/envelope-shapes.ts'
import { post, type Sent, startTinyServer } from '../threats/tiny-server.ts'

const QUERY = '{ words { nodes { name } } }'
const NAMED = 'query A { words { nodes { name } } }'
const TWO = 'query A { __typename } query B { __typename }'
const of = (text: string) => hash('sha256', text)
const persisted = (persistedQuery: unknown) => ({ extensions: { persistedQuery } })

const answered: readonly (readonly [title: string, parts: Readonly<Record<string, unknown>>])[] = [
  ['an empty operation name', { query: QUERY, operationName: '' }],
  ['an empty operation name although the operation has a name', { query: NAMED, operationName: '' }],
  ['variables that are null', { query: QUERY, variables: null }],
  ['extensions that are null', { query: QUERY, extensions: null }],
  ['a persisted query that is null', { query: QUERY, ...persisted(null) }],
  ['unknown properties', { query: QUERY, x: 1, variables: { x: 1 }, extensions: { x: 1 } }],
  ['a persisted query that includes its document', { query: QUERY, ...persisted({ version: 1, sha256Hash: of(QUERY) }) }],
]

const BAD_REQUEST = [400, 'BAD_REQUEST'] as const
const BAD_INPUT = [400, 'BAD_USER_INPUT'] as const
const refused: readonly (readonly [
  title: string,
  expected: readonly [number, string],
  parts: Readonly<Record<string, unknown>>,
  message: RegExp,
])[] = [
  ['no query', BAD_REQUEST, {}, /Expected a GraphQL document in `query`, got none/],
  ['a query that is null', BAD_REQUEST, { query: null, variables: {} }, /Expected a GraphQL document/],
  ['an empty query', BAD_REQUEST, { query: '' }, /Expected a GraphQL document/],
  ['variables that are a list', BAD_REQUEST, { query: QUERY, variables: [] }, /JSON object in `variables`, got a list/],
  ['variables that are a string', BAD_REQUEST, { query: QUERY, variables: '{}' }, /JSON object in `variables`, got a text/],
  ['variables that are a number', BAD_REQUEST, { query: QUERY, variables: 0 }, /JSON object in `variables`, got 0/],
  ['extensions that are a list', BAD_REQUEST, { query: QUERY, extensions: [] }, /JSON object in `extensions`, got a list/],
  ['an unknown operation name', [400, 'OPERATION_RESOLUTION_FAILURE'], { query: NAMED, operationName: 'B' }, /Unknown operation named "B"/],
  [
    'an operation name although the operation has none',
    [400, 'OPERATION_RESOLUTION_FAILURE'],
    { query: QUERY, operationName: 'A' },
    /Unknown operation/,
  ],
  [
    'no operation name although the document has two operations',
    [400, 'OPERATION_RESOLUTION_FAILURE'],
    { query: TWO, operationName: '' },
    /Must provide operation name/,
  ],
  [
    'the hash of another document',
    BAD_INPUT,
    { query: QUERY, ...persisted({ version: 1, sha256Hash: of(NAMED) }) },
    /that of another text/,
  ],
  ['a hash in upper case', BAD_INPUT, persisted({ version: 1, sha256Hash: of(QUERY).toUpperCase() }), /lower case.*got capitals/],
  ['a hash that is too short', BAD_INPUT, persisted({ version: 1, sha256Hash: of(QUERY).slice(1) }), /64 hexadecimal digits/],
  ['a hash that is a number', BAD_INPUT, persisted({ version: 1, sha256Hash: 1 }), /64 hexadecimal digits.*got 1/],
  ['a persisted query without hash', BAD_INPUT, persisted({ version: 1 }), /64 hexadecimal digits.*got nothing/],
  [
    'persisted queries of version 2',
    BAD_INPUT,
    { query: QUERY, ...persisted({ version: 2, sha256Hash: of(QUERY) }) },
    /expected version 1, got version 2/,
  ],
  ['a version that is a string', BAD_INPUT, persisted({ version: '1', sha256Hash: of(QUERY) }), /expected version 1, got version a text/],
  ['a hash instead of the persistedQuery object', BAD_INPUT, { query: QUERY, ...persisted(of(QUERY)) }, /expected an object.*got a text/],
  ['a list instead of the persistedQuery object', BAD_INPUT, persisted([]), /expected an object.*got a list/],
  ['false instead of the persistedQuery object', BAD_INPUT, { query: QUERY, ...persisted(false) }, /expected an object.*got false/],
]

const MESSAGE = (text: string) => JSON.parse(text).errors[0]

function searchOf(parts: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parts))
    search.set(name, ['query', 'operationName'].includes(name) && typeof value === 'string' ? value : JSON.stringify(value))
  return search.toString()
}

type Server = Awaited<ReturnType<typeof startTinyServer>>
interface Answer {
  readonly status: number
  readonly text: string
}

let cached: Server
let uncached: Server
const answers = new Map<string, Answer[]>()

/** Returns the request as a POST and as a GET, or only as a POST if its query is null, because a query string cannot contain null. */
function waysOf(parts: Readonly<Record<string, unknown>>): Sent[] {
  const byGet = { method: 'GET', path: `/graphql?${searchOf(parts)}`, headers: { 'apollo-require-preflight': 'true' } }
  return [{ ...post(''), body: JSON.stringify(parts) }, ...(parts['query'] === null ? [] : [byGet])]
}

/**
 * Sends all requests three times (cold, from stored documents, and from the cache), after other requests for the same
 * documents, and to a gateway without a cache.
 */
beforeAll(async () => {
  cached = await startTinyServer()
  uncached = await startTinyServer({ gateway: { enabled: false } })
  const requests = [...answered, ...refused].map((row) => [row[0], row.length === 2 ? row[1] : row[2]] as const)
  for (const round of ['cold', 'stored', 'at hand', 'without a cache']) {
    for (const [title, parts] of requests)
      for (const sent of waysOf(parts)) {
        const { status, text } = await (round === 'without a cache' ? uncached : cached).send(sent)
        answers.set(title, [...(answers.get(title) ?? []), { status, text }])
      }
    for (const query of [QUERY, NAMED]) for (let time = 0; time < 3; time++) await cached.send(post(query))
  }
})

afterAll(async () => {
  expect([...cached.gateway.hidden, ...uncached.gateway.hidden]).toEqual([])
  await cached?.[Symbol.asyncDispose]()
  await uncached?.[Symbol.asyncDispose]()
})

describe('a GraphQL request', () => {
  it.each(answered)('with %s gets the same answer by POST and GET, whether the answer is cached or not', (title) => {
    const replies = answers.get(title) ?? []
    expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(replies[0]?.status).toBe(200)
    expect(Object.keys(JSON.parse(String(replies[0]?.text)))).toEqual(['data'])
  })

  it.each(refused)('with %s is refused with the same error by POST and GET, whether the request is new or repeated', (title, [
    status,
    code,
  ], _parts, message) => {
    expect(answers.get(title)?.length).toBeGreaterThanOrEqual(4)
    for (const reply of answers.get(title) ?? []) {
      expect([reply.status, MESSAGE(reply.text).extensions.code]).toEqual([status, code])
      expect(MESSAGE(reply.text).message).toMatch(message)
    }
  })

  it('by GET is refused if a parameter appears twice or is not JSON', async () => {
    const headers = { 'apollo-require-preflight': 'true' }
    for (const [search, message] of [
      [`${searchOf({ query: QUERY })}&query=x`, /`query` once .*, got it 2 times/],
      [`${searchOf({ query: QUERY })}&operationName=&operationName=`, /`operationName` once/],
      [`${searchOf({ query: QUERY })}&variables=`, /Expected JSON in `variables`/],
      [`${searchOf({ query: QUERY })}&extensions={`, /Expected JSON in `extensions`/],
    ] as const) {
      const { status, text } = await cached.send({ method: 'GET', path: `/graphql?${search}`, headers })
      expect([status, MESSAGE(text).extensions.code, MESSAGE(text).message]).toEqual([400, 'BAD_REQUEST', expect.stringMatching(message)])
    }
  })

  it('that is invalid is answered in the media type that the client accepts', async () => {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const { status, headers } = await cached.send({ ...post('', { accept }), body: '{"query":1}' })
      expect([status, headers['content-type']]).toEqual([400, `${accept}; charset=utf-8`])
    }
  })
})

describe('the parts of a random GraphQL request', () => {
  const documents = envelopeDocuments('Q2FtcGFpZ246MQ')
  const manifest = new Map(Object.entries(envelopeManifest(documents)))

  it.each([
    false,
    true,
  ])('are read with the right types, or rejected with a client error (if only trusted documents are allowed: %s)', (exclusive) => {
    const trusted = new TrustedDocuments({ file: 'documents.json', documents: manifest, exclusive })
    const drawn = { byId: 0, unknownId: 0, idOfWrongType: 0 }
    for (let seed = 0; seed < 2000; seed++) {
      const { method, search, body } = randomEnvelope(new Random(`envelope ${seed}`), documents)
      let source: EnvelopeSource
      try {
        source = method === 'GET' ? { search } : { body: JSON.parse(body.toString()) }
      } catch {
        continue
      }
      try {
        const envelope = readEnvelope(source, (id) => trusted.answersFor(id))
        const { query, documentId, operationName, variables, extensions } = trusted.resolve(envelope)
        expect([undefined, 'string']).toContain(query === undefined ? undefined : typeof query)
        expect(documentId).toBeUndefined()
        expect(operationName).not.toBe('')
        if (exclusive) expect([...manifest.values()]).toContain(query)
        if (envelope.documentId !== undefined && envelope.query === undefined) drawn.byId++
        for (const part of [variables, extensions])
          expect(part === undefined || (typeof part === 'object' && !Array.isArray(part))).toBe(true)
      } catch (error) {
        expect(error).toMatchObject({ name: 'GatewayError', status: 400, message: expect.stringMatching(/xpected/) })
        const { code, message } = error as { code: string; message: string }
        if (code === 'DOCUMENT_NOT_FOUND') drawn.unknownId++
        if (message.includes('`documentId`, got')) drawn.idOfWrongType++
      }
    }
    for (const count of Object.values(drawn)) expect(count).toBeGreaterThan(20)
  })
})

import { hash } from 'node:crypto'
import { parse } from 'graphql'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NO_TRUSTED_DOCUMENTS, TrustedDocuments } from '#src/gateway/graphql/document/trusted/trusted-documents.ts'
import { get, post, type Sent, startTinyServer } from '../../threats/tiny-server.ts'
import { startTinyGateway } from '../tiny-gateway.ts'

/**
 * Counts the documents that the gateway parses. Apollo Server parses only documents that the gateway has already
 * parsed.
 */
vi.mock('graphql', { spy: true })
const parsed = vi.mocked(parse)

const WORDS = 'query Words { words { nodes { name } } }'
const OTHER = 'query Other { words { nodes { letters } } }'
const TEXT = 'query Text($name: String!) { word(name: $name) { letters } }'
const sha1 = (text: string) => hash('sha1', text)
const sha256 = (text: string) => hash('sha256', text)
const documents = new Map([WORDS, TEXT].map((text) => [sha1(text), text]))
const options = { file: 'documents.json', documents }
const open = new TrustedDocuments({ ...options, exclusive: false })
const only = new TrustedDocuments({ ...options, exclusive: true })
const persisted = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } })

const codeOf = (trusted: TrustedDocuments, envelope: Parameters<TrustedDocuments['resolve']>[0]): unknown => {
  try {
    const { query } = trusted.resolve(envelope)
    return query
  } catch (error) {
    return Reflect.get(error as object, 'code')
  }
}

describe('a request for a trusted document', () => {
  it.each([
    ['the id in the manifest', { documentId: sha1(WORDS) }],
    ['its SHA-256 with the prefix sha256:', { documentId: `sha256:${sha256(WORDS)}` }],
    ['its SHA-256', { documentId: sha256(WORDS) }],
    ['its SHA-256 as a persisted query', persisted(sha256(WORDS))],
    ['the id in the manifest as a persisted query', persisted(sha1(WORDS))],
    ['the id and the document', { documentId: sha1(WORDS), query: WORDS }],
    ['both ids and the document', { documentId: sha1(WORDS), query: WORDS, ...persisted(sha256(WORDS)) }],
    ['the document', { query: WORDS }],
  ])('can identify the document by %s', (_, envelope) => {
    for (const trusted of [open, only]) {
      const resolved = trusted.resolve(envelope)
      expect(resolved).toEqual({ query: WORDS, ...('extensions' in envelope ? { extensions: {} } : {}) })
    }
  })

  it.each([
    ['an unknown id', { documentId: sha1(OTHER) }, 'DOCUMENT_NOT_FOUND', 'DOCUMENT_NOT_FOUND'],
    ['an empty id', { documentId: '' }, 'DOCUMENT_NOT_FOUND', 'DOCUMENT_NOT_FOUND'],
    ['an id in upper case', { documentId: sha1(WORDS).toUpperCase() }, 'DOCUMENT_NOT_FOUND', 'DOCUMENT_NOT_FOUND'],
    ['an id that is the name of an object method', { documentId: '__proto__' }, 'DOCUMENT_NOT_FOUND', 'DOCUMENT_NOT_FOUND'],
    ['an unknown id with a trusted document', { documentId: sha1(OTHER), query: WORDS }, 'DOCUMENT_NOT_FOUND', 'DOCUMENT_NOT_FOUND'],
    ['an id with another trusted document', { documentId: sha1(WORDS), query: TEXT }, 'BAD_USER_INPUT', 'BAD_USER_INPUT'],
    ['an id with an untrusted document', { documentId: sha1(WORDS), query: OTHER }, 'BAD_USER_INPUT', 'DOCUMENT_NOT_TRUSTED'],
    [
      'an id with its document in another spelling',
      { documentId: sha1(WORDS), query: `${WORDS} ` },
      'BAD_USER_INPUT',
      'DOCUMENT_NOT_TRUSTED',
    ],
    ['the ids of two documents', { documentId: sha1(WORDS), ...persisted(sha1(TEXT)) }, 'BAD_USER_INPUT', 'BAD_USER_INPUT'],
    ['an id with an unknown hash', { documentId: sha1(WORDS), ...persisted(sha256(OTHER)) }, 'BAD_USER_INPUT', 'BAD_USER_INPUT'],
    ['a hash with another trusted document', { query: TEXT, ...persisted(sha1(WORDS)) }, 'BAD_USER_INPUT', 'BAD_USER_INPUT'],
    ['an unknown hash', persisted(sha256(OTHER)), undefined, 'DOCUMENT_NOT_FOUND'],
    ['an untrusted document', { query: OTHER }, OTHER, 'DOCUMENT_NOT_TRUSTED'],
    ['a trusted document in another spelling', { query: `${WORDS}\n` }, `${WORDS}\n`, 'DOCUMENT_NOT_TRUSTED'],
    ['an untrusted document with its hash', { query: OTHER, ...persisted(sha256(OTHER)) }, OTHER, 'DOCUMENT_NOT_TRUSTED'],
  ])('gets the right error code for %s, both if untrusted documents are allowed and if they are refused', (_, envelope, allowed, exclusive) => {
    expect([codeOf(open, envelope), codeOf(only, envelope)]).toEqual([allowed, exclusive])
  })

  it('gets an error for any id if the gateway has no manifest', () => {
    expect(codeOf(NO_TRUSTED_DOCUMENTS, { documentId: sha256(WORDS), query: WORDS })).toBe('DOCUMENT_NOT_FOUND')
    expect(codeOf(NO_TRUSTED_DOCUMENTS, { query: WORDS })).toBe(WORDS)
  })
})

const json = (body: unknown): Sent => ({ ...post(''), body: JSON.stringify(body) })
const search = (parts: Readonly<Record<string, string>>): Sent => ({ ...get(''), path: `/graphql?${new URLSearchParams(parts)}` })

const refusedDocuments: readonly (readonly [title: string, document: string])[] = [
  ['another document', OTHER],
  ['a document that does not parse', 'query {'],
  ['a document that is not valid', '{ secretField }'],
  ['introspection', '{ __schema { types { name } } }'],
  ['a document above the limits', `{ ${'words { nodes { '.repeat(30)}`],
]

/** Returns requests for each untrusted document in every form, each twice. */
const attemptsOf = () =>
  refusedDocuments.flatMap(([, query]) => {
    const { extensions } = persisted(sha256(query))
    const ways = [post(query), get(query), json({ query, extensions }), search({ query, extensions: JSON.stringify(extensions) })]
    return [...ways, ...ways]
  })

/** Returns descriptions of the mistakes that a gateway makes when it refuses documents. */
async function faultsOf(trusted: TrustedDocuments, enabled: boolean): Promise<readonly string[]> {
  await using server = await startTinyServer({ gateway: { trusted, enabled, maxBatched: 10 } })
  await server.send(post(WORDS))
  parsed.mockClear()
  const faults = new Set<string>()
  const replies = new Set<string>()
  for (const attempt of attemptsOf()) {
    const { status, text } = await server.send(attempt)
    replies.add(`${status} ${text}`)
  }
  if (replies.size !== 1) faults.add('documents are refused in different ways')
  if (![...replies].every((reply) => reply.startsWith('400') && reply.includes('"DOCUMENT_NOT_TRUSTED"')))
    faults.add('a document is answered')
  const batch = await server.send(json([{ query: WORDS }, ...refusedDocuments.map(([, query]) => ({ query }))]))
  const [first, ...others] = JSON.parse(batch.text)
  if (!first.data) faults.add('a trusted member of a batch is refused')
  if (
    others.some((other: { errors?: { extensions: { code: string } }[] }) => other.errors?.[0]?.extensions.code !== 'DOCUMENT_NOT_TRUSTED')
  )
    faults.add('a member of a batch is answered')
  if (parsed.mock.calls.length > 0) faults.add('a document is parsed')
  return [...faults]
}

describe('a gateway that executes only trusted documents', () => {
  beforeEach(() => void parsed.mockClear())
  afterEach(() => void parsed.mockClear())

  it.each([
    ['with the cache', true],
    ['without the cache', false],
  ])('refuses all other documents with the same error and without parsing them, %s', async (_, enabled) => {
    expect(await faultsOf(only, enabled)).toEqual([])
  })

  it('is told apart from a gateway that parses refused documents, and from one that accepts untrusted persisted queries', async () => {
    class ParsesFirst extends TrustedDocuments {
      override resolve(envelope: Parameters<TrustedDocuments['resolve']>[0]) {
        try {
          if (envelope.query !== undefined) parse(envelope.query)
        } catch {
          // The next line refuses the document, after it was parsed.
        }
        return super.resolve(envelope)
      }
    }
    class BelievesHashes extends TrustedDocuments {
      override resolve(envelope: Parameters<TrustedDocuments['resolve']>[0]) {
        return envelope.extensions?.['persistedQuery'] ? envelope : super.resolve(envelope)
      }
    }
    expect(await faultsOf(new ParsesFirst({ ...options, exclusive: true }), true)).toEqual(['a document is parsed'])
    expect(await faultsOf(new BelievesHashes({ ...options, exclusive: true }), true)).toContain('a document is answered')
  })

  it('serves the cached response of a trusted document also to requests that contain only its id', async () => {
    await using server = await startTinyServer({ gateway: { trusted: only } })
    const byId = search({ documentId: sha1(WORDS) })
    const { text } = await server.untilAtHand(byId)
    expect(JSON.parse(text)).toEqual({ data: { words: { nodes: [{ name: 'call' }, { name: 'bid' }] } } })
    for (const sent of [get(WORDS), post(WORDS), json({ documentId: sha1(WORDS) }), search(mapped(persisted(sha256(WORDS))))])
      expect((await server.send(sent)).text).toBe(text)
    for (const sent of [search({ documentId: sha1(OTHER) }), json({ documentId: sha1(OTHER) }), search(mapped(persisted(sha1(OTHER))))]) {
      const refusal = await server.send(sent)
      expect([refusal.status, JSON.parse(refusal.text).errors[0].extensions]).toEqual([400, { code: 'DOCUMENT_NOT_FOUND' }])
    }
  })
})

describe('a gateway with a manifest of trusted documents', () => {
  it('starts if all documents can be executed, and then knows the names of their operations', async () => {
    parsed.mockClear()
    await using gateway = await startTinyGateway({ trusted: open })
    parsed.mockClear()
    expect((await gateway.ask(TEXT, { variables: { name: 'bid' } })).data).toEqual({ word: { letters: 3 } })
    expect(parsed).not.toHaveBeenCalled()
  })

  it('does not start if some documents cannot be executed, and names each of them with its error', async () => {
    const wrong = new Map([
      ['syntax', 'query {'],
      ['right', WORDS],
      ['schema', '{ wordz { nodes { name } } }'],
      ['deep', `{ ${'words { '.repeat(40)} name ${'}'.repeat(41)}`],
    ])
    const starting = startTinyGateway({ trusted: new TrustedDocuments({ ...options, documents: wrong, exclusive: false }) })
    const { code, message } = (await starting.catch((error: unknown) => error)) as { code: string; message: string }
    expect([code, message.split('\n')]).toEqual([
      'CONFIGURATION',
      [
        expect.stringMatching(
          /^TRUSTED_DOCUMENTS: documents\.json: entry "syntax": expected a document .* got: Syntax Error: .* \(line 1, column 8\)$/,
        ),
        expect.stringMatching(/^entry "schema": .*Cannot query field "wordz".* \(line 1, column 3\)$/),
        expect.stringMatching(/^entry "deep": .*MAX_DEPTH/),
        'Generate the manifest for the schema of this release, or leave these entries out.',
      ],
    ])
  })
})

function mapped(parts: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)]))
}

import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bearer, get, type Reply, type Sent, startTinyServer } from '../threats/tiny-server.ts'

const NOTES =
  'query Notes($folder: String, $more: Boolean = false) { notes(folder: $folder) { nodes { id text } vandalised @include(if: $more) } }'
const WORDS = '{ words { nodes { name } } }'
const PAIR = 'query One { words { nodes { name } } } query Other { words { nodes { name } } __typename }'
const WRITE = 'mutation Write($text: String!) { setText(id: "1", text: $text) { text } }'
const FAILS = 'query Fails($how: String!) { fails(how: $how) }'
const JSON_TYPE = { 'content-type': 'application/json' }
/** Fields of which the values are other ones in each response, and fields that a browser needs only if it sent an Origin. */
const OWN = [
  'access-control-allow-credentials',
  'access-control-expose-headers',
  'age',
  'content-length',
  'date',
  'x-request-id',
  'consistency-token',
  'set-cookie',
]

const ask = (body: unknown, headers: Sent['headers'] = {}): Sent => ({
  headers: { ...JSON_TYPE, ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

/** Requests whose documents were sent before, with other bytes, and whether they are answered without the framework. */
const FORMS: readonly (readonly [name: string, sent: Sent, isDirect: boolean])[] = [
  ['other variables', ask({ query: NOTES, variables: { folder: 'a' } }), true],
  ['more variables', ask({ query: NOTES, variables: { folder: 'b', more: true, unknown: 1 } }), true],
  ['variables that are null', ask({ query: NOTES, variables: null, operationName: 'Notes' }), true],
  ['a byte order mark', ask(`\ufeff${JSON.stringify({ query: WORDS, variables: {} })}`), true],
  ['a charset', ask({ query: WORDS, variables: { a: 1 } }, { 'content-type': 'application/json; charset=utf-8' }), true],
  ['the media type of GraphQL', ask({ query: WORDS, variables: { a: 2 } }, { accept: 'application/graphql-response+json' }), true],
  ['one of two operations', ask({ query: PAIR, operationName: 'Other' }), true],
  ['a GET', get(`${WORDS}`, { accept: 'application/json' }), true],
  ['variables of a wrong type', ask({ query: NOTES, variables: { folder: { no: 'text' } } }), true],
  ['none of two operations', ask({ query: PAIR }), false],
  ['an operation that does not exist', ask({ query: PAIR, operationName: 'Third' }), false],
  ['a mutation', ask({ query: WRITE, variables: { text: 'two' } }), false],
  ['a field that fails and is not cached', ask({ query: FAILS, variables: { how: 'plainly' } }), false],
  ['variables that are a list', ask({ query: NOTES, variables: [] }), false],
  ['a media type that cannot be sent', ask({ query: WORDS, variables: { a: 3 } }, { accept: 'text/html' }), false],
  ['another charset', ask({ query: WORDS }, { 'content-type': 'application/json; charset=latin1' }), false],
  ['another media type', ask({ query: WORDS }, { 'content-type': 'text/plain' }), false],
  ['a GET that a page of another site could send', { ...get(WORDS), headers: {} }, false],
  ['a mutation by GET', get(WRITE), false],
  [
    'an automatic persisted query',
    ask({ query: WORDS, extensions: { persistedQuery: { version: 1, sha256Hash: hash('sha256', WORDS) } } }),
    false,
  ],
  [
    'a persisted query that was never registered',
    ask({ extensions: { persistedQuery: { version: 1, sha256Hash: hash('sha256', PAIR) } } }),
    false,
  ],
  ['bytes that are no JSON', ask('{"query":'), false],
  ['a text that is not normalised', ask({ query: NOTES, variables: { folder: '\ud800' } }), false],
]

async function start(newBytesTakeTheFramework: boolean, bodyLimitBytes = 200_000) {
  const seen = { recalls: 0 }
  const server = await startTinyServer({ newBytesTakeTheFramework, server: { bodyLimitBytes }, onRecall: () => void seen.recalls++ })
  server.store.notes.push({ id: 1, tenantId: 't1', folder: 'a', text: 'one' })
  const authorization = await bearer({ tenant: 't1', role: 'EDITOR', userId: 'u1' })
  const send = (sent: Sent) => server.send({ ...sent, headers: { authorization, ...sent.headers } })
  for (const query of [NOTES, WORDS, WRITE, FAILS]) await send(ask({ query, variables: { text: 'one', how: 'first' } }))
  for (const operationName of ['One', 'Other']) await send(ask({ query: PAIR, operationName, variables: { first: true } }))
  return {
    server,
    send: async (sent: Sent) => {
      const { recalls } = seen
      return { reply: await send(sent), isDirect: seen.recalls > recalls }
    },
  }
}

const comparable = ({ status, headers, text }: Reply) => ({
  status,
  headers: Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      OWN.includes(name) ? [] : [[name, String(value).replaceAll(/(ttl|age)=\d+/g, '$1=…')]],
    ),
  ),
  text: text.replaceAll(/"(requestId|consistencyToken)":"[^"]*"/g, '"$1":"…"'),
})

describe('a request whose document was sent before', () => {
  it('gets the same response without the framework as through it, and only a query that may be cached goes without it', async () => {
    const [direct, framework] = [await start(false), await start(true)]
    await using one = direct.server
    await using other = framework.server
    expect([one.port > 0, other.port > 0]).toEqual([true, true])
    for (const [name, sent, isDirect] of FORMS) {
      const [answer, expected] = [await direct.send(sent), await framework.send(sent)]
      expect([name, comparable(answer.reply)]).toEqual([name, comparable(expected.reply)])
      expect([name, answer.isDirect, expected.isDirect]).toEqual([name, isDirect, false])
    }
  })

  it('is refused if its body is larger than the limit for all bodies', async () => {
    const { server, send } = await start(false, 500)
    await using _ = server
    const sent = (folder: string) => ask({ query: NOTES, variables: { folder } })
    expect((await send(sent('a'))).reply.status).toBe(200)
    expect((await send(sent('a'.repeat(500)))).reply.status).toBe(413)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TinyStore } from '../graphql/tiny-module.ts'
import { chunked, type Line, openLine, type RawReply, rawGet, rawPost } from './raw-socket.ts'
import { startTinyServer } from './tiny-server.ts'

const QUERY = '{ notes { nodes { text } } }'
const OWN = { id: 'own', tenant: 't1' }
const OWN_ANSWER = '{"data":{"notes":{"nodes":[{"text":"of t1"}]}}}'

function oneNote(): TinyStore {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'of t1' })
  store.written = []
  return store
}

let server: Awaited<ReturnType<typeof startTinyServer>>
const recognised = { count: 0 }
/** Number of requests that a client sends before the bytes in question, so that the server would recognise them. */
const KNOWN_REQUESTS = 4

/** Opens a connection, and checks that the server answers a cached request on it, the last time from memory. */
async function openWell(): Promise<Line> {
  const line = openLine(server.port)
  const request = await rawPost(OWN, QUERY)
  for (let i = 1; i <= KNOWN_REQUESTS; i++) {
    line.socket.write(request)
    expect((await line.replies(i)).at(-1)).toMatchObject({ status: 200, body: OWN_ANSWER })
  }
  return line
}

async function expectWell(): Promise<void> {
  const { socket } = await openWell()
  socket.destroy()
}

/** Sends bytes, and returns the replies that the server sends until it closes the connection. */
async function say(bytes: string | Buffer, { socket, closed } = openLine(server.port)): Promise<readonly RawReply[]> {
  socket.end(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  return closed()
}

const BODY = JSON.stringify({ query: QUERY })
const LENGTH = `Content-Length: ${BODY.length}`
const CHUNKS = chunked(BODY)
const get = (others: readonly string[] = [], body = '') => rawGet(OWN, QUERY, others, body)
const framed = (framing: readonly string[], body = BODY) => rawPost(OWN, QUERY, framing, body)

/**
 * A malformed request, with the status with which it must be refused. Default: 400; null means that the server only closes the connection.
 */
type Case = [title: string, bytes: () => Promise<string | Buffer>, status?: number | null]

const CORPUS: readonly Case[] = [
  ['Content-Length and then chunked encoding', () => framed([LENGTH, 'Transfer-Encoding: chunked'], CHUNKS)],
  ['chunked encoding and then Content-Length', () => framed(['Transfer-Encoding: chunked', LENGTH], CHUNKS)],
  [
    'chunked encoding, and a Content-Length that hides a second request',
    () => framed(['Transfer-Encoding: chunked', 'Content-Length: 4'], `0\r\n\r\n${BODY}`),
  ],
  ['two different Content-Length fields', () => framed([LENGTH, 'Content-Length: 5'])],
  ['the same Content-Length twice', () => framed([LENGTH, LENGTH])],
  ['two lengths in one Content-Length field', () => framed([`${LENGTH}, ${BODY.length}`])],
  ...['+5', '-5', '0x5', '5 5', '5.0', '1e2', 'five', '', ' ', '5;', '18446744073709551621', '9'.repeat(400)].map(
    (value): Case => [`the length ${JSON.stringify(value.slice(0, 30))}`, () => framed([`Content-Length: ${value}`])],
  ),
  ...['xchunked', 'chunked, identity', 'identity', 'chunked, chunked', 'chunked\u000b', '\u000bchunked', 'gzip', '"chunked"', ''].map(
    (value): Case => [`the transfer encoding ${JSON.stringify(value)}`, () => framed([`Transfer-Encoding: ${value}`], CHUNKS)],
  ),
  ['two Transfer-Encoding fields', () => framed(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], CHUNKS)],
  ['Transfer-Encoding in an obsolete spelling', () => framed(['Transfer_Encoding: chunked', 'Transfer-Encoding : chunked'], CHUNKS)],
  ...[
    'zz\r\n',
    '-1\r\n',
    '5',
    '0x5\r\n{"que\r\n',
    `${'f'.repeat(17)}\r\n`,
    '5\n{"que\n0\n\n',
    '5\r\n{"query"\r\n',
    ' 5\r\n{"que\r\n',
    '5 ;\n',
  ].map((chunks): Case => [`the chunks ${JSON.stringify(chunks)}`, () => framed(['Transfer-Encoding: chunked'], chunks)]),
  ['line feeds instead of CRLF', async () => (await framed([LENGTH])).replaceAll('\r\n', '\n')],
  ['carriage returns instead of CRLF', async () => (await framed([LENGTH])).replaceAll('\r\n', '\r')],
  ['an additional carriage return', async () => (await framed([LENGTH])).replace('\r\n', '\r\r\n')],
  ['a line feed in a header value', () => framed([LENGTH, 'X-A: a\nAuthorization: Bearer x'])],
  ['a header value folded over two lines', () => framed([LENGTH, 'Accept: application/json,\r\n text/html'])],
  ['a Content-Length folded over two lines', () => framed(['Content-Length:\r\n 5'])],
  ['a space before the first header field', async () => (await framed([LENGTH])).replace('Host:', ' Host:')],
  ['a space before the colon of a header field', () => framed([`Content-Length : ${BODY.length}`])],
  ['a header field without a colon', () => framed([LENGTH, 'nonsense'])],
  ['a header field without a name', () => framed([LENGTH, ': x'])],
  ['a NUL in a header name', () => framed([LENGTH, 'X-\u0000: a'])],
  ['a NUL in a header value', () => framed([LENGTH, 'Accept: application/json\u0000'])],
  ['a NUL in the request target', async () => (await get()).replace('/graphql', '/graphql\u0000')],
  ['a NUL as the first byte', async () => `\u0000${await get()}`],
  ['a body of NULs', () => framed(['Content-Length: 100'], '\u0000'.repeat(100))],
  ['a NUL in the body', () => framed([`Content-Length: ${BODY.length + 1}`], BODY.replace('{ notes', '{\u0000 notes'))],
  ['a header field of 100 KB', () => framed([LENGTH, `X-Large: ${'a'.repeat(100_000)}`]), 431],
  ['100 KB of small header fields', () => framed([LENGTH, ...Array.from({ length: 5000 }, (_, i) => `X-${i}: aaaaaaaaaa`)]), 431],
  ['a request target of 100 KB', async () => (await get()).replace('/graphql?', `/graphql?a=${'a'.repeat(100_000)}&`), 431],
  ['a body above the size limit', () => framed(['Content-Length: 300000'], BODY.padEnd(300_000)), 413],
  [
    'a chunked body above the size limit',
    () => framed(['Transfer-Encoding: chunked'], `493e0\r\n${BODY.padEnd(300_000)}\r\n0\r\n\r\n`),
    413,
  ],
  ['a body one byte shorter than its Content-Length', () => framed([`Content-Length: ${BODY.length + 1}`])],
  ['a body much shorter than its Content-Length', () => framed(['Content-Length: 150000'])],
  ['no body at all', () => framed([LENGTH], '')],
  ['an empty body', () => framed(['Content-Length: 0'], '')],
  ['a body without Content-Length', () => framed([])],
  ['a chunked body without its end', () => framed(['Transfer-Encoding: chunked'], CHUNKS.slice(0, -5))],
  ['no Host field', async () => (await get()).replace(/Host: .*\r\n/, '')],
  ...['HTTP/1.2', 'HTTP/9.9', 'HTTP/1.1.1', 'http/1.1', 'ICY/1.1', ''].map(
    (version): Case => [`the version ${JSON.stringify(version)}`, async () => (await get()).replace('HTTP/1.1', version)],
  ),
  ...['get', 'GETT', 'G\u0000T', '', 'A'.repeat(1000)].map(
    (method): Case => [`the method ${JSON.stringify(method.slice(0, 20))}`, async () => (await get()).replace(/^GET/, method)],
  ),
  ['the method CONNECT', async () => (await get()).replace(/^GET/, 'CONNECT'), null],
  ['a space in the request target', async () => (await get()).replace('/graphql?', '/graphql /x?')],
  ['a line feed in the request target', async () => (await get()).replace('/graphql?', '/graphql\n?')],
  ['the connection preface of HTTP/2', async () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['the start of a TLS handshake', async () => Buffer.from('16030100c8010000c40303', 'hex')],
  ['an incomplete request line', async () => 'POST /gra'],
]

describe.each([
  { state: 'on', isOn: true },
  { state: 'off', isOn: false },
])('T20: a request that parsers could interpret differently, with recognition of requests $state,', ({ isOn }) => {
  beforeAll(async () => {
    recognised.count = 0
    server = await startTinyServer({
      gateway: { store: oneNote() },
      recognition: { isOn, memoryBytes: 2 ** 20, onRecognised: () => void recognised.count++ },
    })
    await expectWell()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it.each(
    CORPUS,
  )('T20: is refused without effect on other requests, even if the response to a similar request is cached: %s', async (_, bytes, status = 400) => {
    for (const line of [openLine(server.port), await openWell()]) {
      const before = (await line.replies(0)).length
      const { length } = server.store.loads
      const answered = server.atHand.count
      const replies = (await say(await bytes(), line)).slice(before)
      expect(replies.map((reply) => reply.status)).toEqual(status === null ? [] : [status])
      expect(replies.map(({ body }) => body).join()).not.toContain('of t1')
      expect([server.store.loads.length, server.atHand.count]).toEqual([length, answered])
      await expectWell()
    }
    expect(recognised.count > 0).toBe(isOn)
  })

  it.each([
    ['two Host fields', 'Host:', 'Host: elsewhere.example\r\nHost:'],
    ['HTTP version 0.9', 'HTTP/1.1', 'HTTP/0.9'],
    ['HTTP version 2.0', 'HTTP/1.1', 'HTTP/2.0'],
    ['a Host field with a path', 'Host: tidegate.test', 'Host: tidegate.test/x?y#z'],
  ])('T20: gets either an error or the same response as a similar valid request: %s', async (_, usual, unusual) => {
    const [reply, ...others] = await say((await get()).replace(usual, unusual))
    expect(others).toEqual([])
    expect(reply?.status === 200 ? reply.body : OWN_ANSWER).toBe(OWN_ANSWER)
    expect([200, 400, 505]).toContain(reply?.status)
    await expectWell()
  })

  it('T20: A client that closes its sending side after the request still gets its response, even if the response is not cached.', async () => {
    const replies = await say(await rawPost(OWN, '{ notes(folder: "in") { nodes { id } } }'))
    expect(replies.map(({ status, body }) => [status, body])).toEqual([[200, '{"data":{"notes":{"nodes":[{"id":"1"}]}}}']])
  })
})

describe('T20: a client that sends slowly', () => {
  const SLOW: readonly (readonly [title: string, request: () => Promise<string>])[] = [
    ['in the first line', async () => 'POST /gra'],
    ['between two fields', async () => (await framed([LENGTH])).slice(0, 60)],
    ['before a small body', async () => (await framed([LENGTH])).slice(0, -BODY.length)],
    ['within a small body', async () => (await framed([LENGTH])).slice(0, -1)],
    ['within a large body', () => framed(['Content-Length: 150000'])],
    ['between two chunks', () => framed(['Transfer-Encoding: chunked'], CHUNKS.slice(0, -5))],
  ]

  it('T20: loses its connection at the request timeout, and nothing is executed', async () => {
    await using hurried = await startTinyServer({ gateway: { store: oneNote() }, server: { requestTimeoutMs: 300 } })
    const endings = SLOW.map(async ([title, request]) => {
      const { socket, closed } = openLine(hurried.port)
      socket.write(await request())
      return [title, (await closed()).map(({ status }) => status)]
    })
    for (const ending of await Promise.all(endings)) expect(ending).toEqual([ending[0], [408]])
    expect([hurried.store.loads, hurried.atHand.count]).toEqual([[], 0])
  }, 10_000)
})

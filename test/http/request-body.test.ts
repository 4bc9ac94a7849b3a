import { request } from 'node:http'
import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { startTinyServer } from '../threats/tiny-server.ts'

const BODY = JSON.stringify({ query: '{ words { nodes { name } } }' })
const JSON_TYPE = { 'content-type': 'application/json' }
const GZIP = { ...JSON_TYPE, 'content-encoding': 'gzip' }

interface Reply {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

function send(port: number, body: Uint8Array | string, headers: Readonly<Record<string, string>>, chunked = false): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = chunked ? {} : { 'content-length': Buffer.byteLength(body) }
    const sending = request({ port, method: 'POST', path: '/graphql', headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString(), headers: response.headers }),
      )
    })
    sending.on('error', reject)
    if (chunked) sending.write(body.slice(0, 10))
    sending.end(chunked ? body.slice(10) : body)
  })
}

const utf16 = Buffer.from(`\ufeff${BODY}`, 'utf16le')
const MARK = Buffer.from([0xef, 0xbb, 0xbf])

const accepted: readonly (readonly [title: string, body: Uint8Array | string, headers: Readonly<Record<string, string>>])[] = [
  ['without any encoding', BODY, JSON_TYPE],
  ['with a byte order mark', Buffer.concat([MARK, Buffer.from(BODY)]), JSON_TYPE],
  ['with the charset utf-8', BODY, { 'content-type': 'application/json; charset=utf-8' }],
  ['with the charset in upper case and in quotes', BODY, { 'content-type': 'application/json;charset="UTF8"' }],
  ['with the content encoding identity', BODY, { ...JSON_TYPE, 'content-encoding': 'identity' }],
  ['if it is compressed with gzip', gzipSync(BODY), GZIP],
  ['if it is compressed with gzip and announced as x-gzip', gzipSync(BODY), { ...JSON_TYPE, 'content-encoding': 'X-GZIP' }],
  ['if it is compressed with gzip and has a byte order mark', gzipSync(Buffer.concat([MARK, Buffer.from(BODY)])), GZIP],
]

const refused: readonly (readonly [title: string, status: number, remedy: RegExp, body: Uint8Array | string, headers: typeof JSON_TYPE])[] =
  [
    ['an unsupported charset', 415, /UTF-8.*"iso-8859-1"/, BODY, { 'content-type': 'application/json; charset=iso-8859-1' }],
    ['UTF-16 announced by its charset', 415, /UTF-8.*"utf-16"/, utf16, { 'content-type': 'application/json; charset=utf-16' }],
    ['UTF-16 without a charset', 400, /not UTF-8/, utf16, JSON_TYPE],
    ['bytes that are not UTF-8', 400, /not UTF-8/, Buffer.concat([Buffer.from('{"query":"'), Buffer.from([0xff, 0xfe])]), JSON_TYPE],
    ['two byte order marks', 400, /Invalid JSON/, Buffer.concat([MARK, MARK, Buffer.from(BODY)]), JSON_TYPE],
    ['invalid JSON in gzip', 400, /Invalid JSON/, gzipSync('{'), GZIP],
    ['a body that is not gzip', 400, /Expected a gzip body/, BODY, GZIP],
    ['a truncated gzip body', 400, /Expected a gzip body/, gzipSync(BODY).subarray(0, 20), GZIP],
    [
      'an unsupported content encoding',
      415,
      /gzip, got "deflate"/,
      deflateSync(BODY),
      { ...JSON_TYPE, 'content-encoding': 'deflate' } as typeof JSON_TYPE,
    ],
    [
      'double gzip compression',
      415,
      /gzip, got "gzip, gzip"/,
      BODY,
      { ...JSON_TYPE, 'content-encoding': 'gzip, gzip' } as typeof JSON_TYPE,
    ],
    ['a small body that decompresses to a large one', 413, /larger/, gzipSync(Buffer.alloc(5_000_000, ' ')), GZIP],
    ['an unsupported media type', 415, /application\/json/, BODY, { 'content-type': 'application/xml' }],
  ]

describe('the body of a request', () => {
  it.each(
    accepted,
  )('is read correctly %s, with and without chunked encoding, from an empty and from a filled cache', async (_, body, headers) => {
    await using server = await startTinyServer()
    for (const chunked of [false, true, false, true, false]) {
      const { status, text } = await send(server.port, body, headers, chunked)
      expect([status, Object.keys(JSON.parse(text))]).toEqual([200, ['data']])
    }
  })

  it.each(refused)('is rejected with an error that states the remedy: %s', async (_, status, remedy, body, headers) => {
    await using server = await startTinyServer()
    // Warms the cache with a valid request that has the same JSON text.
    for (let i = 0; i < 3; i++) await send(server.port, BODY, JSON_TYPE)
    for (const chunked of [false, true, false]) {
      const reply = await send(server.port, body, headers, chunked)
      expect([reply.status, JSON.parse(reply.text).errors[0].message]).toEqual([status, expect.stringMatching(remedy)])
      if (status === 415) expect(reply.headers['accept-encoding'] ?? 'gzip, identity').toBe('gzip, identity')
    }
    expect(server.log.filter((line) => line.includes('"level":50'))).toEqual([])
  })
})

describe('the GraphQL endpoint', () => {
  it('rejects HEAD, and lists the methods that it allows', async () => {
    await using server = await startTinyServer()
    const path = `/graphql?${new URLSearchParams({ query: '{ words { nodes { name } } }' })}`
    const { status, headers } = await server.send({ method: 'HEAD', path, headers: { 'apollo-require-preflight': 'true' } })
    expect([status, headers['allow']]).toEqual([405, 'GET, POST'])
    expect((await server.send({ method: 'HEAD', path: '/healthz' })).status).toBe(200)
  })

  it('allows web pages of listed origins to send tracing headers', async () => {
    await using server = await startTinyServer()
    const tracing = ['traceparent', 'tracestate', 'baggage', 'sentry-trace', 'x-request-id']
    const headers = {
      origin: 'https://studio.apollographql.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': tracing.join(),
    }
    const preflight = await server.send({ method: 'OPTIONS', headers })
    const allowed = String(preflight.headers['access-control-allow-headers']).split(/, */)
    expect(allowed).toEqual(expect.arrayContaining(tracing))
  })
})

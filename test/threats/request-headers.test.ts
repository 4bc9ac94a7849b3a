import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'
import { bearer, get, post, type Reply, type Sent, startTinyServer } from './tiny-server.ts'

type Headers = NonNullable<Sent['headers']>

/** Headers that are not part of the cache key. The response must be the same with any of these headers. */
const UNKEYED: readonly Headers[] = [
  { host: 'elsewhere.example' },
  { host: 'tidegate.test:99999', 'x-forwarded-host': 'evil.example' },
  { forwarded: 'for=192.0.2.60;proto=https;by=203.0.113.43;host=evil.example' },
  { 'x-forwarded-for': '192.0.2.60' },
  { 'x-forwarded-proto': 'https' },
  { 'x-forwarded-port': '443' },
  { 'x-forwarded-prefix': '/evil' },
  { 'x-forwarded-scheme': 'https' },
  { 'x-original-url': '/admin' },
  { 'x-rewrite-url': '/graphql?query={raw}' },
  { 'x-real-ip': '192.0.2.60' },
  { 'x-http-method-override': 'DELETE' },
  { 'x-tenant': 't2' },
  { 'x-tenant-id': 't2', tenant: 't2', role: 'ADMIN', 'x-role': 'ADMIN', 'x-user-id': 'u2' },
  { 'proxy-authorization': 'Basic dDI6dDI=' },
  { cookie: 'session=t2; tenant=t2; tidegate-consistency=forged' },
  { cookie: 'tidegate-consistency=' },
  { 'consistency-token': 'forged' },
  { 'accept-language': 'de-CH, de;q=0.9' },
  { 'accept-charset': 'utf-16' },
  { 'user-agent': 'Mozilla/5.0 (evil)' },
  { referer: 'https://evil.example/' },
  { origin: 'https://evil.example' },
  { origin: 'https://studio.apollographql.com' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  { 'access-control-request-method': 'POST' },
  { range: 'bytes=0-3' },
  { 'if-range': '"x"', range: 'bytes=0-3' },
  { 'if-match': '"x"' },
  { 'if-none-match': '"x", W/"y"' },
  { 'if-modified-since': 'Sat, 01 Jan 2050 00:00:00 GMT' },
  { 'if-unmodified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' },
  { 'cache-control': 'no-cache, no-store, max-age=0' },
  { 'cache-control': 'only-if-cached' },
  { pragma: 'no-cache' },
  { connection: 'keep-alive, x-tenant' },
  { connection: 'close' },
  { connection: 'upgrade', upgrade: 'websocket' },
  { connection: 'upgrade, http2-settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAARAAAAAAAIAAAAA' },
  { 'keep-alive': 'timeout=5' },
  { te: 'trailers' },
  { expect: '100-continue' },
  { via: '1.1 evil' },
  { 'max-forwards': '0' },
  { prefer: 'return=minimal' },
  { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'x=1', baggage: 'tenant=t2' },
  { 'x-apollo-operation-name': 'Another', 'apollographql-client-name': 'evil', 'apollographql-client-version': '0' },
  { 'apollo-cache-debugging': 'true' },
  { 'x-cache-debug': '1' },
  { 'x-request-id': 'another' },
  { 'content-encoding': 'identity' },
  { 'content-language': 'de' },
  { __proto__name: 'x', constructor_: 'x' },
]
/** Headers that change only the encoding of the response, never its content. */
const REPRESENTATIONS: readonly Headers[] = [
  { accept: 'application/json' },
  { accept: 'application/graphql-response+json' },
  { accept: '*/*' },
  { 'accept-encoding': 'gzip' },
  { 'accept-encoding': 'br' },
  { 'accept-encoding': 'zstd' },
  { 'accept-encoding': 'identity' },
  { 'accept-encoding': 'gzip;q=0, nonsense, *;q=0.1' },
]

function oneNote(): TinyStore {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'long enough to be compressed '.repeat(80) })
  store.put({ id: 1, tenantId: 't2', folder: 'in', text: 'of the other' })
  store.written = []
  return store
}

function decoded({ headers, body }: Reply): string {
  const decode = { gzip: gunzipSync, br: brotliDecompressSync }[String(headers['content-encoding'])]
  return (decode?.(body) ?? body).toString()
}

const withoutId = ({ text }: Pick<Reply, 'text'>) => text.replaceAll(/"requestId":"[^"]*"/g, '')

const KNOWN = await bearer(viewer('t1', 'VIEWER', 'u1'))
const QUERY = 'query Q { note(id: "1") { text length } greeting budget words { nodes { name } } }'

describe('T3: a header that is not part of the cache key', () => {
  it.each([
    ['POST', post(QUERY)],
    ['GET', get(QUERY)],
  ])('T3: changes neither a cached response nor a later response to another caller, by %s', async (_, usual) => {
    await using cached = await startTinyServer({ gateway: { store: oneNote() } })
    await using plain = await startTinyServer({ gateway: { store: oneNote(), enabled: false } })
    const authorization = await bearer(viewer('t1', 'VIEWER', 'u1'))
    const asked = (headers: Headers): Sent => ({ ...usual, headers: { ...usual.headers, authorization, ...headers } })
    const expected = decoded(await plain.send(asked({})))
    for (const headers of [...UNKEYED, ...REPRESENTATIONS]) {
      // Sends the request twice with the header, twice without, and once more with the header.
      await cached.gateway.cache.invalidate('everything')
      for (const request of [headers, headers, {}, {}, headers]) {
        const [answer, uncached] = [await cached.send(asked(request)), await plain.send(asked(request))]
        expect([request, uncached.status, answer.status]).toEqual([request, 200, 200])
        expect([request, decoded(uncached), decoded(answer)]).toEqual([request, expected, expected])
      }
    }
  })

  it.each([
    ['POST', post(QUERY)],
    ['GET', get(QUERY)],
  ])('T3: creates no cache entry of its own, so that many different values of the header evict nothing, by %s', async (_, usual) => {
    await using server = await startTinyServer({ gateway: { store: oneNote() } })
    const authorization = await bearer(viewer('t1', 'VIEWER', 'u1'))
    const asked = (headers: Headers): Sent => ({ ...usual, headers: { ...usual.headers, authorization, ...headers } })
    await server.send(asked({}))
    const loads = server.store.loads.length
    const { memoryEntries } = server.gateway.cache.stats()
    for (const headers of [...UNKEYED, ...REPRESENTATIONS]) {
      const answer = await server.send(asked(headers))
      expect([headers, answer.headers['x-cache'], server.store.loads.length]).toEqual([headers, 'HIT', loads])
    }
    expect(server.gateway.cache.stats().memoryEntries).toBe(memoryEntries)
    expect(loads).toBeGreaterThan(0)
  })

  it.each<[string, Headers]>([
    ['an empty Authorization header', { authorization: '' }],
    ['an Authorization header with another scheme', { authorization: 'Basic dDE6dDE=' }],
    ['an empty Authorization header before a valid one', { authorization: ['', KNOWN] }],
    ['an empty Content-Type before a valid one', { 'content-type': ['', 'application/json'] }],
    ['an empty Accept before a valid one', { accept: ['', 'text/html'] }],
    ['an Accept header without JSON', { accept: 'text/html' }],
    ['another Content-Type', { 'content-type': 'text/plain' }],
    ['an empty Content-Type', { 'content-type': '' }],
  ])('T3: leads to the same status with a filled cache as with an empty cache: %s', async (_, headers) => {
    await using warm = await startTinyServer()
    await using cold = await startTinyServer({ gateway: { enabled: false } })
    for (const usual of [post('{ words { nodes { name } } }'), get('{ words { nodes { name } } }')]) {
      const asked = (others: Headers): Sent => ({ ...usual, headers: { ...usual.headers, ...others } })
      for (const known of [{}, {}, { authorization: KNOWN }, { authorization: KNOWN }]) await warm.send(asked(known))
      const [answer, expected] = [await warm.send(asked(headers)), await cold.send(asked(headers))]
      expect([usual.method, answer.status]).toEqual([usual.method, expected.status])
      expect(withoutId(answer)).toBe(withoutId(expected))
    }
  })
})

describe('T4: a client address or a host that a request claims', () => {
  const SPOOFS: readonly Headers[] = [
    { host: 'evil-canary.example' },
    {
      'x-forwarded-host': 'evil-canary.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '203.0.113.99',
      'x-forwarded-port': '444',
    },
    { forwarded: 'for=203.0.113.99;host=evil-canary.example;proto=https' },
    {
      'x-original-host': 'evil-canary.example',
      'x-real-ip': '203.0.113.99',
      'x-client-ip': '203.0.113.99',
      'true-client-ip': '203.0.113.99',
    },
  ]
  const CANARY = /evil-canary|203\.0\.113\.99/
  const PATHS = ['/', '/explorer', '/healthz', '/readyz', '/nothing', '/graphql/', '//evil-canary.example/..', '/%zz']

  it.each([
    ['no proxy is trusted', []],
    ['the proxy is trusted', ['127.0.0.1']],
  ])(
    'T4: changes no cache key, and appears in no response and no log line, if %s',
    async (_, trustedProxies) => {
      await using server = await startTinyServer({ gateway: { store: oneNote() }, server: { trustedProxies } })
      const authorization = await bearer(viewer('t1'))
      for (const usual of [
        post(QUERY),
        get(QUERY),
        post('{ fails(how: "bug") }'),
        post('{ nonsense'),
        post(QUERY, { authorization: 'x' }),
      ]) {
        const asked = (headers: Headers): Sent => ({ ...usual, headers: { authorization, ...usual.headers, ...headers } })
        const before = await server.send(asked({}))
        const loads = server.store.loads.length
        for (const spoof of SPOOFS) {
          const { status, headers, text } = await server.send(asked(spoof))
          expect([spoof, status]).toEqual([spoof, before.status])
          expect(withoutId({ text })).toBe(withoutId(before))
          expect(JSON.stringify(headers)).not.toMatch(CANARY)
        }
        expect(server.store.loads.length).toBe(loads)
      }
      for (const path of PATHS) {
        for (const spoof of SPOOFS) {
          const { headers, text, status } = await server.send({ method: 'GET', path, headers: spoof })
          expect(`${JSON.stringify(headers)}${text}`).not.toMatch(CANARY)
          expect(headers['location']).toBeUndefined()
          expect([200, 400, 404]).toContain(status)
        }
      }
      expect(server.log.length).toBeGreaterThan(0)
      expect(server.log.join('')).not.toMatch(CANARY)
    },
    60_000,
  )
})

import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { EntryCodec } from '#src/engine/cache/shared/entry-codec.ts'
import { type Reply, startTinyServer } from './tiny-server.ts'

const QUERY = '{ words { nodes { name } } }'
const HEADERS = { 'content-type': 'application/json' }
const MANY_BYTES = 10 * 2 ** 20
const DEPTH = 10_000

const withVariables = (variables: string) => `{"query":${JSON.stringify(QUERY)},"variables":${variables}}`
const nested = (open: string, close: string) => `${open.repeat(DEPTH)}1${close.repeat(DEPTH)}`

const REFUSED: readonly (readonly [title: string, status: number, body: string | Buffer, headers?: Readonly<Record<string, string>>])[] = [
  ['10 MB of text', 413, withVariables(`{"a":"${'x'.repeat(MANY_BYTES)}"}`)],
  ['10 MB in a small gzip', 413, gzipSync(withVariables(`{"a":"${'x'.repeat(MANY_BYTES)}"}`)), { 'content-encoding': 'gzip' }],
  ['10,000 nested lists', 400, withVariables(`{"a":${nested('[', ']')}}`)],
  ['10,000 objects within each other', 400, withVariables(`{"a":${nested('{"a":', '}')}}`)],
  ['10,000 lists instead of an envelope', 400, nested('[', ']')],
  ['NaN', 400, withVariables('{"a":NaN}')],
  ['Infinity', 400, withVariables('{"a":-Infinity}')],
  ['a function', 400, withVariables('{"a":function(){}}')],
  ['a date of another language', 400, withVariables('{"a":new Date(0)}')],
]

describe('T15: a request body that is difficult to decode', () => {
  it('T15: is rejected with a client error, and the next request is answered', async () => {
    await using server = await startTinyServer()
    const send = (body: string | Buffer, headers = {}): Promise<Reply> =>
      server.send({ headers: { ...HEADERS, ...headers }, body: body as string })
    for (const [title, status, body, headers] of REFUSED) {
      const reply = await send(body, headers)
      expect([title, reply.status, reply.text.length < 1000]).toEqual([title, status, true])
      expect([title, (await send(withVariables('{}'))).status]).toEqual([title, 200])
    }
    expect(server.log.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([])
  })

  it('T15: uses the last of two equal JSON keys, both with an empty and with a filled cache', async () => {
    await using server = await startTinyServer()
    const body = `{"query":"{ tools { version } }","query":${JSON.stringify(QUERY)},"variables":{"a":1},"variables":{}}`
    const expected = (await server.send({ headers: HEADERS, body: withVariables('{}') })).text
    for (let time = 0; time < 4; time++) expect((await server.send({ headers: HEADERS, body })).text).toBe(expected)
  })
})

describe('T15: an entry in Redis', () => {
  const entry = { value: 'x', tags: ['*'], epoch: 'first', stamp: 1, loadedAt: 0, until: Infinity, ttlMs: undefined, costMs: 1 }
  const codec = new EntryCodec(['secret'])
  const forger = new EntryCodec(['secret of the forger'])

  it.each([
    ['10 MB', forger.encode('key', { ...entry, value: 'x'.repeat(MANY_BYTES) })],
    ['10,000 nested lists', Buffer.concat([forger.encode('key', entry).subarray(0, 6), Buffer.from(nested('[', ']'))])],
    [
      'data that decompresses to 64 MB',
      Buffer.concat([Buffer.from([5, 1, 0, 0, 0, 2]), Buffer.from('[]'), zstdCompressSync(Buffer.alloc(2 ** 26)), Buffer.alloc(16)]),
    ],
    ['a header that claims more bytes than there are', Buffer.concat([Buffer.from([5, 0, 255, 255, 255, 255]), Buffer.alloc(32)])],
    ['no bytes', Buffer.alloc(0)],
  ] as const)('T15: is not decoded unless it was written with the secret: %s', (_, bytes) => {
    expect(codec.decode('key', bytes, entry.epoch)).toBeUndefined()
  })

  it('T15: is decoded with the secret of its MAC, and rejected with another secret', () => {
    expect(forger.decode('key', forger.encode('key', entry), entry.epoch)).toEqual(entry)
    expect(codec.decode('key', forger.encode('key', entry), entry.epoch)).toBeUndefined()
  })
})

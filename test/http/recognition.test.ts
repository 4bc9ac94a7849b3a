import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { systemEnv } from '#src/engine/cache/model/env.ts'
import { createRateLimits } from '#src/gateway/budgets/create-rate-limits.ts'
import { KnownRequests } from '#src/gateway/http/recognition/known-requests.ts'
import { Outbox } from '#src/gateway/http/recognition/outbox.ts'
import type { Standing } from '#src/gateway/identity/principal.ts'
import { TinyStore } from '../graphql/tiny-module.ts'
import { type Line, openLine, rawGet, rawPost } from '../threats/raw-socket.ts'
import { startTinyServer, type TinyServerOptions } from '../threats/tiny-server.ts'
import { GOOD } from './standing.ts'

const CALLER = { id: 'request-1', tenant: 't1' }
const NOTES = '{ notes(folder: "in") { nodes { id text } } }'

async function start(options: TinyServerOptions = {}) {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'hello' })
  store.written = []
  const recognised = { count: 0 }
  const recognition = { isOn: true, memoryBytes: 2 ** 20, onRecognised: () => void recognised.count++ }
  const server = await startTinyServer({ gateway: { store }, recognition, ...options })
  return { server, store, recognised, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** Sends requests one after the other, each when the response before it has arrived, and returns the last response. */
async function say({ socket, replies }: Line, ...requests: readonly string[]) {
  const before = (await replies(0)).length
  for (const [index, request] of requests.entries()) {
    socket.write(request)
    await replies(before + index + 1)
  }
  return (await replies(0)).at(-1)
}

/** Sends a request as a chunk of its own. Returns whether the server has read it; it does not if it waits for the client to read. */
async function sendAlone({ socket }: Line, server: Socket, request: string): Promise<boolean> {
  const { bytesRead } = server
  socket.write(request)
  for (let turn = 0; turn < 100 && server.bytesRead === bytesRead; turn++) await nextTurn()
  return server.bytesRead > bytesRead
}

const times = (count: number, request: string) => Array<string>(count).fill(request)

describe('a request whose bytes were sent before', () => {
  it('is answered before HTTP is parsed, with the bytes that node:http would have sent, by POST and by GET', async () => {
    await using started = await start()
    for (const request of [await rawPost(CALLER, NOTES), await rawGet(CALLER, NOTES)]) {
      const line = openLine(started.server.port)
      const parsed = await say(line, ...times(3, request))
      const { count } = started.recognised
      const recognised = await say(line, ...times(2, request))
      expect(started.recognised.count).toBeGreaterThan(count)
      const comparable = (text = '') =>
        text
          .replace(/^date: .*$/im, '')
          .replace(/^age: .*$/im, '')
          .replace(/ttl=\d+/, '')
      expect(comparable(recognised?.head)).toBe(comparable(parsed?.head))
      expect(recognised?.body).toBe('{"data":{"notes":{"nodes":[{"id":"1","text":"hello"}]}}}')
    }
  })

  it('is answered with 304 if the client has the bytes', async () => {
    await using started = await start()
    const line = openLine(started.server.port)
    const tag = /^etag: (.*)$/im.exec((await say(line, ...times(3, await rawGet(CALLER, NOTES))))?.head ?? '')?.[1]
    const conditional = await rawGet(CALLER, NOTES, [`If-None-Match: ${tag}`])
    const reply = await say(line, ...times(6, conditional))
    expect([reply?.status, reply?.body]).toEqual([304, ''])
    expect(started.recognised.count).toBeGreaterThan(1)
  })

  it('is answered before the next request of its connection, and also if the client ends its side at once', async () => {
    await using started = await start()
    const line = openLine(started.server.port)
    const known = await rawPost(CALLER, NOTES)
    await say(line, ...times(5, known))
    const { count } = started.recognised
    const [socket] = started.server.sockets as [Socket]
    // Both chunks and the end arrive in the same turn of the event loop.
    socket.emit('data', Buffer.from(known))
    socket.emit('data', Buffer.from(await rawPost(CALLER, '{ greeting }')))
    const [recognised, parsed] = (await line.replies(7)).slice(-2)
    expect([recognised?.body, parsed?.body]).toEqual([expect.stringContaining('hello'), expect.stringContaining('hello u1')])
    socket.emit('data', Buffer.from(known))
    socket.emit('end')
    expect((await line.closed()).slice(7).map(({ body }) => body)).toEqual([recognised?.body])
    expect(started.recognised.count).toBe(count + 2)
  })

  it('gets a new response after a write', async () => {
    await using started = await start()
    const line = openLine(started.server.port)
    const request = await rawPost(CALLER, NOTES)
    await say(line, ...times(5, request), await rawPost(CALLER, 'mutation { setText(id: 1, text: "changed") { id } }'))
    expect((await say(line, request))?.body).toContain('changed')
  })

  it('is looked up again at once if what is known of it has become useless', async () => {
    let generation = 0
    const principals = [0, 1].map(() => ({ tenant: 't1', userId: 'u1', role: 'EDITOR' as const }))
    const principal = () => principals[generation]
    await using started = await start({
      replaceAuthentication: () => ({ authenticate: async () => principal() ?? null, remembered: () => ({ principal }) }),
    })
    const line = openLine(started.server.port)
    const request = await rawPost(CALLER, NOTES)
    await say(line, ...times(6, request))
    const { count } = started.recognised
    generation = 1
    await say(line, ...times(6, request))
    // The first request with the new principal replaces what is known. The index by texts takes one request more.
    expect(started.recognised.count - count).toBeGreaterThanOrEqual(3)
  })

  it('is refused if its token was revoked meanwhile', async () => {
    let standing: Standing = GOOD
    await using started = await start({ authentication: { standingOf: () => ({ peek: () => standing, read: async () => standing }) } })
    const line = openLine(started.server.port)
    const request = await rawPost(CALLER, NOTES)
    await say(line, ...times(5, request))
    expect(started.recognised.count).toBeGreaterThan(0)
    standing = { ...GOOD, isRevoked: true }
    expect((await say(line, request))?.status).toBe(401)
  })

  it('counts against the budget of its caller, and is refused with 429 when the budget is used up', async () => {
    const rateLimits = createRateLimits({ ...systemEnv, perMinute: { caller: 100, tenant: 0 }, shared: undefined })
    await using started = await start({ server: { rateLimits } })
    const line = openLine(started.server.port)
    const request = await rawPost(CALLER, NOTES)
    await say(line, ...times(100, request))
    expect(started.recognised.count).toBeGreaterThan(0)
    expect((await say(line, request))?.status).toBe(429)
  })

  it('is a part of another request if it does not begin at the boundary of two requests', async () => {
    await using started = await start()
    const known = await rawGet(CALLER, NOTES)
    const line = openLine(started.server.port)
    await say(line, ...times(5, known))
    const { count } = started.recognised
    // node:http takes the first chunk as a request and the begin of a field. So the second chunk belongs to that field's request.
    line.socket.write(`${await rawPost(CALLER, '{ greeting }')}GET /healthz HTTP/1.1\r\nHost: h\r\nX-Rest: `)
    const [, reply] = (await line.replies(6)).slice(-2)
    expect(reply?.body).toContain('hello u1')
    line.socket.write(known)
    const last = (await line.replies(7)).at(-1)
    expect([last?.body, started.recognised.count]).toEqual(['{"status":"alive"}', count])
  })

  it('is left to node:http while the client has not read an earlier response', async () => {
    await using started = await start()
    started.store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'long '.repeat(6000) })
    const request = await rawPost(CALLER, NOTES)
    const line = openLine(started.server.port)
    await say(line, ...times(5, request))
    line.socket.pause()
    const [server] = started.server.sockets as [Socket]
    const { count: before } = started.recognised
    while (server.writableLength === 0) await sendAlone(line, server, request)
    const { count } = started.recognised
    expect(count).toBeGreaterThan(before)
    line.socket.write(request)
    line.socket.resume()
    await say(line, request)
    expect(started.recognised.count).toBe(count)
  })

  it('is parsed once by node:http when its client, which reads nothing, sends it again and again', async () => {
    await using started = await start()
    started.store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'x'.repeat(60_000) })
    const request = await rawPost(CALLER, NOTES)
    const line = openLine(started.server.port)
    await say(line, ...times(5, request))
    line.socket.pause()
    const [server] = started.server.sockets as [Socket]
    let sent = 5
    // The server stops reading when much is left to be sent.
    while (await sendAlone(line, server, request)) sent++
    sent++
    expect([server.writableLength > 0, server.listenerCount('data'), server.destroyed]).toEqual([true, 1, false])
    line.socket.resume()
    expect(await line.replies(sent)).toHaveLength(sent)
    await say(line, request)
    expect(await line.replies(0)).toHaveLength(sent + 1)
  })

  it.each([
    { length: 65_000, isRecognised: true },
    { length: 65_500, isRecognised: false },
  ])('is recognised only if its response has at most 64 KiB: $length characters', async ({ length, isRecognised }) => {
    await using started = await start()
    const text = 'x'.repeat(length)
    started.store.put({ id: 1, tenantId: 't1', folder: 'in', text })
    const reply = await say(openLine(started.server.port), ...times(6, await rawPost(CALLER, NOTES)))
    expect(reply?.body).toBe(JSON.stringify({ data: { notes: { nodes: [{ id: '1', text }] } } }))
    expect(started.recognised.count > 0).toBe(isRecognised)
  })

  it('is not recognised while the server closes, so that the client learns that the connection ends', async () => {
    const started = await start()
    const line = openLine(started.server.port)
    const request = await rawPost(CALLER, NOTES)
    await say(line, ...times(5, request))
    const closed = started[Symbol.asyncDispose]()
    line.socket.write(request)
    await line.closed()
    await closed
    expect(started.recognised.count).toBeLessThanOrEqual(3)
  })

  it('is never recognised if the server is configured not to', async () => {
    await using started = await start({ recognition: { isOn: false } })
    await say(openLine(started.server.port), ...times(6, await rawPost(CALLER, NOTES)))
    expect([started.recognised.count, started.server.atHand.count > 1]).toEqual([0, true])
  })
})

describe('a connection whose requests do not repeat', () => {
  const isReadByTheParser = (socket: Socket | undefined) => (socket as unknown as { parser: { _consumed: boolean } }).parser._consumed
  const numbered = (number: number) => rawPost({ ...CALLER, id: `request-${number}` }, NOTES)

  it('is left to node:http after 100 of them, and all its requests get their answers', async () => {
    await using started = await start()
    const line = openLine(started.server.port)
    const requests = await Promise.all(Array.from({ length: 110 }, (_, number) => numbered(number)))
    const read: boolean[] = []
    for (const request of requests) {
      expect((await say(line, request))?.body).toContain('hello')
      read.push(isReadByTheParser(started.server.sockets[0]))
    }
    // The first request of a connection always goes to node:http.
    expect(read.indexOf(true)).toBe(100)
    const known = await rawPost(CALLER, NOTES)
    await say(line, ...times(5, known))
    const other = openLine(started.server.port)
    const { count } = started.recognised
    await say(other, ...times(3, known))
    // The connection that was given back recognises nothing; another one does.
    expect([count, started.recognised.count > 0]).toEqual([0, true])
  })

  it('is followed as long as one request in five does', async () => {
    await using started = await start()
    const line = openLine(started.server.port)
    const known = await rawPost(CALLER, NOTES)
    await say(line, ...times(3, known))
    for (let number = 0; number < 200; number++) await say(line, number % 5 ? await numbered(number) : known)
    expect(isReadByTheParser(started.server.sockets[0])).toBe(false)
    expect(started.recognised.count).toBeGreaterThan(39)
  })

  it('is still read no faster than its client reads', async () => {
    await using started = await start()
    started.store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'long '.repeat(6000) })
    const line = openLine(started.server.port)
    for (let number = 0; number < 102; number++) await say(line, await numbered(number))
    const [server] = started.server.sockets as [Socket]
    expect(isReadByTheParser(server)).toBe(true)
    line.socket.pause()
    const request = await rawPost(CALLER, `${NOTES}${' '.repeat(8000)}`)
    const sent = 400
    for (let number = 0; number < sent; number++) line.socket.write(request)
    let before = -1
    while (server.bytesRead > before) {
      before = server.bytesRead
      for (let turn = 0; turn < 100; turn++) await nextTurn()
    }
    expect(server.bytesRead).toBeLessThan(sent * request.length)
    line.socket.resume()
    expect(await line.replies(102 + sent)).toHaveLength(102 + sent)
  })
})

describe('the outbox of a turn', () => {
  it('sends all items of a turn together, in their order, and 64 items at once', async () => {
    const sent: (readonly number[])[] = []
    const outbox = new Outbox<number>((items) => void sent.push(items))
    for (let item = 0; item < 66; item++) outbox.add(item)
    expect(sent).toEqual([Array.from({ length: 64 }, (_, item) => item)])
    await nextTurn()
    expect(sent.slice(1)).toEqual([[64, 65]])
    outbox.add(66)
    outbox.flush()
    expect(sent.slice(2)).toEqual([[66]])
    await nextTurn()
    expect(sent).toHaveLength(3)
  })
})

describe('the store of known requests', () => {
  const store = () => new KnownRequests<string>({ maxBytes: 10_000, bytesOf: (_, { length }) => length })

  it('remembers a request when it is seen for the second time', () => {
    const known = store()
    const chunk = Buffer.from('GET / HTTP/1.1\r\n\r\n')
    const seen = [1, 2, 3].map(() => {
      known.add(chunk, 'owner', () => 'known')
      return known.find(chunk)?.known
    })
    expect(seen).toEqual([undefined, 'known', 'known'])
  })

  it('finds a request that was found last without a look-up, looks it up each 16th time, and does not find it any more if it was evicted', () => {
    const known = new KnownRequests<string>({ maxBytes: 1000, bytesOf: () => 400 })
    const chunk = Buffer.from('GET / HTTP/1.1\r\n\r\n')
    for (let time = 0; time < 2; time++) known.add(chunk, 'owner', () => 'known')
    const last = known.find(chunk)
    for (const other of ['a', 'b', 'c']) for (let time = 0; time < 2; time++) known.add(Buffer.from(other), 'owner', () => other)
    const found = Array.from({ length: 16 }, () => known.find(chunk, last))
    expect(found).toEqual([...Array<unknown>(15).fill(last), undefined])
    expect(known.find(Buffer.from('c'), last)?.known).toBe('c')
  })

  it('keeps a copy of the bytes, because a chunk is a view of a buffer that changes', () => {
    const known = store()
    const chunk = Buffer.from('abc')
    for (let time = 0; time < 2; time++) known.add(chunk, 'owner', () => 'known')
    chunk.write('xyz')
    expect([known.find(Buffer.from('abc'))?.known, known.find(chunk)?.known]).toEqual(['known', undefined])
  })

  it('does not grow by requests that are never repeated', () => {
    const known = store()
    for (let index = 0; index < 1000; index++) known.add(Buffer.from(`request ${index}`), 'owner', () => 'known')
    expect(known.bytes).toBe(0)
  })

  it('does not remember a request that is larger than 24 KiB', () => {
    const known = new KnownRequests<string>({ maxBytes: 1e6, bytesOf: (_, { length }) => length })
    const chunk = Buffer.alloc(24_577)
    for (let time = 0; time < 3; time++) known.add(chunk, 'owner', () => 'known')
    expect(known.find(chunk)).toBeUndefined()
  })
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AnswerAtHand } from '#src/gateway/graphql/endpoint/endpoint.ts'
import { FastPath } from '#src/gateway/http/fast-path.ts'
import { ResponseHeads } from '#src/gateway/http/response-head.ts'
import { ContentEncoder } from '#src/gateway/responses/content-encoder.ts'
import type { RawRequest } from '#src/gateway/responses/request-index.ts'
import { storedResponse } from '#src/gateway/responses/stored-response.ts'

const NOW = Date.UTC(2026, 0, 1)
const HELD = '{"data":{"held":true}}'
const QUESTION = '{"query":"{ held }"}'

/**
 * Starts a server that has the response to one request in memory, and passes all other requests to a framework that
 * echoes them.
 */
async function start(body = HELD) {
  const encoder = new ContentEncoder()
  const response = storedResponse({ madeAt: NOW - 2500, lifeMs: 60_000, headers: ['cache-control', 'private, no-cache'] }, body)
  await encoder.represent(response.bytes, undefined)
  const answer = { known: { contentType: 'application/json' }, response } as AnswerAtHand
  const isHeld = ({ text }: RawRequest) =>
    typeof text === 'string' ? text === '/graphql?query={held}' : Buffer.from(text).toString() === QUESTION
  const fastPath = new FastPath({
    graphql: {
      find: (raw) => (isHeld(raw) ? answer.known : undefined),
      again: () => answer,
      recall: () => undefined,
      sent: () => undefined,
      now: () => NOW,
    },
    authentication: { remembered: () => ({ principal: () => null }) },
    encoder,
    heads: new ResponseHeads(72_000),
    requestIdOf: () => 'r1',
    bodyLimitBytes: 1_000_000,
    monotonic: () => NOW,
    onResponse: () => undefined,
  })
  const server = createServer((request, reply) =>
    fastPath.handle(request, reply, () => reply.end(`framework: ${fastPath.begun(request)?.body ?? 'unread'}`)),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  socket.setEncoding('utf8')
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  return {
    socket,
    /** Resolves with everything received when it ends with the given text. */
    until: async (end: string) => {
      while (!received.endsWith(end)) await once(socket, 'data')
      return received
    },
    received: () => received,
  }
}

const post = (body: string, ...fields: string[]) =>
  ['POST /graphql HTTP/1.1', 'Host: h', 'Content-Type: application/json', `Content-Length: ${body.length}`, ...fields, '', body].join(
    '\r\n',
  )

const get = (...fields: string[]) =>
  ['GET /graphql?query={held} HTTP/1.1', 'Host: h', 'Apollo-Require-Preflight: 1', ...fields, '', ''].join('\r\n')

describe('a response that is sent from memory', () => {
  it('is sent with all of its headers', async () => {
    const { socket, until } = await start()
    socket.write(post(QUESTION))
    const [head = '', body] = (await until(HELD)).split('\r\n\r\n')
    expect(body).toBe(HELD)
    expect(head.split('\r\n')).toEqual([
      'HTTP/1.1 200 OK',
      'cache-control: private, no-cache',
      'age: 2',
      'cache-status: tidegate; hit; ttl=57',
      'x-cache: HIT',
      'x-cache-level: L1',
      'x-content-type-options: nosniff',
      'content-type: application/json',
      `content-length: ${HELD.length}`,
      'Date: Thu, 01 Jan 2026 00:00:00 GMT',
      'Connection: keep-alive',
      'Keep-Alive: timeout=72',
      'x-request-id: r1',
    ])
  })

  it('is sent completely even if it is long', async () => {
    const long = JSON.stringify({ data: { held: 'é'.repeat(50_000) } })
    const { socket, until } = await start(long)
    socket.write(post(QUESTION))
    expect((await until('}}')).split('\r\n\r\n')[1]).toBe(long)
  })

  it('is sent to a client whose request arrives byte by byte', async () => {
    const { socket, until } = await start()
    socket.setNoDelay(true)
    for (const byte of post(QUESTION)) {
      socket.write(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await until(HELD)).toContain('x-cache: HIT')
  })

  it('is sent in the order of pipelined requests', async () => {
    const { socket, until } = await start()
    socket.write(post('{"query":"{ first }"}') + post(QUESTION) + get() + post('{"query":"{ last }"}'))
    const all = await until('{ last }"}')
    expect(all.match(/framework: \{"query":"\{ \w+ \}"\}|\{"data":\{"held":true\}\}/gu)).toEqual([
      'framework: {"query":"{ first }"}',
      HELD,
      HELD,
      'framework: {"query":"{ last }"}',
    ])
  })

  it('closes the connection if the client requests this', async () => {
    const { socket, received } = await start()
    socket.write(post(QUESTION, 'Connection: close'))
    await once(socket, 'end')
    expect(received()).toContain('Connection: close')
    expect(received()).toContain('x-request-id: r1')
    expect(received().endsWith(HELD)).toBe(true)
  })

  it('closes the connection of an HTTP/1.0 client', async () => {
    const { socket, received } = await start()
    socket.write(get().replace('HTTP/1.1', 'HTTP/1.0'))
    await once(socket, 'end')
    expect(received().endsWith(HELD)).toBe(true)
  })

  it('is replaced by a 304 for a client that already has the response, and the connection stays usable', async () => {
    const { socket, until } = await start()
    socket.write(get())
    const tag = /etag: (\S+)/.exec(await until(HELD))?.[1] ?? ''
    socket.write(get(`If-None-Match: ${tag}`) + post('{"query":"{ next }"}'))
    const after = (await until('{ next }"}')).split(HELD)[1] ?? ''
    expect(after).toMatch(/^HTTP\/1\.1 304 Not Modified\r\n/)
    expect(after).toContain(`etag: ${tag}`)
    expect(after.split('framework')[0]).not.toMatch(/^content-/m)
  })
})

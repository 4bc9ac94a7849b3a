import { connect, type Socket } from 'node:net'
import { bearer } from './tiny-server.ts'

const CRLF = '\r\n'

export interface RawReply {
  readonly status: number
  readonly head: string
  readonly body: string
}

export interface Line {
  readonly socket: Socket
  /** Resolves with all replies so far when `count` replies have arrived, or when the connection has ended. */
  replies(count: number): Promise<readonly RawReply[]>
  /** Resolves with all replies when the server has ended the connection. */
  closed(): Promise<readonly RawReply[]>
}

/** Opens a connection on which a test can send any bytes. */
export function openLine(port: number): Line {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  const ended = Promise.withResolvers<void>()
  let received = Buffer.alloc(0)
  let waiting: (() => void) | undefined
  let wanted = 0
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    if (readReplies(received).length >= wanted) waiting?.()
  })
  // A connection that the server resets counts as ended.
  socket.on('error', () => ended.resolve())
  socket.on('end', () => ended.resolve())
  socket.on('close', () => ended.resolve())
  void ended.promise.then(() => socket.destroy())
  return {
    socket,
    async replies(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      ;[wanted, waiting] = [count, resolve]
      if (readReplies(received).length < count) await Promise.race([promise, ended.promise])
      return readReplies(received)
    },
    async closed() {
      await ended.promise
      return readReplies(received)
    },
  }
}

/** Returns the complete replies among the bytes received so far. */
function readReplies(received: Buffer): RawReply[] {
  const replies: RawReply[] = []
  for (let at = 0; ; ) {
    const end = received.indexOf(CRLF + CRLF, at)
    if (end < 0) return replies
    const head = received.toString('latin1', at, end)
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
    // Node's parser answers malformed requests with a reply whose chunked body is empty.
    const empty = /^transfer-encoding: chunked$/im.test(head) ? 5 : 0
    if (received.length < end + 4 + length + empty) return replies
    replies.push({
      status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]),
      head,
      body: received.toString('utf8', end + 4, end + 4 + length),
    })
    at = end + 4 + length + empty
  }
}

export interface RawCaller {
  readonly id: string
  readonly tenant: string
}

const fields = async ({ id, tenant }: RawCaller) => [
  'Host: tidegate.test',
  `X-Request-Id: ${id}`,
  `Authorization: ${await bearer({ tenant, userId: 'u1', role: 'EDITOR' })}`,
]

/** Returns the text of a POST request. The given header fields replace its Content-Length. */
export async function rawPost(
  caller: RawCaller,
  query: string,
  framing?: readonly string[],
  body = JSON.stringify({ query }),
): Promise<string> {
  const framed = framing ?? [`Content-Length: ${Buffer.byteLength(body)}`]
  return ['POST /graphql HTTP/1.1', ...(await fields(caller)), 'Content-Type: application/json', ...framed, '', body].join(CRLF)
}

export async function rawGet(caller: RawCaller, query: string, others: readonly string[] = [], body = ''): Promise<string> {
  const target = `/graphql?${new URLSearchParams({ query })}`
  return [`GET ${target} HTTP/1.1`, ...(await fields(caller)), 'Apollo-Require-Preflight: true', ...others, '', body].join(CRLF)
}

/** Returns the body in chunked encoding, with a few bytes per chunk. */
export function chunked(body: string): string {
  const chunks = body.match(/.{1,7}/gs) ?? []
  return [...chunks.map((chunk) => `${chunk.length.toString(16)}${CRLF}${chunk}${CRLF}`), `0${CRLF}${CRLF}`].join('')
}

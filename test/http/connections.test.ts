import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Connections } from '../../src/http/connections.ts'

const LARGE = Buffer.alloc(8 * 2 ** 20, 'a')
const REQUEST = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

async function serve(timeoutMs: number, answer: RequestListener) {
  const server = createServer((request, response) => {
    connections.begin(request.socket, response)
    answer(request, response)
  })
  const connections = new Connections(server, timeoutMs)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return { server, socket }
}

describe('the connections of a server that closes', () => {
  it('stay until a slow reader has its whole answer, which was handed over long before', async () => {
    const { server, socket } = await serve(30_000, (_, response) => response.setHeader('connection', 'close').end(LARGE))
    socket.pause()
    socket.write(REQUEST)
    await once(server, 'request')
    const closed = once(server.close(), 'close')
    for (let sweep = 0; sweep < 20; sweep++) {
      server.closeIdleConnections()
      await new Promise(setImmediate)
    }
    let received = 0
    socket.on('data', (chunk) => {
      received += chunk.length
    })
    await once(socket.resume(), 'end')
    expect(received).toBeGreaterThan(LARGE.length)
    socket.end()
    await closed
  })

  it('end once their answer has left', async () => {
    const { server, socket } = await serve(30_000, (_, response) => response.end('short'))
    socket.write(REQUEST)
    await once(socket, 'data')
    const closed = once(socket, 'close')
    const endedAfterSweep = () => {
      server.closeIdleConnections()
      return socket.readableEnded
    }
    await expect.poll(endedAfterSweep).toBe(true)
    await closed
  })

  it('wait a little for the request of a connection that was just made', async () => {
    const { server, socket } = await serve(30_000, (_, response) => response.end('short'))
    server.closeIdleConnections()
    socket.write(REQUEST)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('short')
  })
})

describe('a client that reads nothing', () => {
  it('is cut off after the timeout', async () => {
    const { server, socket } = await serve(50, (_, response) => response.end(LARGE))
    socket.pause()
    const [[accepted]] = (await Promise.all([once(server, 'request'), socket.write(REQUEST)])) as unknown as [[{ socket: typeof socket }]]
    await once(accepted.socket, 'close')
  })

  it('is not taken for one whose operation takes longer than the timeout', async () => {
    const answers: (() => void)[] = []
    const { server, socket } = await serve(50, (_, response) => void answers.push(() => response.end('late')))
    const timedOut = once(server, 'timeout')
    socket.write(REQUEST)
    await timedOut
    for (const answer of answers) answer()
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('late')
  })
})

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Connections } from '#src/gateway/http/connections.ts'

const LARGE = Buffer.alloc(8 * 2 ** 20, 'a')
const REQUEST = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

async function serve(timeoutMs: number, answer: RequestListener, keptUnused = 0) {
  const server = createServer((request, response) => {
    connections.begin(request.socket, response)
    answer(request, response)
  })
  const connections = new Connections(server, { timeoutMs, keptUnused })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return { server, socket }
}

describe('the connections of a server that is shutting down', () => {
  it('stay open until a slow reader has received its whole response, even if the server has already written all of it', async () => {
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

  it('are closed after their response was sent', async () => {
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

  it('may be idle in the configured number of consecutive checks, and are closed if the next check also finds them idle', async () => {
    const { server, socket } = await serve(30_000, (_, response) => response.end('short'), 3)
    for (let request = 0; request < 2; request++) {
      socket.write(REQUEST)
      await once(socket, 'data')
      await new Promise(setImmediate)
      for (let sweep = 0; sweep < 3; sweep++) server.closeIdleConnections()
    }
    expect(socket.destroyed).toBe(false)
    const endedAfterSweep = () => {
      server.closeIdleConnections()
      return socket.readableEnded
    }
    await expect.poll(endedAfterSweep).toBe(true)
  })

  it('stay open for a short time if they are new and have not sent a request yet', async () => {
    const { server, socket } = await serve(30_000, (_, response) => response.end('short'))
    server.closeIdleConnections()
    socket.write(REQUEST)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('short')
  })
})

describe('a client that does not read its response', () => {
  it('is disconnected after the timeout', async () => {
    const { server, socket } = await serve(50, (_, response) => response.end(LARGE))
    socket.pause()
    const [[accepted]] = (await Promise.all([once(server, 'request'), socket.write(REQUEST)])) as unknown as [[{ socket: typeof socket }]]
    await once(accepted.socket, 'close')
  })

  it('stays connected after the timeout if the server has not yet sent the response', async () => {
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

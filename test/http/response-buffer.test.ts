import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ResponseBuffer } from '#src/gateway/http/recognition/response-buffer.ts'
import { Representation } from '#src/gateway/responses/content-encoder.ts'
import { Random } from '#src/market/seed/random.ts'

const HEAD = 'HTTP/1.1 200 OK\r\nx-name: caf\u00e9\r\nx-request-id: '

afterEach(() => {
  vi.restoreAllMocks()
})

const bodyOf = (length: number, character: string) => new Representation('identity', Buffer.alloc(length, character))

/** Opens a connection, and returns its two ends. The client reads nothing until it is told to. */
async function openPair() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }).pause()
  const [socket] = (await once(server, 'connection')) as [Socket]
  server.close()
  return { client, socket }
}

async function readAll(client: Socket): Promise<string> {
  const received: Buffer[] = []
  client.on('data', (chunk: Buffer) => received.push(chunk))
  client.resume()
  await once(client, 'end')
  client.destroy()
  return Buffer.concat(received).toString('latin1')
}

/** Sends `a` to a client that reads nothing until some of it waits, then sends `b` to another one. Returns what both have received. */
async function sendTwo(): Promise<{ readonly isWhole: boolean; readonly second: string }> {
  const buffer = new ResponseBuffer()
  const [slow, other] = await Promise.all([openPair(), openPair()])
  let sent = 0
  while (slow.socket.writableLength === 0) {
    buffer.send(slow.socket, HEAD, 'id', bodyOf(60_000, 'a'))
    sent++
    await nextTurn()
  }
  buffer.send(other.socket, HEAD, 'id', bodyOf(50_000, 'b'))
  slow.socket.end()
  other.socket.end()
  const [first, second] = await Promise.all([readAll(slow.client), readAll(other.client)])
  return { isWhole: first === `${HEAD}id\r\n\r\n${'a'.repeat(60_000)}`.repeat(sent), second }
}

describe('the buffer in which a response is put together', () => {
  it('sends the head as Latin-1 and the body behind it', async () => {
    expect((await sendTwo()).second).toBe(`${HEAD}id\r\n\r\n${'b'.repeat(50_000)}`)
  })

  it('sends any responses one after the other as they are, whatever they have in common with the response before', async () => {
    const heads = [HEAD, HEAD.replace('200', '304')]
    const ids = ['id', 'a2', 'longer id']
    const bodies = [bodyOf(3, 'a'), bodyOf(3, 'b'), bodyOf(40_000, 'c'), null]
    const buffer = new ResponseBuffer()
    const { client, socket } = await openPair()
    const received = readAll(client)
    const random = new Random('responses')
    let expected = ''
    for (let sent = 0; sent < 300; sent++) {
      const [head, id, body] = [random.pick(heads), random.pick(ids), random.pick(bodies) ?? undefined] as const
      // Every second response is sent twice, with two ids.
      for (const each of sent % 2 ? [id] : [id, 'b3']) {
        buffer.send(socket, head, each, body)
        expected += `${head}${each}\r\n\r\n${Buffer.from(body?.bytes ?? '').toString('latin1')}`
      }
    }
    socket.end()
    expect((await received) === expected).toBe(true)
  })

  it('is not changed while a client has not received all of it', async () => {
    expect((await sendTwo()).isWhole).toBe(true)
  })

  it('would change what a slow client receives if its memory were used again too early; this test detects such a buffer', async () => {
    vi.spyOn(Buffer, 'allocUnsafeSlow').mockReturnValue(Buffer.alloc(65_536))
    expect((await sendTwo()).isWhole).toBe(false)
  })

  it('needs no new memory as long as the clients read', async () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow')
    const buffer = new ResponseBuffer()
    const { client, socket } = await openPair()
    const received = readAll(client)
    for (let sent = 0; sent < 20; sent++) buffer.send(socket, HEAD, 'id', bodyOf(10_000, 'a'))
    socket.end()
    await received
    expect(allocate).toHaveBeenCalledTimes(1)
  })
})

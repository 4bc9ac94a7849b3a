import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openRedis } from '#src/engine/redis/open-redis.ts'

/**
 * Starts a server that speaks just enough of the Redis protocol for a client to connect, and answers reads as the test
 * says.
 */
async function startImpostor(reply: (command: string) => string) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      for (const command of data.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        const name = command[1]?.toLowerCase() ?? ''
        if (name === 'mget' || name === 'get' || name === 'set') socket.write(reply(name), 'latin1')
        else socket.write(name === 'info' ? '$11\r\nredis_mode:\r\n' : '+OK\r\n')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function open(reply: (command: string) => string) {
  const impostor = await startImpostor(reply)
  closing.push(impostor.close)
  const options = { commandTimeoutMs: 500, prefix: 'test', onDown: () => undefined, onUp: () => undefined }
  const redis = await openRedis({ url: impostor.url, ...options })
  closing.unshift(() => redis.close())
  return redis.remote
}

describe('an unexpected reply of Redis', () => {
  it.each([
    ['an integer', ':7\r\n'],
    ['a status', '+QUEUED\r\n'],
    ['a bulk string', '$3\r\nabc\r\n'],
    ['a null', '*-1\r\n'],
    ['too few values', '*1\r\n$1\r\na\r\n'],
    ['too many values', '*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n'],
    ['integers instead of values', '*2\r\n:1\r\n:2\r\n'],
    ['lists instead of values', '*2\r\n*1\r\n$1\r\na\r\n*0\r\n'],
    ['an error reply', '-LOADING Redis is loading the dataset in memory\r\n'],
    ['bytes that are not the Redis protocol', '?!\r\n\r\n'],
  ])('to a read of several keys fails only that read, and does not end the process: %s', async (_, text) => {
    const remote = await open((command) => (command === 'mget' ? text : '+OK\r\n'))
    for (let time = 0; time < 3; time++) await expect(remote.getMany(['a', 'b'])).rejects.toThrow()
  })

  it.each([
    ['an integer', ':7\r\n'],
    ['a list', '*1\r\n$1\r\na\r\n'],
  ])('to a read of one key fails only that read: %s', async (_, text) => {
    const remote = await open((command) => (command === 'get' ? text : '+OK\r\n'))
    await expect(remote.getMany(['a'])).rejects.toThrow()
  })

  it.each([
    ['an integer', ':1\r\n'],
    ['another status', '+QUEUED\r\n'],
    ['a bulk string', '$3\r\nabc\r\n'],
    ['an error reply', '-READONLY You cannot write against a read only replica.\r\n'],
  ])('to the addition of an entry fails only that addition: %s', async (_, text) => {
    let reply = '+OK\r\n'
    const remote = await open(() => reply)
    const add = () => remote.addMany([{ key: 'a', bytes: Buffer.from('a'), ttlMs: 1000 }])
    await expect.poll(() => add().catch(() => undefined)).toEqual([true])
    reply = text
    await expect(add()).rejects.toThrow()
  })

  it('is rejected, but a reply with one value for each key is accepted', async () => {
    const remote = await open((command) => (command === 'mget' ? '*2\r\n$1\r\na\r\n$-1\r\n' : '$1\r\nb\r\n'))
    await expect.poll(() => remote.getMany(['a', 'b']).catch(() => undefined)).toEqual([Buffer.from('a'), null])
    expect(await remote.getMany(['a'])).toEqual([Buffer.from('b')])
  })
})

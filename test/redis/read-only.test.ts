import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { openRedis } from '#src/engine/redis/open-redis.ts'
import { Writability } from '#src/engine/redis/writability.ts'
import { needs } from '../servers/availability.ts'
import { startRedis } from '../servers/redis.ts'

describe('a Redis server that refuses writes', () => {
  it('causes a reconnect at the 1st, 3rd, 7th and 15th refusal, so that reconnects become rarer', () => {
    const told: string[] = []
    const writability = new Writability({ onReadOnly: () => told.push('read-only'), onWritable: () => told.push('writable') })
    const reconnects = Array.from({ length: 16 }, () => writability.refused())
    expect(reconnects.flatMap((isNeeded, index) => (isNeeded ? [index + 1] : []))).toEqual([1, 3, 7, 15])
    writability.succeeded()
    writability.succeeded()
    expect(told).toEqual(['read-only', 'writable'])
    expect(writability.refused()).toBe(true)
  })
})

describe('a Redis server that became a replica while its address stayed the same', needs('redis-server'), () => {
  it('is reported once, and writes succeed again when the address leads to a primary', async () => {
    const server = await startRedis()
    const told: string[] = []
    const tell = (event: string) => () => void told.push(event)
    const redis = openRedis({
      url: server.url,
      commandTimeoutMs: 1000,
      prefix: 'read-only',
      onDown: tell('down'),
      onUp: tell('up'),
      onReadOnly: tell('read-only'),
      onWritable: tell('writable'),
    })
    await expect.poll(() => redis.isReady()).toBe(true)
    const administrator = new Redis(server.url)
    const connections = async () => Number(/total_connections_received:(\d+)/.exec(await administrator.info('stats'))?.[1])
    const write = () =>
      redis.remote.setMany([{ key: 'read-only:1', bytes: new Uint8Array([1]), ttlMs: 60_000 }]).then(
        () => true,
        () => false,
      )
    expect(await write()).toBe(true)
    await administrator.replicaof('127.0.0.1', '1')
    const before = await connections()
    expect(await write()).toBe(false)
    expect(redis.isWritable()).toBe(false)
    await expect.poll(connections).toBeGreaterThan(before)
    await expect.poll(() => redis.isReady()).toBe(true)
    expect(await write()).toBe(false)
    await administrator.replicaof('NO', 'ONE')
    await expect.poll(write).toBe(true)
    expect([told, redis.isWritable()]).toEqual([['read-only', 'writable'], true])
    administrator.disconnect()
    await redis.close()
    await server.stop()
  })
})

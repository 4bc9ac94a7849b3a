import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemEnv } from '../../src/cache/index.ts'
import { localCounts, sharedCounts } from '../../src/rate-limits/counts.ts'
import { needs } from '../servers/availability.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'

describe('the requests of a minute', () => {
  it('are granted in part where the budget has some left, and then not at all', async () => {
    const counts = localCounts(10)
    expect(await counts.take('one', 7)).toMatchObject({ granted: 7 })
    expect(await counts.take('one', 7)).toMatchObject({ granted: 3 })
    const { granted, resetMs } = await counts.take('one', 7)
    expect(granted).toBe(0)
    expect(resetMs).toBeGreaterThan(50_000)
    expect(await counts.take('another', 1)).toMatchObject({ granted: 1 })
  })
})

describe('the requests of a minute, counted in Redis', needs('redis-server'), () => {
  let redis: RedisServer
  let client: Redis

  beforeAll(async () => {
    redis = await startRedis()
    client = new Redis({ port: redis.port, maxRetriesPerRequest: 0, enableOfflineQueue: false, retryStrategy: () => 50 })
    client.on('error', () => undefined)
    await new Promise((resolve) => client.once('ready', resolve))
  })

  afterAll(async () => {
    client.disconnect()
    await redis.stop()
  })

  const shared = (now: { at: number }) =>
    sharedCounts({ client, prefix: 'test', perMinute: 10, timeoutMs: 1000, setTimer: systemEnv.setTimer, monotonic: () => now.at })

  it('are those of all processes together; while Redis is away each counts by itself, and soon they count together again', async () => {
    const now = { at: 0 }
    const [one, two] = [shared(now), shared(now)]
    expect(await one.take('key', 6)).toMatchObject({ granted: 6 })
    expect(await two.take('key', 6)).toMatchObject({ granted: 4 })
    expect(await one.take('key', 1)).toMatchObject({ granted: 0 })
    await redis.stop()
    // A process has the rest of a whole budget: what it took from the shared one is counted.
    expect(await one.take('key', 6)).toMatchObject({ granted: 4 })
    expect(await two.take('key', 7)).toMatchObject({ granted: 6 })
    const ready = new Promise((resolve) => client.once('ready', resolve))
    await redis.start()
    await ready
    now.at += 2000
    expect(await one.take('key', 6)).toMatchObject({ granted: 6 })
    expect(await two.take('key', 6)).toMatchObject({ granted: 4 })
  })
})

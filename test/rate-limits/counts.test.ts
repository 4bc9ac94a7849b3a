import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemEnv } from '#src/engine/cache/index.ts'
import { localCounts, sharedCounts } from '#src/gateway/budgets/counts.ts'
import { needs } from '../servers/availability.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'

describe('the count of requests within one minute', () => {
  it('allows as many requests as the budget has left, and none when the budget is used up', async () => {
    const counts = localCounts(10)
    expect(await counts.take('one', 7)).toMatchObject({ granted: 7 })
    expect(await counts.take('one', 7)).toMatchObject({ granted: 3 })
    const { granted, resetMs } = await counts.take('one', 7)
    expect(granted).toBe(0)
    expect(resetMs).toBeGreaterThan(50_000)
    expect(await counts.take('another', 1)).toMatchObject({ granted: 1 })
  })
})

describe('the count of requests within one minute in Redis', needs('redis-server'), () => {
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

  it('is shared by all processes, is kept by each process alone while Redis is unavailable, and is shared again when Redis returns', async () => {
    const now = { at: 0 }
    const [one, two] = [shared(now), shared(now)]
    expect(await one.take('key', 6)).toMatchObject({ granted: 6 })
    expect(await two.take('key', 6)).toMatchObject({ granted: 4 })
    expect(await one.take('key', 1)).toMatchObject({ granted: 0 })
    await redis.stop()
    // Without Redis each process has a whole budget, minus the requests that it has already taken from the shared
    // budget.
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

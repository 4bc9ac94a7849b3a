import { once } from 'node:events'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemEnv } from '#src/engine/cache/index.ts'
import { openRedis, type RedisHandle } from '#src/engine/redis/open-redis.ts'
import type { Figures, OtherProcesses } from '#src/operations/telemetry/figures.ts'
import { createMetrics } from '#src/operations/telemetry/metrics.ts'
import type { Resources } from '#src/operations/telemetry/resource-metrics.ts'
import { gatewayVersion } from '#src/operations/telemetry/version.ts'
import { sumOf } from '../../load/gateway/prometheus.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { needs } from '../servers/availability.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'

const cacheStats = () => ({ lagMs: 0, memoryEntries: 0, memoryBytes: 0, loadsInFlight: 0, peakLoads: 0, unwatched: [] })

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await createScratchDatabase()
})
afterAll(() => scratch?.drop())

function metricsOf(resources: Partial<Resources>, others?: OtherProcesses) {
  const usual = { database: scratch.handle, redis: undefined, databaseTime: () => Date.now(), stalenessBoundMs: 1000, version: '1.2.3' }
  return createMetrics({ cacheStats, redisState: undefined, others, resources: { env: systemEnv, ...usual, ...resources } })
}

async function scrape(metrics: ReturnType<typeof metricsOf>): Promise<string> {
  return (await metrics.read()).text
}

/** Returns the value of the only series of a metric; undefined if the metric has no series. */
function figureOf(text: string, metric: string): number | undefined {
  return new RegExp(`^${metric}(\\{|\\s)`, 'm').test(text) ? sumOf(text, metric) : undefined
}

describe('The metrics of Redis', needs('redis-server'), () => {
  let server: RedisServer
  let redis: RedisHandle
  let administrator: Redis

  beforeEach(async () => {
    server = await startRedis()
    const ignore = () => undefined
    redis = openRedis({ url: server.url, commandTimeoutMs: 1000, prefix: 'figures', onDown: ignore, onUp: ignore })
    administrator = new Redis(server.url)
    administrator.on('error', ignore)
    if (!redis.isReady()) await once(redis.client, 'ready')
  })
  afterEach(async () => {
    administrator?.disconnect()
    await redis?.close()
    await server?.stop()
  })

  it('show its hits, misses, evictions, memory and clients, and follow its settings', async () => {
    await administrator.config('SET', 'maxmemory', '3000000', 'maxmemory-policy', 'allkeys-lru')
    await administrator.set('a', '1')
    await administrator.mget('a', 'b', 'c')
    const before = await scrape(metricsOf({ redis }))
    expect(figureOf(before, 'tidegate_redis_keyspace_hits_total')).toBe(1)
    expect(figureOf(before, 'tidegate_redis_keyspace_misses_total')).toBe(2)
    expect(figureOf(before, 'tidegate_redis_evicted_keys_total')).toBe(0)
    expect(figureOf(before, 'tidegate_redis_memory_max_bytes')).toBe(3_000_000)
    expect(figureOf(before, 'tidegate_redis_clients')).toBe(3)
    expect(figureOf(before, 'tidegate_redis_clients_max')).toBe(10_000)
    expect(figureOf(before, 'tidegate_redis_clients_blocked')).toBe(0)
    expect(before).toMatch(/^tidegate_redis_info\{node="primary",version="\d+\.\d+\.\d+",policy="allkeys-lru"\} 1$/m)
    for (let key = 0; key < 300; key++) await administrator.set(`filler:${key}`, 'x'.repeat(10_000))
    const after = await scrape(metricsOf({ redis }))
    expect(figureOf(after, 'tidegate_redis_evicted_keys_total')).toBeGreaterThan(50)
    expect(figureOf(after, 'tidegate_redis_memory_used_bytes')).toBeGreaterThan(2_000_000)
    expect(figureOf(after, 'tidegate_redis_commands_total')).toBeGreaterThan(300)
  })

  it('cost one INFO for several scrapes within five seconds', async () => {
    const env = new ManualEnv()
    const metrics = metricsOf({ redis, env })
    const calls = async () => Number(/cmdstat_info:calls=(\d+)/.exec(await administrator.info('commandstats'))?.[1] ?? 0)
    // A connection of the gateway calls INFO when it is established. The count begins when no call comes but this test's own.
    let before = await calls()
    const newCalls = async () => {
      const last = before
      before = await calls()
      return before - last
    }
    await expect.poll(newCalls).toBe(1)
    await scrape(metrics)
    await Promise.all([scrape(metrics), scrape(metrics)])
    // One call is the gateway's. The other is the first one of this test, which did not count itself.
    expect((await calls()) - before).toBe(2)
    await env.advance(5000)
    await scrape(metrics)
    expect((await calls()) - before).toBe(4)
  })

  it('are missing while Redis refuses INFO or is down, and the scrape succeeds', async () => {
    await administrator.call('ACL', 'SETUSER', 'default', '-info')
    const refused = await scrape(metricsOf({ redis }))
    await server.stop()
    if (redis.isReady()) await once(redis.client, 'close')
    const down = await scrape(metricsOf({ redis }))
    for (const text of [refused, down]) {
      expect(figureOf(text, 'tidegate_redis_commands_total')).toBeUndefined()
      expect(figureOf(text, 'tidegate_redis_memory_used_bytes')).toBeUndefined()
      expect(sumOf(text, 'tidegate_resource_readings_total', 'resource="redis",outcome="failed"')).toBe(1)
    }
  })
})

describe('The metrics of the database', () => {
  it('show the connections of the server, their limit, and the size of the invalidation log', async () => {
    const text = await scrape(metricsOf({}))
    const { rows } = await query(`select setting::int - 3 as most from pg_settings where name = 'max_connections'`)
    expect(figureOf(text, 'tidegate_database_connections_max')).toBe(rows[0]?.['most'])
    expect(figureOf(text, 'tidegate_database_connections')).toBeGreaterThanOrEqual(1)
    expect(text).toMatch(/^tidegate_database_info\{version="\d+\.\d+"\} 1$/m)
    for (const table of ['log', 'pending']) {
      expect(text).toMatch(new RegExp(`^tidegate_cache_log_rows\\{table="${table}"\\} \\d+$`, 'm'))
      expect(text).toMatch(new RegExp(`^tidegate_cache_log_bytes\\{table="${table}"\\} [1-9]\\d+$`, 'm'))
    }
  })

  it('grow with the rows of pending writes', async () => {
    const before = await scrape(metricsOf({}))
    await query(`insert into cache.pending (tags) select array[repeat('x', 100)] from generate_series(1, 5000)`)
    await expect
      .poll(async () => sumOf(await scrape(metricsOf({})), 'tidegate_cache_log_rows', 'table="pending"'), {
        timeout: 10_000,
        interval: 200,
      })
      .toBeGreaterThanOrEqual(5000)
    const after = await scrape(metricsOf({}))
    const bytes = (text: string) => sumOf(text, 'tidegate_cache_log_bytes', 'table="pending"')
    expect(bytes(after) - bytes(before)).toBeGreaterThan(500_000)
  })

  it('are missing, without a delay of the readiness check, while a restore holds the lock of the log', async () => {
    const restore = new pg.Client({ connectionString: scratch.url })
    await restore.connect()
    await restore.query('begin; lock table cache.log in access exclusive mode')
    try {
      // In stopped time, the figures are read once. On a slow machine, the first scrape ends before that reading does.
      const metrics = metricsOf({ env: { ...systemEnv, monotonic: () => 0 } })
      const failed = async () => {
        const text = await scrape(metrics)
        expect(figureOf(text, 'tidegate_database_connections')).toBeUndefined()
        return sumOf(text, 'tidegate_resource_readings_total', 'resource="database",outcome="failed"')
      }
      await expect.poll(failed, { timeout: 10_000, interval: 50 }).toBe(1)
      await scratch.handle.ping(500)
    } finally {
      await restore.end()
    }
  })
})

describe('The metrics of the connection pool', () => {
  it('count the connections in use, the callers that wait for one, and the time that they wait', async () => {
    const metrics = metricsOf({})
    const { pool, db } = scratch.handle
    const max = pool?.figures().max ?? 0
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const users = Array.from({ length: max + 2 }, () => db.connection().execute(() => held))
    await expect.poll(() => pool?.figures().waiting).toBe(2)
    const full = await scrape(metrics)
    expect(['in_use', 'idle', 'max', 'waiting'].map((state) => figureOf(full, `tidegate_database_pool_${state}`))).toEqual([max, 0, max, 2])
    release()
    await Promise.all(users)
    const free = await scrape(metrics)
    expect(['in_use', 'waiting'].map((state) => figureOf(free, `tidegate_database_pool_${state}`))).toEqual([0, 0])
    expect(figureOf(free, 'tidegate_database_pool_wait_seconds_count')).toBe(max + 2)
    expect(figureOf(free, 'tidegate_database_pool_wait_seconds_sum')).toBeGreaterThan(0)
  })
})

describe('A scrape that reaches one of two workers', () => {
  it('has the figures of the database server once, the figures of the pool as a sum, and the longest delay of an event loop', async () => {
    const reads: (() => Promise<Figures>)[] = []
    const workers = [0, 1].map((index) => {
      const others = {
        provide: (read: () => Promise<Figures>) => void reads.push(read),
        ask: async () => [(await reads[1 - index]?.()) ?? []],
      }
      return metricsOf({}, others)
    })
    const [worker] = workers
    const text = worker ? await scrape(worker) : ''
    const { rows } = await query(`select setting::int - 3 as most from pg_settings where name = 'max_connections'`)
    expect(figureOf(text, 'tidegate_database_connections_max')).toBe(rows[0]?.['most'])
    expect(sumOf(text, 'tidegate_cache_log_bytes', 'table="log"')).toBe(await size('cache.log'))
    expect(figureOf(text, 'tidegate_cache_staleness_bound_seconds')).toBe(1)
    expect(figureOf(text, 'tidegate_database_pool_max')).toBe(2 * (scratch.handle.pool?.figures().max ?? 0))
    expect(sumOf(text, 'tidegate_resource_readings_total', 'resource="database",outcome="read"')).toBe(2)
    expect((await reads[0]?.())?.find(({ name }) => name === 'nodejs_eventloop_lag_max_seconds')?.aggregator).toBe('max')
  })
})

describe('The metrics of the process', () => {
  it('show its version, its start, the offset of its clock and the configured bound', async () => {
    const env = new ManualEnv()
    const text = await scrape(metricsOf({ env, databaseTime: () => env.now() - 1500 }))
    expect(text).toContain(`tidegate_build_info{version="1.2.3",node="${process.version}"} 1`)
    expect(figureOf(text, 'tidegate_start_time_seconds')).toBe(env.now() / 1000)
    expect(figureOf(text, 'tidegate_clock_offset_seconds')).toBe(-1.5)
    expect(figureOf(text, 'tidegate_cache_staleness_bound_seconds')).toBe(1)
  })

  it('name the version of package.json', () => {
    expect(gatewayVersion()).toMatch(/^\d+\.\d+\.\d+/)
  })
})

/** Returns the size of a table of the scratch database with its indexes, bytes. */
async function size(table: string): Promise<number> {
  const { rows } = await query(`select pg_total_relation_size('${table}')::int as bytes`)
  return rows[0]?.['bytes']
}

/** Runs a statement in the scratch database. */
async function query(statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: scratch.url })
  await client.connect()
  try {
    return await client.query(statement)
  } finally {
    await client.end()
  }
}

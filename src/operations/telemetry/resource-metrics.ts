import { type Aggregator, Counter, Gauge, type Registry } from 'prom-client'
import type { Env } from '../../engine/cache/model/env.ts'
import type { DatabaseFigures } from '../../engine/postgres/database-figures.ts'
import type { DatabaseHandle } from '../../engine/postgres/open-database.ts'
import type { RedisHandle } from '../../engine/redis/open-redis.ts'
import { type RedisFigures, readRedisFigures } from '../../engine/redis/redis-figures.ts'
import { createGauge } from './gauge.ts'
import { LightHistogram } from './light-histogram.ts'
import { Reading } from './reading.ts'

/** The servers that a gateway uses, and the clock that it follows. */
export interface Resources {
  readonly env: Pick<Env, 'now' | 'monotonic' | 'setTimer'>
  readonly database: Pick<DatabaseHandle, 'pool' | 'readFigures'>
  readonly redis: Pick<RedisHandle, 'client'> | undefined
  /** Returns the estimated time of the database's clock, Unix epoch ms. */
  readonly databaseTime: () => number
  /** Configured maximum age of a value that is not marked stale, ms. */
  readonly stalenessBoundMs: number
  /** Version of the gateway. */
  readonly version: string
}

/** Times of a reading: Redis and the database are asked at most once in five seconds, by however many scrapes. */
const TIMES = { maxAgeMs: 5000, keepMs: 60_000, patienceMs: 250 }
const DATABASE_DEADLINE_MS = 1000

/**
 * The workers of a gateway read the same servers, so one of their values counts and not the sum. For counters the highest one is the newest.
 */
const ONE_OF_ALL: Aggregator = 'max'

type RedisFigure = Exclude<keyof RedisFigures, 'node' | 'version' | 'policy'>

const REDIS_COUNTERS: Readonly<Record<string, readonly [RedisFigure, string]>> = {
  tidegate_redis_commands_total: ['commands', 'Commands that Redis has processed, for all of its clients.'],
  tidegate_redis_keyspace_hits_total: ['keyspaceHits', 'Lookups of keys in Redis that found the key, for all of its clients.'],
  tidegate_redis_keyspace_misses_total: ['keyspaceMisses', 'Lookups of keys in Redis that did not find the key, for all of its clients.'],
  tidegate_redis_evicted_keys_total: ['evictedKeys', 'Keys that Redis has evicted because its memory was full.'],
  tidegate_redis_expired_keys_total: ['expiredKeys', 'Keys in Redis that have expired.'],
  tidegate_redis_rejected_connections_total: ['rejectedConnections', 'Connections that Redis refused because maxclients was reached.'],
}

const REDIS_GAUGES: Readonly<Record<string, readonly [RedisFigure, string]>> = {
  tidegate_redis_memory_used_bytes: ['memoryUsedBytes', 'Memory that Redis uses.'],
  tidegate_redis_memory_max_bytes: ['memoryMaxBytes', 'Memory limit of Redis (maxmemory). 0: no limit.'],
  tidegate_redis_clients: ['clients', 'Client connections to Redis.'],
  tidegate_redis_clients_max: ['maxClients', 'Client connections that Redis accepts (maxclients).'],
  tidegate_redis_clients_blocked: ['blockedClients', 'Clients of Redis that wait in a blocking command.'],
}

/**
 * Creates the metrics of what the gateway runs on: Redis, the connection pool, the database server, the invalidation log, and the clock. The
 * figures of servers are read at a scrape. A server that does not respond delays a scrape by a quarter of a second, and its series are
 * missing after a minute.
 */
export function resourceMetrics(registry: Registry, resources: Resources): void {
  const { env, database, redis, databaseTime, stalenessBoundMs, version } = resources
  const registers = [registry]
  const waits: (() => Promise<unknown>)[] = []
  const readings = new Counter({
    name: 'tidegate_resource_readings_total',
    help: 'Readings of the figures of Redis and of the database, by outcome: read or failed.',
    labelNames: ['resource', 'outcome'],
    registers,
    // The readings of this scrape count as well.
    collect: async () => void (await Promise.all(waits.map((wait) => wait()))),
  })
  const createReading = <Value>(resource: string, read: () => Promise<Value>) => {
    const reading = new Reading({ ...TIMES, env, read, onRead: (outcome) => readings.inc({ resource, outcome }) })
    waits.push(() => reading.latest())
    return reading
  }
  if (redis) {
    const reading = createReading('redis', () => readRedisFigures(redis.client))
    redisMetrics(registry, async () => (await reading.latest()) ?? [])
  }
  const reading = createReading('database', () => database.readFigures(DATABASE_DEADLINE_MS))
  databaseMetrics(registry, () => reading.latest())
  if (database.pool) poolMetrics(registry, database.pool)

  const startedAt = env.now() / 1000
  createGauge(registry, 'tidegate_start_time_seconds', 'Time at which the youngest process started, Unix epoch.', () => startedAt, 'max')
  createGauge(
    registry,
    'tidegate_clock_offset_seconds',
    'Time of the clock of the database minus the time of the clock of this machine, as the gateway estimates it.',
    () => (databaseTime() - env.now()) / 1000,
    'average',
  )
  createGauge(
    registry,
    'tidegate_cache_staleness_bound_seconds',
    'Configured maximum age of a value that is not marked stale (CACHE_STALENESS_BOUND_MS).',
    () => stalenessBoundMs / 1000,
    'max',
  )
  const build = { name: 'tidegate_build_info', help: '1, with the versions of the gateway and of Node.', labelNames: ['version', 'node'] }
  new Gauge({ ...build, aggregator: 'max', registers }).set({ version, node: process.version }, 1)
}

function redisMetrics(registry: Registry, latest: () => Promise<readonly RedisFigures[]>): void {
  const registers = [registry]
  const common = { aggregator: ONE_OF_ALL, registers }
  for (const [name, [figure, help]] of Object.entries(REDIS_COUNTERS)) {
    new Counter({
      ...common,
      labelNames: ['node'],
      name,
      help,
      async collect() {
        const nodes = await latest()
        this.reset()
        for (const node of nodes) if (node[figure] !== undefined) this.inc({ node: node.node }, node[figure])
      },
    })
  }
  for (const [name, [figure, help]] of Object.entries(REDIS_GAUGES)) {
    new Gauge({
      ...common,
      labelNames: ['node'],
      name,
      help,
      async collect() {
        const nodes = await latest()
        this.reset()
        for (const node of nodes) if (node[figure] !== undefined) this.set({ node: node.node }, node[figure])
      },
    })
  }
  new Gauge({
    ...common,
    name: 'tidegate_redis_info',
    help: '1, with the version of Redis and its policy for evictions.',
    labelNames: ['node', 'version', 'policy'],
    async collect() {
      const nodes = await latest()
      this.reset()
      for (const { node, version, policy } of nodes) this.set({ node, version, policy }, 1)
    },
  })
}

function databaseMetrics(registry: Registry, latest: () => Promise<DatabaseFigures | undefined>): void {
  const gauge = (name: string, help: string, labelNames: string[], seriesOf: (figures: DatabaseFigures) => readonly Value[]) =>
    new Gauge({
      name,
      help,
      labelNames,
      aggregator: ONE_OF_ALL,
      registers: [registry],
      async collect() {
        const figures = await latest()
        this.reset()
        if (figures) for (const { labels, value } of seriesOf(figures)) this.set(labels, value)
        // A gauge without labels has the value 0 after a reset, which would be wrong here.
        else if (labelNames.length === 0) this.remove()
      },
    })
  gauge('tidegate_database_connections', 'Client connections to the database server, to all of its databases.', [], ({ connections }) => [
    { labels: {}, value: connections },
  ])
  gauge(
    'tidegate_database_connections_max',
    'Connections that the database server accepts from roles other than superusers.',
    [],
    (figures) => [{ labels: {}, value: figures.maxConnections }],
  )
  gauge('tidegate_database_info', '1, with the version of the database server.', ['version'], ({ version }) => [
    { labels: { version }, value: 1 },
  ])
  const byTable = (figure: 'rows' | 'bytes') => (figures: DatabaseFigures) =>
    figures.tables.map((table) => ({ labels: { table: table.name }, value: table[figure] }))
  gauge(
    'tidegate_cache_log_rows',
    'Rows of the invalidation log (log) and of the writes that it has not been trimmed of (pending), as the database estimates them.',
    ['table'],
    byTable('rows'),
  )
  gauge('tidegate_cache_log_bytes', 'Size of the tables of the invalidation log on disk, with their indexes.', ['table'], byTable('bytes'))
}

interface Value {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const WAIT_SECONDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]

function poolMetrics(registry: Registry, pool: NonNullable<DatabaseHandle['pool']>): void {
  const connections = (state: 'inUse' | 'idle' | 'max' | 'waiting') => () => pool.figures()[state]
  createGauge(registry, 'tidegate_database_pool_in_use', 'Connections of the pool that are in use or being opened.', connections('inUse'))
  createGauge(registry, 'tidegate_database_pool_idle', 'Open connections of the pool that nobody uses.', connections('idle'))
  createGauge(registry, 'tidegate_database_pool_max', 'Maximum number of connections of the pool (DATABASE_POOL_SIZE).', connections('max'))
  createGauge(registry, 'tidegate_database_pool_waiting', 'Callers that wait for a connection of the pool.', connections('waiting'))
  const waits = new LightHistogram('tidegate_database_pool_wait_seconds', 'Time until a caller got a connection of the pool.', WAIT_SECONDS)
  waits.register(registry)
  const series = waits.series({})
  pool.onConnected((waitMs) => series.observe(waitMs / 1000))
}

import { Redis } from 'ioredis'
import pg from 'pg'
import { readMetrics, sumOf } from './prometheus.ts'
import { Rising } from './rising.ts'

/** Counters and current values of the gateways, their database and their Redis at one moment. A value is undefined if it cannot be read. */
export interface Counters {
  /** CPU time of the processes of all gateways, s. */
  readonly cpuSeconds: number | undefined
  /** Number of loads from the database by the caches of all gateways. */
  readonly loads: number | undefined
  /** Number of barriers. At a barrier, a write waits until the gateway has applied the invalidation log up to the write. */
  readonly barriers: number | undefined
  /** Total duration of the barriers, s. */
  readonly barrierSeconds: number | undefined
  /** Number of barriers that took at most 10 ms. */
  readonly quickBarriers: number | undefined
  /** Estimated size of the cache entries in the memory of all gateways at that moment, bytes. */
  readonly cacheBytes: number | undefined
  /** Number of these cache entries. */
  readonly cacheEntries: number | undefined
  /** Resident memory of all gateways at that moment, bytes. */
  readonly residentBytes: number | undefined
  /** Number of transactions in the database. A statement outside a transaction is a transaction of its own. */
  readonly transactions: number | undefined
  /** Time that the database's sessions spent on statements, s. */
  readonly databaseSeconds: number | undefined
  /** Number of connections to the database at that moment, without the connection of the observer. */
  readonly connections: number | undefined
  /** Number of bytes that Redis received. These are the commands with their values. */
  readonly redisBytes: number | undefined
  /** Memory that Redis uses at that moment, bytes. */
  readonly redisMemoryBytes: number | undefined
  /** Number of keys in Redis at that moment. */
  readonly redisKeys: number | undefined
}

export interface ObserverParams {
  /** Addresses of the gateways. The address of a proxy in front of them is not in this list. */
  readonly gatewayUrls: readonly string[]
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
}

const BARRIER = 'tidegate_cache_barrier_duration_seconds'
const COUNTED = {
  cpuSeconds: ['process_cpu_seconds_total'],
  loads: ['tidegate_cache_load_duration_seconds_count'],
  barriers: [`${BARRIER}_count`],
  barrierSeconds: [`${BARRIER}_sum`],
  quickBarriers: [`${BARRIER}_bucket`, 'le="0.01"'],
} as const
const LEVELS = {
  cacheBytes: 'tidegate_cache_memory_bytes',
  cacheEntries: 'tidegate_cache_memory_entries',
  residentBytes: 'process_resident_memory_bytes',
} as const

type Counted = keyof typeof COUNTED

/** Reads the counters of the gateway under load, its database and its Redis. */
export class Observer {
  readonly #gateways: readonly { readonly url: string; readonly counters: Readonly<Record<Counted, Rising>> }[]
  readonly #database: pg.Client | undefined
  readonly #redis: Redis | undefined
  readonly #redisBytes = new Rising()

  static async open({ gatewayUrls, databaseUrl, redisUrl }: ObserverParams): Promise<Observer> {
    const database = databaseUrl === undefined ? undefined : new pg.Client({ connectionString: databaseUrl })
    database?.on('error', () => undefined)
    await database?.connect()
    // While Redis is down, the observer does not wait for Redis.
    const redis = redisUrl === undefined ? undefined : new Redis(redisUrl, { maxRetriesPerRequest: 0, retryStrategy: () => 500 })
    return new Observer(gatewayUrls, database, redis)
  }

  private constructor(gatewayUrls: readonly string[], database: pg.Client | undefined, redis: Redis | undefined) {
    this.#gateways = gatewayUrls.map((url) => ({ url, counters: mapped(COUNTED, () => new Rising()) }))
    this.#database = database
    this.#redis = redis
    redis?.on('error', () => undefined)
  }

  async read(): Promise<Counters> {
    const [gateways, database, redis] = await Promise.all([this.#readGateways(), this.#readDatabase(), this.#readRedis()])
    return { ...gateways, ...database, ...redis }
  }

  async close(): Promise<void> {
    this.#redis?.disconnect()
    await this.#database?.end()
  }

  async #readGateways() {
    const pages = await Promise.all(this.#gateways.map(({ url }) => readMetrics(url)))
    const counted = mapped(COUNTED, ([metric, label], name) =>
      total(
        this.#gateways.map(({ counters }, index) =>
          counters[name].next(pages[index] === undefined ? undefined : sumOf(pages[index], metric, label)),
        ),
      ),
    )
    const levels = mapped(LEVELS, (metric) => total(pages.map((page) => (page === undefined ? undefined : sumOf(page, metric)))))
    return { ...counted, ...levels }
  }

  async #readDatabase() {
    const statement = `select xact_commit + xact_rollback as transactions, active_time / 1000 as seconds, numbackends - 1 as connections
      from pg_stat_database where datname = current_database()`
    const row = (await this.#database?.query<{ transactions: string; seconds: number; connections: number }>(statement))?.rows[0]
    return { transactions: row && Number(row.transactions), databaseSeconds: row?.seconds, connections: row?.connections }
  }

  async #readRedis() {
    const text = (await this.#redis?.info().catch(() => '')) ?? ''
    const found = (pattern: RegExp) => {
      const value = pattern.exec(text)?.[1]
      return value === undefined ? undefined : Number(value)
    }
    return {
      redisBytes: this.#redisBytes.next(found(/total_net_input_bytes:(\d+)/)),
      redisMemoryBytes: found(/used_memory:(\d+)/),
      redisKeys: text === '' ? undefined : (found(/db0:keys=(\d+)/) ?? 0),
    }
  }
}

function mapped<Name extends string, Value, Result>(
  record: Readonly<Record<Name, Value>>,
  change: (value: Value, name: Name) => Result,
): Readonly<Record<Name, Result>> {
  const entries = Object.entries(record) as [Name, Value][]
  return Object.fromEntries(entries.map(([name, value]) => [name, change(value, name)])) as Record<Name, Result>
}

/** Returns the sum of the values that are known; undefined if no value is known. */
function total(values: readonly (number | undefined)[]): number | undefined {
  return values.every((value) => value === undefined) ? undefined : values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
}

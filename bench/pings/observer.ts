import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { readMetrics, sumOf } from '../../load/gateway/prometheus.ts'
import { postmasterOf, processorMs } from '../log/server-processor.ts'
import type { Place } from './place.ts'

/** Counters of gateway, database and Redis since their start. */
export interface Counters {
  /** CPU time of the gateway, ms. */
  readonly gatewayMs: number
  /** CPU time of all processes of the database server, ms. */
  readonly serverMs: number
  /** Time that sessions of the database spent in statements, waits for locks and the disk included, ms. */
  readonly databaseMs: number
  /** Statements, and the time in which they were planned and ran (without the end of COMMIT, in which the disk is waited for), ms. */
  readonly statements: number
  readonly statementMs: number
  readonly transactions: number
  readonly deadlocks: number
  readonly walBytes: number
  /** Bytes of all tables of the market and of the invalidation log, and of their indexes. */
  readonly tableBytes: number
  readonly indexBytes: number
  /** Rows that were added to the invalidation log: by transactions, and by syncs, which put rows of transactions together. */
  readonly pendingRows: number
  readonly logRows: number
  /** Bytes that Redis received. */
  readonly redisBytes: number
  /** Reads of cached values that pings use, and of these those that were served from memory and from Redis. */
  readonly reads: number
  readonly memoryHits: number
  readonly redisHits: number
}

/** Sessions that waited for a lock, in samples of the database's sessions. */
export interface Waits {
  readonly samples: number
  /** Sum of the waiting sessions of all samples, by the lock that they waited for. */
  readonly byLock: Readonly<Record<string, number>>
}

export interface Observed {
  readonly counters: Counters
  readonly waits: Waits
}

/** Short enough to see waits that last, and long enough to take little of what is measured. */
const SAMPLE_MS = 100
const POLICIES = ['RoutingCandidates', 'ComplianceRuleSet', 'RoutingState', 'RoutingPlan', 'Campaign']

/** Reads counters, and samples which sessions wait for locks. */
export class Observer {
  readonly #place: Place
  readonly #database: pg.Client
  /** Connection to another database of the server, so that what it does does not count. */
  readonly #beside: pg.Client
  readonly #sampler: pg.Client
  readonly #redis: Redis
  readonly #postmaster: number

  static async open(place: Place): Promise<Observer> {
    const connect = async (url: string) => {
      const client = new pg.Client({ connectionString: url })
      client.on('error', () => undefined)
      await client.connect()
      return client
    }
    const [database, beside, sampler] = [
      await connect(place.databaseUrl),
      await connect(place.observerUrl),
      await connect(place.observerUrl),
    ]
    return new Observer(place, database, beside, sampler, await postmasterOf(beside))
  }

  private constructor(place: Place, database: pg.Client, beside: pg.Client, sampler: pg.Client, postmaster: number) {
    this.#place = place
    this.#database = database
    this.#beside = beside
    this.#sampler = sampler
    this.#redis = new Redis(place.redisUrl)
    this.#postmaster = postmaster
  }

  /** Returns the statements of the gateway that took most time since the last reset, as lines of text. */
  async topStatements(): Promise<readonly string[]> {
    const { rows } = await this.#beside.query<{ calls: string; mean: number; plan: number; total: number; query: string }>(`
      select calls, mean_exec_time as mean, mean_plan_time as plan, total_exec_time + total_plan_time as total, query from pg_stat_statements
      where dbid = (select oid from pg_database where datname = 'pings') order by total desc limit 12`)
    return rows.map(
      ({ calls, mean, plan, total, query }) =>
        `${total.toFixed(0)} ms, ${calls} calls, ${plan.toFixed(3)} ms to plan and ${mean.toFixed(3)} ms to run each: ${query.replaceAll(/\s+/g, ' ').slice(0, 160)}`,
    )
  }

  async resetStatements(): Promise<void> {
    await this.#beside.query('select pg_stat_statements_reset()')
  }

  /** Observes until `work` settles. @returns what was counted meanwhile. */
  async during<Result>(work: () => Promise<Result>): Promise<Observed & { readonly result: Result }> {
    const before = await this.#read()
    const byLock: Record<string, number> = {}
    let samples = 0
    let isOver = false
    const sampling = (async () => {
      while (!isOver) {
        const { rows } = await this.#sampler.query<{ lock: string; sessions: number }>(`
          select wait_event as lock, count(*)::int as sessions from pg_stat_activity
          where datname = 'pings' and wait_event_type = 'Lock' group by wait_event`)
        samples++
        for (const { lock, sessions } of rows) byLock[lock] = (byLock[lock] ?? 0) + sessions
        await pause(SAMPLE_MS)
      }
    })()
    const result = await work().finally(() => {
      isOver = true
    })
    await sampling
    // Sessions report what they did once a second.
    await pause(1500)
    const counters: { -readonly [Name in keyof Counters]: number } = await this.#read()
    for (const name of Object.keys(before) as (keyof Counters)[]) counters[name] -= before[name]
    return { result, counters, waits: { samples, byLock } }
  }

  async close(): Promise<void> {
    this.#redis.disconnect()
    for (const client of [this.#database, this.#beside, this.#sampler]) await client.end()
  }

  async #read(): Promise<Counters> {
    const page = await this.#readPage()
    const reads = (layer: string) =>
      POLICIES.reduce((sum, policy) => sum + sumOf(page, 'tidegate_cache_reads_total', `policy="${policy}",layer="${layer}"`), 0)
    const [memoryHits, redisHits] = [reads('l1'), reads('l2')]
    return {
      gatewayMs: 1000 * sumOf(page, 'process_cpu_seconds_total'),
      serverMs: await processorMs(this.#postmaster),
      ...(await this.#readDatabase()),
      redisBytes: Number(/total_net_input_bytes:(\d+)/.exec(await this.#redis.info())?.[1]),
      reads: memoryHits + redisHits + reads('origin') + reads('coalesced'),
      memoryHits,
      redisHits,
    }
  }

  /** Reads the metrics of the gateway, which may be too busy to answer at once. */
  async #readPage(): Promise<string> {
    for (let attempt = 1; attempt <= 10; attempt++) {
      const page = await readMetrics(this.#place.gatewayUrl)
      if (page !== undefined) return page
    }
    throw new Error('Expected the metrics of the gateway, got no answer.')
  }

  async #readDatabase() {
    const { rows: sizes } = await this.#database.query<Readonly<Record<string, string>>>(`
      select sum(pg_table_size(relid)) as table_bytes, sum(pg_indexes_size(relid)) as index_bytes,
        sum(n_tup_ins) filter (where schemaname = 'cache' and relname = 'pending') as pending_rows,
        sum(n_tup_ins) filter (where schemaname = 'cache' and relname = 'log') as log_rows
      from pg_stat_user_tables`)
    const { rows } = await this.#beside.query<Readonly<Record<string, string>>>(`
      select active_time as database_ms, xact_commit as transactions, deadlocks,
        (select sum(calls) from pg_stat_statements where dbid = datid) as statements,
        (select sum(total_exec_time + total_plan_time) from pg_stat_statements where dbid = datid) as statement_ms,
        pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as wal_bytes
      from pg_stat_database where datname = 'pings'`)
    const row: Readonly<Record<string, string | undefined>> = { ...sizes[0], ...rows[0] }
    const value = (name: string) => Number(row[name] ?? 0)
    return {
      databaseMs: value('database_ms'),
      statements: value('statements'),
      statementMs: value('statement_ms'),
      transactions: value('transactions'),
      deadlocks: value('deadlocks'),
      walBytes: value('wal_bytes'),
      tableBytes: value('table_bytes'),
      indexBytes: value('index_bytes'),
      pendingRows: value('pending_rows'),
      logRows: value('log_rows'),
    }
  }
}

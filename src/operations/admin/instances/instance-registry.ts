import { type QueryExecutorProvider, sql } from 'kysely'
import type { Env, Timer } from '../../../engine/cache/model/env.ts'
import type { BreakerState } from '../../../engine/cache/shared/circuit-breaker.ts'
import type { Awaited, WaitingTimes } from '../../telemetry/waiting-times.ts'
import type { WarmUpRun } from './warm-up-runs.ts'

/** State of this process that it reports to the other processes. */
export interface InstanceState {
  readonly epoch: string
  /** Position of the invalidation log that the process has applied. */
  readonly clock: number
  /** Age of the last sync of the log, ms; undefined if no sync counts. */
  readonly lagMs: number | undefined
  readonly memoryEntries: number
  readonly memoryBytes: number
  readonly heapBytes: number
  readonly redis: 'up' | 'down' | 'none'
  /** Version of the stored overrides and experiments of cache policies that the process uses. */
  readonly policies: number
  readonly details: InstanceDetails
}

/** Numbers of values that shadow mode compared with the database, by outcome. */
export interface ShadowCounts {
  readonly equal: number
  readonly withinBound: number
  readonly violations: number
  readonly undecided: number
}

/** Facts about a process that no statement searches for. Each is undefined if the process has none, or is of an older version. */
export interface InstanceDetails {
  /** 99th percentile of the delay of the event loop since the report before, ms. */
  readonly eventLoopLagMs?: number
  /** Share of the last minute for which the event loop was busy, 0 to 1. */
  readonly eventLoopUtilization?: number
  /** Time that the process waits for commands of Redis, SQL statements, connections of the pool, and its event loop; null without a server or a pool. */
  readonly waiting?: { readonly [Name in Awaited]: WaitingTimes | null }
  /** Hash of the dependencies of all cache policies of the schema, by which processes with another schema are found. */
  readonly dependencies?: string
  /** State of the circuit breaker for Redis. */
  readonly breaker?: BreakerState | undefined
  /** Comparisons by shadow mode since the start of the process, by outcome. */
  readonly shadow?: ShadowCounts
  /** Tenants with the largest entries in memory. */
  readonly tenants?: readonly { readonly tenant: string; readonly bytes: number }[]
  /** The last warm-ups, newest first. */
  readonly warmUps?: readonly WarmUpRun[]
}

/** A process as the table `cache_instances` describes it. */
export interface KnownInstance extends InstanceState {
  readonly id: string
  readonly version: string
  readonly host: string
  readonly pid: number
  /** ISO 8601, in UTC. */
  readonly startedAt: string
  /** Time of the last report, ISO 8601, in UTC. */
  readonly seenAt: string
  /** Time since the last report, ms. */
  readonly silentMs: number
  readonly stalenessBoundMs: number
}

export interface InstanceRegistryOptions {
  readonly db: QueryExecutorProvider
  readonly env: Env
  /** Id of this process, a UUID. */
  readonly id: string
  readonly version: string
  readonly host: string
  readonly pid: number
  readonly stalenessBoundMs: number
  readonly state: () => InstanceState
  /** Called before each report, for example to read what other processes have stored. */
  readonly beforeReport: () => Promise<void>
  /** Called when a report could not be stored. */
  readonly onFailed: (error: unknown) => void
}

const REPORT_INTERVAL_MS = 2000
/** Time without a report after which a process counts as gone. */
export const ALIVE_MS = 15_000
/** Time without a report after which the row of a process is deleted, seconds. Its process has ended, or cannot reach the database. */
const FORGOTTEN_SECONDS = 600
/** Days for which it is known when a version was started. */
const DEPLOY_DAYS = 90

/**
 * The processes that share the database. Each process reports its state every two seconds, and at once when it has applied a purge. A purge
 * reads these reports to find out which processes have applied it.
 */
export class InstanceRegistry {
  readonly #options: InstanceRegistryOptions
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #isAgain = false
  #isClosed = false

  constructor(options: InstanceRegistryOptions) {
    this.#options = options
  }

  get id(): string {
    return this.#options.id
  }

  /** Stores the first report. Must be called before the process serves requests, so that no purge overlooks the process. @throws if it fails. */
  async start(): Promise<void> {
    await this.#store()
    await this.#storeDeploy()
    this.#schedule()
  }

  /** Stores a report soon. Calls that come while a report is being stored share the next report. Never rejects. */
  report(): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    if (this.#running) {
      this.#isAgain = true
      return this.#running
    }
    this.#running = this.#repeat().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Returns all processes, oldest first. @throws if the database does not answer. */
  async list(): Promise<readonly KnownInstance[]> {
    // The details are read as text, because the names in them must stay as they were stored.
    const { rows } = await sql<Omit<KnownInstance, 'details'> & { readonly details: string }>`
      select id, version, host, pid, started_at, seen_at, epoch, clock, lag_ms, memory_entries, memory_bytes, heap_bytes, redis, policies,
        staleness_bound_ms, details::text as details,
        greatest(0, extract(epoch from clock_timestamp() - seen_at) * 1000)::float8 as silent_ms
      from cache_instances order by started_at, id`.execute(this.#options.db)
    return rows.map((row) => ({ ...row, lagMs: row.lagMs ?? undefined, details: JSON.parse(row.details) }))
  }

  /** Stops reporting and deletes the row of this process. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#running
    const { db, id, onFailed } = this.#options
    await sql`delete from cache_instances where id = ${id}::uuid`.execute(db).catch(onFailed)
  }

  #schedule(): void {
    if (this.#isClosed) return
    this.#timer = this.#options.env.setTimer(() => void this.report().then(() => this.#schedule()), REPORT_INTERVAL_MS)
  }

  async #repeat(): Promise<void> {
    do {
      this.#isAgain = false
      try {
        await this.#store()
      } catch (error) {
        this.#options.onFailed(error)
      }
    } while (this.#isAgain && !this.#isClosed)
  }

  async #store(): Promise<void> {
    const { db, id, version, host, pid, stalenessBoundMs, state, beforeReport } = this.#options
    await beforeReport()
    const { epoch, clock, lagMs, memoryEntries, memoryBytes, heapBytes, redis, policies, details } = state()
    await sql`
      with forgotten as (delete from cache_instances where seen_at < clock_timestamp() - make_interval(secs => ${FORGOTTEN_SECONDS}))
      insert into cache_instances (id, version, host, pid, epoch, clock, lag_ms, staleness_bound_ms, memory_entries, memory_bytes,
        heap_bytes, redis, policies, details, seen_at)
      values (${id}::uuid, ${version}, ${host}, ${pid}, ${epoch}, ${clock}, ${lagMs ?? null}, ${stalenessBoundMs}, ${memoryEntries},
        ${Math.round(memoryBytes)}, ${Math.round(heapBytes)}, ${redis}, ${policies}, ${JSON.stringify(details)}::jsonb,
        clock_timestamp())
      on conflict (id) do update set epoch = excluded.epoch, clock = excluded.clock, lag_ms = excluded.lag_ms,
        memory_entries = excluded.memory_entries, memory_bytes = excluded.memory_bytes, heap_bytes = excluded.heap_bytes,
        redis = excluded.redis, policies = excluded.policies, details = excluded.details, seen_at = excluded.seen_at`.execute(db)
  }

  /** Stores that another version was started than the last time. */
  async #storeDeploy(): Promise<void> {
    const { db, version, host } = this.#options
    await sql`
      with forgotten as (delete from cache_deploys where at < clock_timestamp() - make_interval(days => ${DEPLOY_DAYS}))
      insert into cache_deploys (version, host)
      select ${version}, ${host}
      where ${version} is distinct from (select version from cache_deploys order by id desc limit 1)`.execute(db)
  }
}

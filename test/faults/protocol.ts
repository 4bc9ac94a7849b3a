import type { Layer } from '#src/engine/cache/index.ts'

/** Settings of an instance of a fleet. Times are in ms. */
export interface InstanceSettings {
  readonly databaseUrl: string
  readonly redisUrl?: string | undefined
  /** Instances with the same prefix share their entries in Redis. */
  readonly keyPrefix?: string
  /** Interval between log syncs. A very long interval disables regular syncs. Default: 75. */
  readonly tickMs?: number
  /** Staleness bound. Default: 1000. */
  readonly stalenessBoundMs?: number
  /** Timeout of a Redis command. Default: 250. */
  readonly commandTimeoutMs?: number
  /** Size limit of the cache in the process, bytes. Default: 64 MiB. */
  readonly memoryBytes?: number
  /** Maximum number of concurrent loads. Default: 32. */
  readonly concurrentLoads?: number
  /**
   * Time for which tolerant reads may get a stale copy while the source fails. Strict reads never get one. Default:
   * 600,000.
   */
  readonly staleIfErrorMs?: number
  /** TTL in the memory of the process. Default: 600,000. */
  readonly l1Ms?: number
  /** TTL in Redis. Default: 900,000. */
  readonly l2Ms?: number
  /** Timeout of an SQL statement. Default: 2000. */
  readonly statementTimeoutMs?: number
  /** Number of database connections. Default: 10. */
  readonly poolSize?: number
  /** Deadline of a reader that waits for a load. Default: none. */
  readonly readDeadlineMs?: number
  /** Number of log rows that trimming keeps. Default: 100,000. */
  readonly logRows?: number
  /** Share of the reads that shadow mode compares with the database. Default: 0. */
  readonly shadowRate?: number
}

/** A row that an instance served. The version is null if the row does not exist. */
export interface ServedRow {
  readonly version: number | null
  /**
   * Begins with `tenant/id/version/mark/`, where the mark is a random text that identifies the write. By this text the
   * test recognises a row of another tenant or of a lost timeline.
   */
  readonly payload: string | null
  readonly layer: Layer
  readonly ageMs: number
}

export interface ReadFailure {
  readonly error: string
}

export type ReadResult = ServedRow | ReadFailure

export interface ServedList {
  readonly ids: readonly number[]
  readonly layer: Layer
}

export interface WriteResult {
  readonly version: number
  readonly payload: string
  readonly token: string
}

/**
 * A write that failed. If it has a token, the outcome is unknown, and a read with the token must sync the log first.
 */
export interface WriteFailure {
  readonly error: string
  readonly token: string | undefined
}

export interface ReadCall {
  readonly kind: 'read'
  readonly tenant: string
  readonly ids: readonly number[]
  readonly token?: string | undefined
  /** Whether the reader accepts a stale copy that is flagged. */
  readonly tolerant?: boolean
}

export interface ListCall {
  readonly kind: 'list'
  readonly tenant: string
  /** Value of the cache dimension `shelf`. `all` lists the rows without a declared predicate. */
  readonly shelf: number | 'all'
  readonly token?: string | undefined
}

export interface WriteCall {
  readonly kind: 'write'
  readonly tenant: string
  readonly id: number
  /** Returns directly after COMMIT with an empty token, without an acknowledgement. */
  readonly unacknowledged?: boolean
  /** Number of filler bytes at the end of the payload. Default: 0. */
  readonly fillerBytes?: number
}

/** Workload that the instance runs by itself, without messages to its parent process. */
export interface WorkloadCall {
  readonly kind: 'workload'
  readonly forMs: number
  readonly readsPerSecond: number
  readonly writesPerSecond: number
  readonly tenants: readonly string[]
  /** Number of keys. Ids are 1 to this number. */
  readonly keys: number
  /** Number of rows per read. Default: 1. */
  readonly batch?: number
  readonly seed: number
}

export interface WorkloadFigures {
  readonly reads: number
  readonly readErrors: number
  readonly writes: number
  readonly writeErrors: number
  /**
   * Reads that returned an older version than this instance had acknowledged, or a row of another tenant. The instance
   * checks nothing else.
   */
  readonly anomalies: readonly string[]
  readonly layers: Readonly<Partial<Record<Layer, number>>>
  readonly readMs: Percentiles
  readonly writeMs: Percentiles
  readonly loopLagMs: Percentiles
}

export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface InstanceStats {
  /** Result of `cache.stats()`. */
  readonly cache: {
    readonly clock: number
    readonly hasLease: boolean
    readonly lagMs: number
    readonly memoryEntries: number
    readonly memoryBytes: number
    readonly loadsInFlight: number
    readonly unwatched: readonly string[]
  }
  /** Number of events by name. The events `load`, `tier-hit` and `tier-rejected` are counted once per value. */
  readonly events: Readonly<Record<string, number>>
  /** Number of loads by key (`tenant:id`), since the start or the last `forgetLoads`. */
  readonly loadsByKey: Readonly<Record<string, number>>
  /** Maximum number of concurrent loads of one key; `maxLoads` is the maximum for all keys together. */
  readonly maxLoadsOfKey: number
  readonly maxLoads: number
  /** Number of loads that have read their rows and wait for `releaseLoads`. */
  readonly heldLoads: number
  readonly rssBytes: number
  readonly heapBytes: number
}

export type Call =
  | { readonly kind: 'configure'; readonly settings: InstanceSettings }
  | ReadCall
  | ListCall
  | WriteCall
  | WorkloadCall
  | { readonly kind: 'holdLoads' | 'releaseLoads' | 'forgetLoads' | 'stats' | 'collectGarbage' | 'trim' | 'close' }
  | { readonly kind: 'invalidate'; readonly tags: readonly string[] }
  /** Shifts the wall clock from now on, ms. */
  | { readonly kind: 'shiftWallClock'; readonly byMs: number }

export interface Answers {
  readonly configure: null
  readonly read: readonly ReadResult[]
  readonly list: ServedList | ReadFailure
  readonly write: WriteResult | WriteFailure
  readonly workload: WorkloadFigures
  readonly holdLoads: null
  readonly releaseLoads: null
  readonly forgetLoads: null
  readonly stats: InstanceStats
  readonly collectGarbage: null
  readonly trim: null
  readonly close: null
  readonly invalidate: null
  readonly shiftWallClock: null
}

export interface Request {
  readonly number: number
  readonly call: Call
}

export type Reply =
  | { readonly number: number; readonly answer: Answers[keyof Answers] }
  | { readonly number: number; readonly error: string }
  /** An uncaught error, which fails the run. */
  | { readonly uncaught: string }

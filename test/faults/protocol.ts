import type { Layer } from '../../src/cache/index.ts'

/** How an instance of a fleet is set up. Times in ms; what is left out has the default that stands behind it. */
export interface InstanceSettings {
  readonly databaseUrl: string
  readonly redisUrl?: string | undefined
  /** Instances with the same prefix share their entries in Redis. */
  readonly keyPrefix?: string
  /** 75. A very long one switches the ticks off. */
  readonly tickMs?: number
  /** D, 1000. */
  readonly stalenessBoundMs?: number
  /** Of Redis, 250. */
  readonly commandTimeoutMs?: number
  /** Of the copies in the process, bytes; 64 MiB. */
  readonly memoryBytes?: number
  /** 32. */
  readonly concurrentLoads?: number
  /** Of the tolerant reads, 600,000; the strict ones have none. */
  readonly staleIfErrorMs?: number
  /** 600,000. */
  readonly l1Ms?: number
  /** 900,000. */
  readonly l2Ms?: number
  /** 2000. */
  readonly statementTimeoutMs?: number
  /** 10. */
  readonly poolSize?: number
  /** How long a reader waits for loads; for ever. */
  readonly readDeadlineMs?: number
  /** Of the log, kept by the trimming of each minute; 100,000. */
  readonly logRows?: number
}

/** A row as it was served; version null: there is no such row. */
export interface ServedRow {
  readonly version: number | null
  /** Begins with `tenant/id/version/mark/`, so that a row of another tenant or of a lost history is recognised. */
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

/** A write that failed. With a token its outcome is not known, and the token demands a barrier. */
export interface WriteFailure {
  readonly error: string
  readonly token: string | undefined
}

export interface ReadCall {
  readonly kind: 'read'
  readonly tenant: string
  readonly ids: readonly number[]
  readonly token?: string | undefined
  /** Whether a flagged stale copy will do. */
  readonly tolerant?: boolean
}

export interface ListCall {
  readonly kind: 'list'
  readonly tenant: string
  /** The dimension's value; `all` lists without a declared predicate. */
  readonly shelf: number | 'all'
  readonly token?: string | undefined
}

export interface WriteCall {
  readonly kind: 'write'
  readonly tenant: string
  readonly id: number
  /** Ends after COMMIT, with an empty token: nothing was acknowledged. */
  readonly unacknowledged?: boolean
  /** Of what follows the mark in the payload; 0. */
  readonly fillerBytes?: number
}

/** A load that the instance makes for itself, without messages between. */
export interface WorkloadCall {
  readonly kind: 'workload'
  readonly forMs: number
  readonly readsPerSecond: number
  readonly writesPerSecond: number
  readonly tenants: readonly string[]
  /** Ids are 1 … this. */
  readonly keys: number
  /** Rows that one read asks for; 1. */
  readonly batch?: number
  readonly seed: number
}

export interface WorkloadFigures {
  readonly reads: number
  readonly readErrors: number
  readonly writes: number
  readonly writeErrors: number
  /** Reads that gave less than this instance had acknowledged, or another tenant's row; nothing else is checked here. */
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
  /** `cache.stats()`. */
  readonly cache: {
    readonly clock: number
    readonly hasLease: boolean
    readonly lagMs: number
    readonly memoryEntries: number
    readonly memoryBytes: number
    readonly loadsInFlight: number
    readonly unwatched: readonly string[]
  }
  /** How often each event was told, and values that counted more than one: `load`, `tier-hit`, `tier-rejected`. */
  readonly events: Readonly<Record<string, number>>
  /** Loads of each key since the start or the last `forgetLoads`, by `tenant:id`. */
  readonly loadsByKey: Readonly<Record<string, number>>
  /** Most loads of one key that ran at one time, and of all keys. */
  readonly mostLoadsOfKey: number
  readonly mostLoads: number
  /** Loads that have read and wait for `releaseLoads`. */
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
  /** From now on the wall clock is this much off, ms. */
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
  /** Something that nobody caught: the run fails. */
  | { readonly uncaught: string }

import type { MissCause } from '../../engine/cache/model/miss.ts'
import type { Layer } from '../../engine/cache/model/read.ts'
import type { AnswerLayer } from '../../gateway/graphql/endpoint/answer-layer.ts'

/**
 * Label of the figures of everything that has no row of its own. An operation or a tenant with this name is counted in this row, too.
 */
export const OTHER = 'other'

/** Cause of reloads whose write is not known: its row of the invalidation log is too old or has too many tags. */
export const UNKNOWN_WRITE = 'system unknown'
/** Cause of reloads after everything was voided at once, such as after a restore of the database. */
export const FULL_RESET = 'system reset'

/** No reads, by layer. */
export const NO_READS: FieldFigures['reads'] = { l1: 0, l2: 0, coalesced: 0, stale: 0, origin: 0, failed: 0 }
/** No misses, by cause. */
export const NO_MISSES: FieldFigures['misses'] = {
  cold: 0,
  invalidated: 0,
  expired: 0,
  evicted: 0,
  'not cacheable': 0,
  bypassed: 0,
  shed: 0,
}
/** No answers, by layer. */
export const NO_ANSWERS: OperationFigures['answers'] = {
  'at hand': 0,
  l1: 0,
  l2: 0,
  coalesced: 0,
  stale: 0,
  parts: 0,
  origin: 0,
  bypassed: 0,
  shed: 0,
  refused: 0,
}

/**
 * A row of figures. An operation or tenant may lose its row to a busier one. Its figures are then added to the row `other`, and it starts
 * from 0 if it gets a row again.
 */
export interface FigureRow {
  /** Number of the row in this process. A name that lost its row and got one again has another number. */
  readonly row: number
}

/** Figures of the values of one cache policy. `reads` and `misses` count values; hits are the reads of `l1`, `l2` and `stale`. */
export interface FieldFigures extends FigureRow {
  /** Name of the cache policy, such as `Campaign` or `Query.campaigns`; the coordinate of a field or type without a policy. */
  readonly field: string
  /** Reads by the layer that answered; `failed` are reads that ended with an error. */
  readonly reads: Readonly<Record<Layer | 'failed', number>>
  /** Misses by cause. Their sum is the number of reads from `coalesced`, `origin` and `failed`. */
  readonly misses: Readonly<Record<MissCause, number>>
  /** Values loaded from the database, including reloads in the background. */
  readonly loads: number
  readonly failedLoads: number
  /** Sum of the durations of the loads, ms. A load of many values counts once. */
  readonly loadMs: number
  /** Sum of the load durations of the values that were served from the cache, ms. */
  readonly savedMs: number
  /** Reloads that an invalidation caused. */
  readonly reloads: number
  /** Reloads whose value was the same as before. */
  readonly needlessReloads: number
  /** Copies that were stored in the memory of a process, and the sum of their sizes, bytes. */
  readonly stored: number
  readonly storedBytes: number
  /** Stored copies that a reader got before they expired, were invalidated or were evicted. */
  readonly reused: number
}

/** Figures of the requests for one operation. */
export interface OperationFigures extends FigureRow {
  /** Name of the operation; its hash if it has no name. */
  readonly operation: string
  /** Hash of the operation without its name and layout, of the latest request; empty in the row `other`. */
  readonly hash: string
  readonly kind: string
  readonly requests: number
  readonly answers: Readonly<Record<AnswerLayer, number>>
  /** Sum of the durations of the requests, by the layer that answered, ms. */
  readonly layerMs: Readonly<Record<AnswerLayer, number>>
  /** Answers with the status 304. They are also counted by layer. */
  readonly notModified: number
  /** Errors in the answers. */
  readonly errors: number
  /** Sum of the durations of the requests, ms. */
  readonly durationMs: number
  /** Time that whole responses from the cache would have taken to execute, ms. */
  readonly savedMs: number
  /** Sum of the sizes of the response bodies before compression, bytes; 0 for a 304. */
  readonly bytes: number
}

/** Figures of the requests of one tenant. */
export interface TenantFigures extends FigureRow {
  /** The tenant; `public` for requests without a token. */
  readonly tenant: string
  readonly requests: number
  readonly answers: Readonly<Record<AnswerLayer, number>>
  readonly layerMs: Readonly<Record<AnswerLayer, number>>
  readonly errors: number
  readonly durationMs: number
  readonly savedMs: number
  readonly bytes: number
}

/** Reloads of one field that one kind of tag caused. */
export interface TagFigures extends FigureRow {
  readonly field: string
  /** Kind of the tag, without tenant and values, such as `Campaign`, `Domain[]` or `Domain[]:campaign`. */
  readonly tag: string
  readonly reloads: number
  readonly needlessReloads: number
}

/** Cost of one kind of write, such as a mutation, for one field: loads that would not have been needed without it. */
export interface WriteFigures extends FigureRow {
  /** Cause of the write, such as `mutation updateCampaign`; {@link UNKNOWN_WRITE} or {@link FULL_RESET} if there is no single one. */
  readonly write: string
  readonly field: string
  /** Values that were loaded again because the write had voided them. */
  readonly reloads: number
  /** Reloads whose value was the same as before. */
  readonly needlessReloads: number
  /** Time of the database that the reloads took, ms. A call that loads many values is divided among them. */
  readonly loadMs: number
  /** Whole answers that were composed again because the write had voided them. Their parts are counted as reloads. */
  readonly answers: number
}

/** Number of answers whose duration was in one range. The ranges of an outcome do not overlap. */
export interface LatencyFigures extends FigureRow {
  /** `hit`: answers without a read of the database. `miss`: answers that waited for a read of the database. Others are not counted. */
  readonly outcome: 'hit' | 'miss'
  /** Upper end of the range, ms, as a text. */
  readonly upToMs: string
  readonly count: number
}

/** Cumulative figures of one process since its start. The number of rows is bounded. */
export interface UsageFigures {
  readonly fields: readonly FieldFigures[]
  readonly operations: readonly OperationFigures[]
  readonly tenants: readonly TenantFigures[]
  readonly tags: readonly TagFigures[]
  readonly writes: readonly WriteFigures[]
  readonly latency: readonly LatencyFigures[]
}

export const NO_FIGURES: UsageFigures = { fields: [], operations: [], tenants: [], tags: [], writes: [], latency: [] }

/** Shares of reads, 0 to 1; undefined if there were no reads. */
export interface HitRates {
  /** Share of the reads that were served from a cached copy. */
  readonly hit: number | undefined
  /**
   * Share that a cache of any size and with any lifetimes could have served: what first reads of a key, invalidations and values that cannot be
   * cached leave.
   */
  readonly reachable: number | undefined
}

/** Reads and misses of a field, as far as they are not 0. */
export interface CountedReads {
  readonly reads: Readonly<Record<string, number>>
  readonly misses: Readonly<Record<string, number>>
}

/** Causes of misses that a cache of any size and with any lifetimes has. */
export const UNAVOIDABLE: readonly MissCause[] = ['cold', 'invalidated', 'not cacheable']

/** Returns the hit rate and the reachable hit rate of all reads of some fields. The figures are added up first. */
export function hitRatesOf(fields: readonly CountedReads[]): HitRates {
  let reads = 0
  let misses = 0
  let unavoidable = 0
  for (const field of fields) {
    for (const count of Object.values(field.reads)) reads += count
    for (const count of Object.values(field.misses)) misses += count
    for (const cause of UNAVOIDABLE) unavoidable += field.misses[cause] ?? 0
  }
  return reads === 0 ? { hit: undefined, reachable: undefined } : { hit: 1 - misses / reads, reachable: 1 - unavoidable / reads }
}

import type { Coherence } from '../log/coherence.ts'
import type { AppliedInvalidation } from '../log/recent-invalidations.ts'
import type { Need } from '../model/consistency-token.ts'
import { EVERYTHING_TAG } from '../model/entity.ts'
import type { ShadowReason } from '../model/events.ts'

/** A value that was served from a copy, and what its reader was promised. */
export interface ServedValue {
  readonly value: unknown
  /** All tags of the value, and its key. */
  readonly tags: readonly string[]
  /** Position of the invalidation log up to which the value was taken to be valid when it was served. */
  readonly stamp: number
  /** Time at which the value changes without a write, Unix epoch ms; Infinity if there is no such time. */
  readonly until: number
  /** Time when the reader came, by the clock of the log's database, Unix epoch ms. */
  readonly arrivedAt: number
  /** Position of the log that the process had applied when the read began. */
  readonly clock: number
  /** Requirement of the reader's consistency token, before the process met it. */
  readonly need: Need | undefined
  readonly epoch: string
  /** Number of the cache's life since its last full reset, see `Coherence.generation`. */
  readonly generation: number
}

/**
 * Judgement on a served value that differs from a newly loaded one. `latenessMs` is the time from the write that the value lacks until the
 * reader came; undefined if it is not known.
 */
export type Judgement =
  | { readonly outcome: 'within bound'; readonly latenessMs?: number }
  | { readonly outcome: 'violation'; readonly reason: ShadowReason; readonly latenessMs?: number }
  | { readonly outcome: 'undecided' }

interface Invalidation {
  readonly seq: number
  readonly row: AppliedInvalidation | undefined
}

const UNDECIDED: Judgement = { outcome: 'undecided' }
/**
 * The clock of the log's database is known up to the duration of a sync. A sync takes at most half of the staleness bound. So only a value
 * that is later than the bound and this share of it is certainly too late.
 */
const CLOCK_ERROR = 0.5

/**
 * Decides whether the promise of the cache allows that a served value differs from the newly loaded one. Must be called after a barrier
 * that began after the load, so that the log contains the writes that the load saw.
 *
 * A difference is allowed if a write invalidated the value after the position up to which the reader was promised the writes, and at
 * most the staleness bound before the reader came. It is also allowed if the value has changed without a write in the same time. A
 * judgement is undecided if the history of the log has changed since the value was served, or if the times are too uncertain.
 */
export function judgeDifference(served: ServedValue, coherence: Coherence, stalenessBoundMs: number): Judgement {
  if (coherence.generation !== served.generation || coherence.epoch !== served.epoch) return UNDECIDED
  const { arrivedAt, until, need, clock } = served
  const first = firstInvalidation(served, coherence)
  const isSeen = need !== undefined && need !== 'barrier' && need.epoch === served.epoch && first !== undefined && first.seq <= need.clock
  if (first && (first.seq <= clock || isSeen)) {
    const latenessMs = latenessOf(first, served)
    return { outcome: 'violation', reason: first.seq <= clock ? 'served void' : 'token', ...lateness(latenessMs) }
  }
  const certainlyLateMs = stalenessBoundMs * (1 + CLOCK_ERROR)
  if (until <= coherence.now()) {
    const latenessMs = Math.max(0, arrivedAt - until)
    if (latenessMs <= stalenessBoundMs) return { outcome: 'within bound', latenessMs }
    return latenessMs > certainlyLateMs ? { outcome: 'violation', reason: 'expired', latenessMs } : UNDECIDED
  }
  if (!first) return { outcome: 'violation', reason: 'not invalidated' }
  const latenessMs = latenessOf(first, served)
  if (latenessMs === undefined || !first.row) return UNDECIDED
  if (latenessMs <= stalenessBoundMs) return { outcome: 'within bound', latenessMs }
  // Without track_commit_timestamp, the time of a write is that of its last statement, which may be long before its COMMIT. The row of the
  // log was certainly written after the COMMIT.
  return arrivedAt - first.row.at > certainlyLateMs ? { outcome: 'violation', reason: 'late', latenessMs } : UNDECIDED
}

/** Returns the first invalidation of the value after its stamp. */
function firstInvalidation({ tags, stamp }: ServedValue, { recent, sketch }: Coherence): Invalidation | undefined {
  const row = recent.firstWith(new Set(tags), stamp)
  if (row) return { seq: row.seq, row }
  // The row may have so many tags that not all of them are known, or it may be too old.
  const voiding = sketch.voiding(tags, sketch.slots(tags), stamp)
  return voiding && { seq: voiding.seq, row: recent.find(voiding.seq) }
}

/** Returns the time from the newest write that may have invalidated the value until the reader came, ms. */
function latenessOf({ row }: Invalidation, { arrivedAt, tags }: ServedValue): number | undefined {
  if (!row) return undefined
  const own = new Set([...tags, EVERYTHING_TAG])
  const times = row.causes
    .filter((cause) => cause.writes > 0 && (!cause.tags || cause.tags.length < cause.tagCount || cause.tags.some((tag) => own.has(tag))))
    .map(({ lastAt }) => lastAt)
  return Math.max(0, arrivedAt - Math.max(...(times.length > 0 ? times : [row.at])))
}

function lateness(latenessMs: number | undefined): { readonly latenessMs?: number } {
  return latenessMs === undefined ? {} : { latenessMs }
}

import type { CacheKey } from './key.ts'
import type { Session } from './session.ts'

export interface CacheRequest {
  readonly key: CacheKey
  /** Tags known before the load: what the key itself says it depends on. */
  readonly tags: readonly string[]
}

export interface Loaded<Value> {
  /** A JSON value, which the cache freezes deeply, or a {@link Binary}. `null` is known to be absent and may be cached, undefined is not known and never is. */
  readonly value: Value
  /** Further tags, known only from the value. */
  readonly tags?: readonly string[]
  /** When the value changes by itself, Unix epoch ms by the clock of the log's database: `cache.now()` tells its time. */
  readonly until?: number
  /** How long this very value lives in all, in place of its policy's word, ms: what is asked for often may live longer. */
  readonly ttlMs?: number
}

/**
 * Loads the requests at these indexes, in their order, from the source of truth. An Error in a place fails that request alone,
 * a rejection all of them; neither is ever cached. The signal aborts when nobody waits for the result any more, or the load has
 * taken longer than its policy allows.
 *
 * `isRefresh` tells a load in the background, in place of a value that is served although its time ran out: what the new value is made
 * of must not be overdue, too.
 */
export type LoadMany<Value> = (
  indexes: readonly number[],
  signal: AbortSignal,
  isRefresh?: boolean,
) => Promise<readonly (Loaded<Value> | Error)[]>

/** Who answered: this process's copy, the shared tier, a load from the source that another reader began, a flagged stale copy, or the source. */
export type Layer = 'l1' | 'l2' | 'coalesced' | 'stale' | 'origin'

export interface Outcome {
  readonly layer: Layer
  /** Since the value was loaded, ms. */
  readonly ageMs: number
  /** How long the value may still be served, ms. 0 for what is not cached. */
  readonly ttlMs: number
  /** When the value changes by itself, Unix epoch ms; Infinity where no such moment is known. */
  readonly until: number
  readonly tags: readonly string[]
  /** Why it was not cached, or is stale. */
  readonly reason?: string
  /** Of a stale value: since when it may be out of date, Unix epoch ms. */
  readonly staleSince?: number
}

export interface ReadOptions {
  readonly session: Session
  /** Called once for each request that was answered with a value. */
  readonly observe?: (index: number, outcome: Outcome) => void
  /** Everything is loaded anew, whatever is kept, and kept. */
  readonly refresh?: boolean
  /** Whether copies whose time ran out will not do, not even while they are loaded anew in the background. */
  readonly fresh?: boolean
  /** How long the reader waits for loads, ms: what has not landed by then is a DeadlineExceededError. */
  readonly deadlineMs?: number
  /** The reader is gone once it aborts; what has not landed by then fails with its reason. */
  readonly signal?: AbortSignal
}

/** A reader's time was up before the load landed. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError'
}

/** A load took longer than its policy's `hardTimeoutMs`. */
export class LoadTimeoutError extends Error {
  override readonly name = 'LoadTimeoutError'
}

/** The history of the database changed under every attempt to load. */
export class HistoryChangedError extends Error {
  override readonly name = 'HistoryChangedError'
}

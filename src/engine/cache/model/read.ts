import type { CacheKey } from './key.ts'
import type { MissCause, Voiding } from './miss.ts'
import type { Session } from './session.ts'

export interface CacheRequest {
  readonly key: CacheKey
  /** Tags of the value that are known before the load, because they follow from the key. */
  readonly tags: readonly string[]
  /**
   * Returns the texts that the key would have without one of its parts, so that parts that make no difference are found (see RepeatedValues).
   * Called only for values that were loaded. Default: no part may be left out.
   */
  readonly parts?: (() => readonly KeyPart[]) | undefined
}

/** A part of a key that might make no difference. */
export interface KeyPart {
  /** Name of the part, such as `argument asOf` or `scope`. */
  readonly part: string
  /** Text of the key without the part. */
  readonly text: string
}

export interface Loaded<Value> {
  /**
   * The loaded value: JSON, which the cache freezes deeply, or a {@link Binary}. `null` means that the object is known to be absent, and
   * may be cached; undefined means that the result is unknown, and is never cached.
   */
  readonly value: Value
  /** Further tags of the value that are known only after the load. */
  readonly tags?: readonly string[]
  /** Time at which the value changes without a write, by the clock of the log's database (`cache.now()`), Unix epoch ms. */
  readonly until?: number
  /** TTL of this value, ms. It overrides the TTL of the policy. */
  readonly ttlMs?: number
  /** Whether a composed value consists of cached copies alone. Another process can compose it in the same way. Default false. */
  readonly fromCopies?: boolean
}

/**
 * Loads values from the source. `indexes` are positions in the list of requests that was passed to the read. The result has one item for
 * each index, in the order of `indexes`. If an item is an Error, only its request fails. If the promise rejects, all requests fail. Errors
 * are never cached. The signal aborts when no reader waits for the result any more, or when the load exceeds the hard timeout of its
 * policy.
 *
 * `isRefresh` marks a reload in the background. If the new value is composed of other cached values, the load must not use expired ones.
 */
export type LoadMany<Value> = (
  indexes: readonly number[],
  signal: AbortSignal,
  isRefresh?: boolean,
) => Promise<readonly (Loaded<Value> | Error)[]>

/** Loads the value of one request. The signal aborts as that of {@link LoadMany}. */
export type LoadOne<Value> = (signal: AbortSignal) => Promise<Loaded<Value>>

/**
 * Origin of a value: the copy in this process (`l1`), the shared tier (`l2`), a load that another reader started, in this process or in
 * another one (`coalesced`), a copy that is flagged as stale (`stale`), or a load from the source that this reader started (`origin`).
 */
export type Layer = 'l1' | 'l2' | 'coalesced' | 'stale' | 'origin'

export interface Outcome {
  readonly layer: Layer
  /** Age of the value: time since it was loaded, ms. */
  readonly ageMs: number
  /** Duration of the load of the value, ms. */
  readonly costMs: number
  /** Remaining time to live, ms. 0 for a value that is not cached. */
  readonly ttlMs: number
  /** Time at which the value changes without a write, Unix epoch ms; Infinity if there is no such time. */
  readonly until: number
  readonly tags: readonly string[]
  /** Position of the invalidation log up to which the value is known to be valid; undefined for a value that was read past the cache. */
  readonly stamp?: number
  /** Reason why the value is not cached, is stale, or is being reloaded in the background. */
  readonly reason?: string
  /** Cause of the miss; undefined if the value came from a cached copy. */
  readonly cause?: MissCause
  /** The invalidation that voided the cached copy; undefined unless the cause of the miss is such an invalidation. */
  readonly voidedBy?: Voiding
  /** Time since which a stale value may be outdated, Unix epoch ms; undefined for a value that is not stale. */
  readonly staleSince?: number
}

export interface ReadOptions {
  readonly session: Session
  /** Called once for each request that was answered with a value. `index` is the position of the request in the list of requests. */
  readonly observe?: (index: number, outcome: Outcome) => void
  /** Whether to reload all requested values, cached or not, and to cache the new values. */
  readonly refresh?: boolean
  /**
   * Whether to ignore some cached copies. These are expired copies, even if stale-while-revalidate would serve them, and copies so near
   * their expiry that a read may refresh them early.
   */
  readonly fresh?: boolean
  /** Maximum time that the reader waits for loads, ms. A request whose load takes longer fails with DeadlineExceededError. */
  readonly deadlineMs?: number
  /**
   * Load for shadow mode of a composed value: past the cache, as JSON. `isChosen` says whether this read is in the sample. Default: a
   * composed value is not compared. A value that is not composed is loaded with the load of the read.
   */
  readonly shadow?: { readonly load: LoadOne<unknown>; readonly isChosen: boolean }
  /** Signal that aborts when the reader is gone. Loads that have not ended by then fail for this reader, with the reason of the signal. */
  readonly signal?: AbortSignal | undefined
}

/** A reader's deadline passed before the load ended. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError'
}

/** A load took longer than its policy's `hardTimeoutMs`. */
export class LoadTimeoutError extends Error {
  override readonly name = 'LoadTimeoutError'
}

/** The history of the database changed (failover or restore) during every attempt to load. */
export class HistoryChangedError extends Error {
  override readonly name = 'HistoryChangedError'
}

/** Whether a read that failed with this error may succeed when it is retried. */
export function isTemporary(error: unknown): boolean {
  return error instanceof DeadlineExceededError || error instanceof LoadTimeoutError || error instanceof HistoryChangedError
}

import type { Need } from '../model/consistency-token.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { CacheRequest, LoadMany, Outcome, ReadOptions } from '../model/read.ts'
import type { Session } from '../model/session.ts'
import type { LocalView } from './local-view.ts'

/** Parameters of one read. */
export interface ReadParams<Value> {
  readonly requests: readonly CacheRequest[]
  readonly policy: CachePolicy
  readonly load: LoadMany<Value>
  /** View of the entries cached in this process at the start of the read. */
  readonly view: LocalView
  /**
   * Whether the instance is in sync with the invalidation log for this reader. First, the instance must hold the lease, which means that it
   * has read the log within the staleness bound. Second, it must have applied the position that the reader's consistency token requires.
   */
  readonly coherent: boolean
  /** Requirement of the reader's consistency token that is not met yet; undefined if there is none. */
  readonly need: Need | undefined
  readonly session: Session
  readonly observe: ((index: number, outcome: Outcome) => void) | undefined
  /** Whether cached copies are ignored and all requested values are loaded again. */
  readonly refresh: boolean
  /**
   * Whether to ignore some cached copies. These are expired copies, even if stale-while-revalidate would serve them, and copies so near
   * their expiry that a read may refresh them early.
   */
  readonly fresh: boolean
  /** Time of the monotonic clock at which the reader stops waiting, ms. */
  readonly leavesAt: number
  readonly signal: AbortSignal | undefined
  /** Whether the read is a refresh in the background, for which no request waits. Default false. */
  readonly isDetached?: boolean
}

/**
 * Returns the parameters of a read.
 * @param coherent Value of {@link ReadParams.coherent}.
 */
export function readParams<Value>(
  requests: readonly CacheRequest[],
  policy: CachePolicy,
  load: LoadMany<Value>,
  { session, observe, refresh = false, fresh = false, deadlineMs = Number.POSITIVE_INFINITY, signal }: ReadOptions,
  view: LocalView,
  coherent: boolean,
): ReadParams<Value> {
  const leavesAt = view.monotonic + deadlineMs
  return { requests, policy, load, view, coherent, need: session.need, session, observe, refresh, fresh, leavesAt, signal }
}

import type { MissCause, Voiding } from './miss.ts'
import type { Layer } from './read.ts'
import type { WriteCause } from './write-cause.ts'

/**
 * Events that the engine sends to its listener. They contain names, ids, tags, counts, durations and errors, but never a cached value or a
 * consistency token.
 */
export type CacheEvent =
  /**
   * Values that were read. `failed`: reads that ended with an error. `savedMs` is the sum of the load durations that cached copies saved, ms.
   */
  | { readonly type: 'read'; readonly policy: string; readonly layer: Layer | 'failed'; readonly count: number; readonly savedMs: number }
  /**
   * Reads that were not served from a cached copy, which are those of the layers `coalesced`, `origin` and `failed`. `voidedBy` is the
   * invalidation that voided the copies, if it is known.
   */
  | { readonly type: 'miss'; readonly policy: string; readonly cause: MissCause; readonly count: number; readonly voidedBy?: Voiding }
  | { readonly type: 'load'; readonly policy: string; readonly count: number; readonly failed: number; readonly durationMs: number }
  /**
   * Loads that an invalidation caused. `count` is their number, and `needless` is the number of these loads that returned the same value as
   * before. `loadMs` is their share of the duration of the call that loaded them, ms; undefined for composed values, whose loads wait for
   * the loads of their parts. `voidedBy` is the invalidation and `write` the cause of its write (see `WriteCause.cause`), if they are known.
   */
  | {
      readonly type: 'reload'
      readonly policy: string
      readonly count: number
      readonly needless: number
      readonly loadMs: number | undefined
      readonly voidedBy?: Voiding
      readonly write?: string
    }
  /**
   * Loads that were started in the background. `overdue`: the cached value had expired. `early`: a read decided at random to reload the
   * value shortly before its expiry.
   */
  | { readonly type: 'refresh'; readonly policy: string; readonly reason: 'overdue' | 'early'; readonly count: number }
  /**
   * Loads that another process was already doing. `spared`: its value came, and this process loaded nothing. The other
   * outcomes ended a wait with a load. `no value`: the other load ended without a usable value. `invalidated`: the value that it was about to
   * give was invalidated. `timed out`: it took too long, or the shared tier failed.
   */
  | { readonly type: 'turn'; readonly policy: string; readonly outcome: TurnOutcome; readonly count: number }
  /** Loads that were dropped before they started, because no reader waited for them any more. */
  | { readonly type: 'shed'; readonly policy: string; readonly count: number }
  /**
   * Shadow mode compared a value that was served from a copy with a newly loaded one. `paths` are the fields that differ, at most 10.
   * `latenessMs` is the time from the write that the served value lacks until its reader came, if it is known.
   */
  | {
      readonly type: 'shadow'
      readonly policy: string
      readonly layer: Layer
      readonly outcome: ShadowOutcome
      readonly paths: readonly string[]
      readonly latenessMs?: number
      /** Why it is a violation; undefined for another outcome. */
      readonly reason?: ShadowReason
    }
  | { readonly type: 'sync'; readonly durationMs: number; readonly rows: number; readonly tags: number }
  | { readonly type: 'sync-failed'; readonly error: unknown }
  | { readonly type: 'barrier'; readonly durationMs: number; readonly succeeded: boolean }
  /**
   * A row of the invalidation log was applied. `at` is the time at which the row was written, and `lagMs` is the time from its oldest write
   * until the row was applied, both by the clock of the log's database. `lagMs` is undefined for a row without writes.
   */
  | {
      readonly type: 'invalidated'
      readonly tags: readonly string[]
      readonly seq: number
      readonly epoch: string
      readonly at: number
      readonly causes: readonly WriteCause[]
      readonly lagMs: number | undefined
    }
  | { readonly type: 'reset'; readonly reason: string }
  | { readonly type: 'epoch'; readonly epoch: string }
  | { readonly type: 'unwatched'; readonly entity: string; readonly reason: string }
  | { readonly type: 'tier-read'; readonly hits: number; readonly misses: number; readonly rejected: number; readonly durationMs: number }
  | { readonly type: 'tier-error'; readonly operation: 'get' | 'set' | 'claim'; readonly error: unknown }
  | { readonly type: 'breaker'; readonly state: 'open' | 'half-open' | 'closed' }
  | { readonly type: 'evicted'; readonly count: number }
  /** Copies that were stored in the memory of this process, with the estimated sum of their sizes. */
  | { readonly type: 'stored'; readonly policy: string; readonly count: number; readonly bytes: number }
  /** Stored copies that a reader got for the first time. */
  | { readonly type: 'reused'; readonly policy: string; readonly count: number }
  | { readonly type: 'maintenance-failed'; readonly error: unknown }

/**
 * Result of one comparison in shadow mode. `equal`: the served value equals the newly loaded one. `within bound`: it differs, and the
 * promise of the cache allows that: the value was invalidated, or changed without a write, at most the staleness bound before the read.
 * `violation`: it differs, and the promise does not allow that. `undecided`: no comparison or no judgement was possible, for example
 * because the load failed or the history of the log changed.
 */
export type ShadowOutcome = 'equal' | 'within bound' | 'violation' | 'undecided'

/**
 * Why a served value violates the promise. `not invalidated`: the log has no invalidation of the value. `served void`: the process had
 * applied the invalidation when the read began. `token`: the reader's consistency token covers the invalidation. `late`: the invalidation
 * was written more than the staleness bound before the read. `expired`: the value had changed without a write by more than the bound.
 */
export type ShadowReason = 'not invalidated' | 'served void' | 'token' | 'late' | 'expired'

/** Outcome of a wait for the load of another process. */
export type TurnOutcome = 'spared' | 'no value' | 'invalidated' | 'timed out'

export type CacheListener = (event: CacheEvent) => void

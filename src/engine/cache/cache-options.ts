import type { InvalidationLog } from './log/invalidation-log.ts'
import type { Siblings } from './log/siblings.ts'
import type { CacheObserver } from './model/cache-observer.ts'
import type { Entity } from './model/entity.ts'
import type { Env } from './model/env.ts'
import type { CacheListener } from './model/events.ts'
import type { ProtocolStep } from './model/protocol-step.ts'
import type { RemoteTier, WakeUp } from './shared/remote-tier.ts'

export interface CacheOptions {
  readonly log: InvalidationLog
  /**
   * Declarations of the cached types. At start and every minute the cache checks that the changes of each type reach the invalidation log.
   */
  readonly entities: readonly Entity[]
  /**
   * Secrets that protect consistency tokens and entries of the shared tier. The first secret protects new tokens and entries. Tokens and
   * entries that were made with any other secret of the list are still accepted, so that an operator can rotate the secrets.
   */
  readonly secrets: readonly string[]
  /** The shared tier, such as Redis. Without it, values are cached only in the memory of this process. */
  readonly remote?: RemoteTier
  readonly wakeUp?: WakeUp
  /** The other worker processes that listen on the same port. A write is acknowledged once all of them have applied its invalidations. */
  readonly siblings?: Siblings
  /** Prefix of every key in the shared tier. A new prefix starts with an empty shared tier. Default `tidegate:1`. */
  readonly keyPrefix?: string
  /** Maximum estimated size of the entries cached in this process, bytes. Default 64 MiB. */
  readonly memoryBytes?: number
  /**
   * Time between two syncs of the invalidation log, ms. Default 75. Hints from other instances about their writes make frequent syncs
   * unnecessary. While this instance can receive such hints, the time is two fifths of the staleness bound, but at least `tickMs`.
   */
  readonly tickMs?: number
  /** Staleness bound: maximum time by which a read without a consistency token lags behind the database, ms. Default 1000. */
  readonly stalenessBoundMs?: number
  /** Maximum number of concurrent loads. Default 32. */
  readonly concurrentLoads?: number
  /**
   * Number of columns of the tag sketch, a power of two. The sketch stores the log position at which each tag was last invalidated. Each
   * column takes 16 bytes. Default 2^20 (16 MiB).
   */
  readonly sketchColumns?: number
  /** Number of the newest rows that are kept in the invalidation log. Default 100,000. */
  readonly logRows?: number
  /**
   * Share of the reads, 0 to 1, that shadow mode compares: it loads a served value again, past the cache, and reports a difference that the
   * invalidation log does not explain. Default 0.
   */
  readonly shadowRate?: number
  /**
   * Types whose values hold, on purpose, parts that change without an invalidation. Shadow mode does not compare a value that has a tag of
   * such a type. Default: none.
   */
  readonly uncomparedTypes?: readonly string[]
  /** Number of the hottest keys to record. Default 0, which means that no keys are recorded. */
  readonly hotKeys?: number
  /** Whether reads use the cache. If false, every read loads the value, and writes are acknowledged as usual. Default true. */
  readonly enabled?: boolean
  readonly env?: Env
  readonly onEvent?: CacheListener
  /** Observes the steps of reads and writes that take time, for example to trace them. Default: none. */
  readonly observer?: CacheObserver | undefined
  /** Called when the history of the database changed (failover or restore). From then on loads must use new connections. */
  readonly onEpoch?: () => void
  /** Test-only: disables steps of the coherence protocol. */
  readonly omit?: ReadonlySet<ProtocolStep>
}

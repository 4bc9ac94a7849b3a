import type { CacheObserver } from '../model/cache-observer.ts'
import type { Env } from '../model/env.ts'
import type { CacheListener } from '../model/events.ts'
import type { ProtocolStep } from '../model/protocol-step.ts'
import type { InvalidationLog } from './invalidation-log.ts'

export interface CoherenceOptions {
  readonly env: Env
  readonly log: InvalidationLog
  /** Time between two syncs of the invalidation log, ms. Each interval is up to a quarter shorter or longer, at random. */
  readonly tickMs: number
  /**
   * Whether syncs may wait for hints: the connection that delivers them is up, and nobody follows the log. A hint tells that another
   * instance has written, and requests a sync. Meanwhile the interval between the regular syncs may be longer than `tickMs`.
   */
  readonly isHinted: () => boolean
  /** Staleness bound: maximum time by which a read without a consistency token lags behind the database, ms. */
  readonly stalenessBoundMs: number
  /** Number of counters in each row of the tag sketch, a table of fixed size into which tags are hashed. A power of two. */
  readonly sketchColumns: number
  readonly omit: ReadonlySet<ProtocolStep>
  /**
   * Called when all entries that were cached so far became invalid. The reason is a change of the database timeline, or a log that does not
   * continue from the row that was applied last.
   */
  readonly onReset: () => void
  /**
   * Called when tables or triggers may have changed. That is possible when a log row that invalidates everything is applied, and when this
   * instance discards its state and reads the newest rows of the log.
   */
  readonly onVoid: () => void
  /**
   * Called when the epoch (history of the database) changed, for example by a failover or restore. Connections that were opened before must
   * not be used for loads.
   */
  readonly onEpoch: () => void
  readonly onEvent: CacheListener
  readonly observer?: CacheObserver | undefined
}

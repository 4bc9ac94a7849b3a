import type { Entity } from './entity.ts'
import type { Env } from './env.ts'
import type { CacheListener } from './events.ts'
import type { InvalidationLog } from './invalidation-log.ts'
import type { ProtocolStep } from './protocol-step.ts'
import type { RemoteTier, WakeUp } from './remote-tier.ts'
import type { Siblings } from './siblings.ts'

export interface CacheOptions {
  readonly log: InvalidationLog
  /** The types whose changes the log must carry: each is checked at start and every minute. */
  readonly entities: readonly Entity[]
  /** Protect tokens and entries of the shared tier. The first is used for new ones, all are accepted. */
  readonly secrets: readonly string[]
  /** The shared tier; without it the cache is this process's own. */
  readonly remote?: RemoteTier
  readonly wakeUp?: WakeUp
  /** Processes that share this one's port: an acknowledged write is applied in all of them. */
  readonly siblings?: Siblings
  /** Put before every key of the shared tier; another one starts it afresh. Default `tidegate:1`. */
  readonly keyPrefix?: string
  /** Estimated bytes of the copies in this process. Default 64 MiB. */
  readonly memoryBytes?: number
  /** Time between two syncs, ms; with a connected wake-up the shortest, and two fifths of the bound is the usual. Default 75. */
  readonly tickMs?: number
  /** How far behind a read without token may be, ms. Default 1000. */
  readonly stalenessBoundMs?: number
  /** Loads that run at once. Default 32. */
  readonly concurrentLoads?: number
  /** Size of the tag sketch: counters in each of its two rows, 16 bytes each in all, a power of two. Default 2^20 (16 MiB). */
  readonly sketchColumns?: number
  /** Rows of the log to keep. Default 100,000. */
  readonly logRows?: number
  /** Share of the reads, 0 to 1, that the stale-read probe follows. Default 0. */
  readonly probeRate?: number
  /** Whether reloads that an invalidation caused are compared with what was there before. Default false. */
  readonly measureReloads?: boolean
  /** false: every read goes to the source; writes are acknowledged as ever. */
  readonly enabled?: boolean
  readonly env?: Env
  readonly onEvent?: CacheListener
  /** The database's history changed: loads must use connections opened from now on. */
  readonly onEpoch?: () => void
  /** For tests of the tests only. */
  readonly omit?: ReadonlySet<ProtocolStep>
}

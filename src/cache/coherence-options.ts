import type { Env } from './env.ts'
import type { CacheListener } from './events.ts'
import type { InvalidationLog } from './invalidation-log.ts'
import type { ProtocolStep } from './protocol-step.ts'

export interface CoherenceOptions {
  readonly env: Env
  readonly log: InvalidationLog
  /** T: time between two syncs, jittered by a quarter, ms. */
  readonly tickMs: number
  /** Whether hints of other instances' writes should arrive at present: then looks without one may be rare. */
  readonly isHinted: () => boolean
  /** D: how far behind a read without token may be, ms. */
  readonly stalenessBoundMs: number
  /** Counters in each row of the tag sketch, a power of two. */
  readonly sketchColumns: number
  readonly omit: ReadonlySet<ProtocolStep>
  /** What was cached before must go: the history is another one, or a gap in it cannot be replayed. */
  readonly onReset: () => void
  /** A row that voids everything is being applied: a new epoch, or tables and triggers may be others now. */
  readonly onVoid: () => void
  /** The database's history changed: connections opened before it must not be used for loads. */
  readonly onEpoch: () => void
  readonly onEvent: CacheListener
}

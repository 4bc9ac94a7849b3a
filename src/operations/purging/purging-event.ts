import type { BreakerState } from '../../engine/cache/shared/circuit-breaker.ts'

/** Events of the purges of an edge. They contain no secret. */
export type PurgingEvent =
  /** This process began or ended to purge the edge. */
  | { readonly type: 'active'; readonly edge: string; readonly isActive: boolean }
  /** Everything at the edge is purged, because the log does not tell what changed since the last purge. */
  | { readonly type: 'restarted'; readonly edge: string }
  /**
   * Keys were purged. `lagMs`: time from the oldest row of the log until its purge. `isRepeated`: the keys were purged once more, because an
   * instance that was behind may have filled the edge again.
   */
  | {
      readonly type: 'purged'
      readonly edge: string
      readonly keys: number
      readonly isEverything: boolean
      readonly isRepeated: boolean
      readonly lagMs: number
    }
  /** A call of the edge (`edge`) or a statement of the database (`database`) failed, and is repeated. */
  | {
      readonly type: 'failed'
      readonly edge: string
      readonly part: 'edge' | 'database'
      readonly error: unknown
      readonly retryMs: number
    }
  | { readonly type: 'breaker'; readonly edge: string; readonly state: BreakerState }

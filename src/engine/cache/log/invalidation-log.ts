import type { Entity } from '../model/entity.ts'
import type { WriteCause } from '../model/write-cause.ts'

/** One row of the invalidation log: the tags of all writes that were committed between two snapshots of the database. */
export interface LogRow {
  /** Position of the row in the log. Successive rows have successive integers. */
  readonly seq: number
  /** Epoch (identity of the database's history) when the row was written. */
  readonly epoch: string
  /**
   * Time at which the row was written, by the clock of the log's database, Unix epoch ms. If the log was restored to an earlier state, a
   * new row may get the position and epoch of a lost row; the time distinguishes the two rows.
   */
  readonly at: number
  readonly tags: readonly string[]
  /** Summary of the writes that emitted the tags, by cause. The causes of most writes come first. At most {@link MAX_CAUSES} causes. */
  readonly causes: readonly WriteCause[]
}

/**
 * The invalidation log, stored in the same database as the data. Every implementation gives four guarantees. If a row is visible, a read
 * that starts afterwards sees the data of that row and of all earlier rows. The tags of every committed write reach the log. Rows are
 * contiguous, and within an epoch only the oldest rows are ever removed. The newest row carries the current epoch.
 */
export interface InvalidationLog {
  /**
   * Publishes the tags of committed writes, then returns up to `limit` rows with `seq >= from`, ascending. Row `from` is included, because
   * it shows that the log still has the row that the caller applied last. With `from = null`, returns the newest `limit` rows. Rejects if
   * the sync has not finished within `deadlineMs`.
   * @param onTime Called with the time of the log's own clock during the call, Unix epoch ms. A log without its own clock does not call it.
   */
  sync(from: number | null, limit: number, deadlineMs: number, onTime?: (now: number) => void): Promise<readonly LogRow[]>
  /**
   * Appends a row with the tags to the log, which invalidates them without a write. Resolves once the row is durable.
   * @param cause Cause of the invalidation, see {@link WriteCause.cause}.
   */
  append(tags: readonly string[], cause: string): Promise<void>
  /** Starts a new epoch, which invalidates everything cached before. Rejects if the new epoch has not started within `deadlineMs`. */
  bump(deadlineMs: number): Promise<void>
  /**
   * Returns the declared types whose changes would not reach the log, for example because a trigger is missing. Each type comes with the
   * reason.
   */
  unwatched(entities: readonly Entity[]): Promise<readonly Unwatched[]>
  /** Removes old rows of the log. The newest `keepRows` stay. */
  trim(keepRows: number): Promise<void>
  close(): Promise<void>
}

export interface Unwatched {
  readonly type: string
  readonly reason: string
}

/**
 * Whether the log was set back (restored to an earlier state). A log that was set back has the epoch of the row that was applied last. But
 * it ends before that row, or has another row at the same position.
 * @param applied Position and epoch of the row that was applied last.
 * @param isKnown Returns whether a row is the row that was applied last.
 */
export function isSetBack(rows: readonly LogRow[], applied: Pick<LogRow, 'seq' | 'epoch'>, isKnown: (row: LogRow) => boolean): boolean {
  const newest = rows.at(-1)
  if (newest?.epoch !== applied.epoch) return false
  const sameNumber = rows.find(({ seq }) => seq === applied.seq)
  return newest.seq < applied.seq || (sameNumber !== undefined && !isKnown(sameNumber))
}

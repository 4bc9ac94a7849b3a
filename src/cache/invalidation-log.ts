import type { Entity } from './entity.ts'

/** One row of the log: all tags that became visible between two snapshots of the database. */
export interface LogRow {
  /** Position in the log: contiguous integers. */
  readonly seq: number
  /** Identity of the database's history when the row was written. */
  readonly epoch: string
  /** When the row was written, by the log's own clock, ms: tells rows of one number and epoch apart after the log was set back. */
  readonly at: number
  readonly tags: readonly string[]
}

/**
 * The invalidation log, kept where the data is. What every implementation holds: if a row is visible, the data of all rows up
 * to it is visible to a read that starts afterwards; every committed write's tags reach the log; rows are contiguous and, within
 * an epoch, only an old prefix is ever removed; the newest row carries the current epoch.
 */
export interface InvalidationLog {
  /**
   * Publishes what was committed, then gives the rows with `seq >= from`, row `from` itself included (its presence shows that
   * the log is still the one the caller knows), ascending, at most `limit`. With `from = null`: the newest `limit` rows.
   * Rejects within `deadlineMs`.
   * @param onTime Told what the log's own clock said meanwhile, Unix epoch ms. A log that has none of its own does not call it.
   */
  sync(from: number | null, limit: number, deadlineMs: number, onTime?: (now: number) => void): Promise<readonly LogRow[]>
  /** Invalidates tags without a write, durably. */
  append(tags: readonly string[]): Promise<void>
  /** Starts a new epoch: nothing that was cached before it is valid any more. Rejects within `deadlineMs`. */
  bump(deadlineMs: number): Promise<void>
  /** The entities whose changes would not reach the log as declared, each with the reason. */
  unwatched(entities: readonly Entity[]): Promise<readonly Unwatched[]>
  /** Removes old rows, keeping the newest `keepRows`. */
  trim(keepRows: number): Promise<void>
  close(): Promise<void>
}

export interface Unwatched {
  readonly type: string
  readonly reason: string
}

/**
 * Whether a row that was applied is missing from the end of a log with the same epoch, or is another one there.
 * @param isKnown Whether a row is the one that was applied.
 */
export function isSetBack(rows: readonly LogRow[], applied: Pick<LogRow, 'seq' | 'epoch'>, isKnown: (row: LogRow) => boolean): boolean {
  const newest = rows.at(-1)
  if (newest?.epoch !== applied.epoch) return false
  const sameNumber = rows.find(({ seq }) => seq === applied.seq)
  return newest.seq < applied.seq || (sameNumber !== undefined && !isKnown(sameNumber))
}

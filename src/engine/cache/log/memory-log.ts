import { randomUUID } from 'node:crypto'
import type { InvalidationLog, LogRow, Unwatched } from './invalidation-log.ts'

/**
 * An invalidation log in memory, for use without a database. All caches of a process share one object. The log contains only what is
 * appended to it, so the application must call `append` after every write to the source.
 */
export class MemoryLog implements InvalidationLog {
  #epoch = randomUUID()
  /** Rows of the log. All rows have the same time, because a log in memory is never restored to an earlier state. */
  #rows: LogRow[] = [{ seq: 1, epoch: this.#epoch, at: 0, tags: ['*'] }]

  async sync(from: number | null, limit: number): Promise<readonly LogRow[]> {
    if (from === null) return this.#rows.slice(-limit)
    const oldest = this.#rows[0]?.seq ?? 1
    return from < oldest ? [] : this.#rows.slice(from - oldest, from - oldest + limit)
  }

  async append(tags: readonly string[]): Promise<void> {
    this.#rows.push({ seq: this.#head + 1, epoch: this.#epoch, at: 0, tags: [...new Set(tags)] })
  }

  async bump(): Promise<void> {
    this.#epoch = randomUUID()
    this.#rows.push({ seq: this.#head + 1, epoch: this.#epoch, at: 0, tags: ['*'] })
  }

  async unwatched(): Promise<readonly Unwatched[]> {
    return []
  }

  async trim(keepRows: number): Promise<void> {
    this.#rows = this.#rows.slice(-Math.max(1, keepRows))
  }

  async close(): Promise<void> {}

  get #head(): number {
    return this.#rows.at(-1)?.seq ?? 0
  }
}

import { randomUUID } from 'node:crypto'
import { type Env, systemEnv } from '../model/env.ts'
import { causeOf, type WriteCause } from '../model/write-cause.ts'
import type { InvalidationLog, LogRow, Unwatched } from './invalidation-log.ts'

/**
 * An invalidation log in memory, for use without a database. All caches of a process share one object. The log contains only what is
 * appended to it, so the application must call `append` after every write to the source.
 */
export class MemoryLog implements InvalidationLog {
  readonly #now: Env['now']
  #epoch = randomUUID()
  /** Rows of the log. All rows have the same time, because a log in memory is never restored to an earlier state. */
  #rows: LogRow[] = [{ seq: 1, epoch: this.#epoch, at: 0, tags: ['*'], causes: [] }]

  /** Creates an empty log. @param now Returns the time of the writes, Unix epoch ms. Default: the clock of the process. */
  constructor(now: Env['now'] = systemEnv.now) {
    this.#now = now
  }

  async sync(from: number | null, limit: number): Promise<readonly LogRow[]> {
    if (from === null) return this.#rows.slice(-limit)
    const oldest = this.#rows[0]?.seq ?? 1
    return from < oldest ? [] : this.#rows.slice(from - oldest, from - oldest + limit)
  }

  async append(tags: readonly string[], cause = causeOf('system', 'append')): Promise<void> {
    this.#push([...new Set(tags)], cause)
  }

  async bump(): Promise<void> {
    this.#epoch = randomUUID()
    this.#push(['*'], causeOf('system', 'new epoch'))
  }

  async unwatched(): Promise<readonly Unwatched[]> {
    return []
  }

  async trim(keepRows: number): Promise<void> {
    this.#rows = this.#rows.slice(-Math.max(1, keepRows))
  }

  async close(): Promise<void> {}

  #push(tags: readonly string[], cause: string): void {
    const at = this.#now()
    const causes: readonly WriteCause[] = [{ cause, writes: 1, firstAt: at, lastAt: at, tagCount: tags.length }]
    this.#rows.push({ seq: (this.#rows.at(-1)?.seq ?? 0) + 1, epoch: this.#epoch, at: 0, tags, causes })
  }
}

import { coalesced } from './coalesced-keys.ts'
import type { LogPosition } from './purge-cursor.ts'

/** A row of the log that waits for another purge. */
export interface QueuedPurge {
  readonly position: LogPosition
  readonly keys: ReadonlySet<string>
  /** Time of the purge, by the monotonic clock, ms. It has no effect for a row without keys. */
  readonly dueAt: number
}

/** Rows that wait for another purge, in the order of the log. Their number of keys is bounded. */
export class PurgeQueue {
  readonly #maxKeys: number
  #purges: QueuedPurge[] = []
  #keys = 0

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
  }

  add(purge: QueuedPurge): void {
    const last = this.#purges.at(-1)
    if (last && last.keys.size === 0 && purge.keys.size === 0) {
      this.#purges[this.#purges.length - 1] = purge
      return
    }
    this.#purges.push(purge)
    this.#keys += purge.keys.size
    if (this.#keys <= this.#maxKeys) return
    const keys = this.#purges.reduce<ReadonlySet<string>>((all, each) => coalesced(all, each.keys, this.#maxKeys), new Set())
    this.#purges = [{ ...purge, keys }]
    this.#keys = keys.size
  }

  /** Returns all rows that are due as one, with the keys of all of them; undefined if none is due. */
  due(now: number): Omit<QueuedPurge, 'dueAt'> | undefined {
    let due: Omit<QueuedPurge, 'dueAt'> | undefined
    for (const { position, keys, dueAt } of this.#purges) {
      if (keys.size > 0 && dueAt > now) break
      due = { position, keys: coalesced(due?.keys ?? new Set(), keys, this.#maxKeys) }
    }
    return due
  }

  /** Removes the rows up to a position that {@link due} returned. */
  settled({ seq }: LogPosition): void {
    this.#purges = this.#purges.filter(({ position }) => position.seq > seq)
    this.#keys = this.#purges.reduce((sum, { keys }) => sum + keys.size, 0)
  }

  /** Returns the time until a row is due, ms; Infinity if none waits. */
  dueInMs(now: number): number {
    const next = this.#purges[0]
    return next ? Math.max(0, next.dueAt - now) : Number.POSITIVE_INFINITY
  }

  clear(): void {
    this.#purges = []
    this.#keys = 0
  }
}

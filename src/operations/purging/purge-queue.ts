import { EVERYTHING_KEY } from '../../gateway/responses/surrogate-keys.ts'
import { coalesced } from './coalesced-keys.ts'
import type { LogPosition } from './purge-cursor.ts'

/** A row of the log that waits for another purge. */
export interface QueuedPurge {
  readonly position: LogPosition
  readonly keys: ReadonlySet<string>
  /** Time of the purge, by the monotonic clock, ms. It has no effect for a row without keys. */
  readonly dueAt: number
}

/** Rows that wait together. */
interface Waiting extends QueuedPurge {
  /** Time at which the first of the rows was due. */
  readonly firstDueAt: number
}

/** Maximum time by which a purge is postponed to be made together with later ones, ms. */
export const MAX_POSTPONED_MS = 250
const EVERYTHING: ReadonlySet<string> = new Set([EVERYTHING_KEY])

/**
 * Rows that wait for another purge, in the order of the log. Their number of keys is bounded: if there are more, every row purges
 * everything at its time.
 */
export class PurgeQueue {
  readonly #maxKeys: number
  #purges: Waiting[] = []
  #keys = 0

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
  }

  /** Adds a row. It must not be due before the rows that wait. */
  add(purge: QueuedPurge, now: number): void {
    const last = this.#purges.at(-1)
    if (last && last.keys.size === 0 && purge.keys.size === 0) this.#purges.pop()
    this.#purges.push({ ...purge, firstDueAt: purge.dueAt })
    this.#keys += purge.keys.size
    if (this.#keys > this.#maxKeys) this.#coalesce(now)
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
    this.#replace(this.#purges.filter(({ position }) => position.seq > seq))
  }

  /** Returns the time until a row is due, ms; Infinity if none waits. */
  dueInMs(now: number): number {
    const next = this.#purges[0]
    return next ? Math.max(0, next.dueAt - now) : Number.POSITIVE_INFINITY
  }

  clear(): void {
    this.#replace([])
  }

  /** Replaces all keys by the key of everything. Rows keep their times, because sustained writes would otherwise postpone a purge for ever. */
  #coalesce(now: number): void {
    const purges: Waiting[] = []
    for (const each of this.#purges) {
      const last = purges.at(-1)
      if (each.keys.size === 0 && last) purges[purges.length - 1] = { ...last, position: each.position }
      else if (last && (last.keys.size === 0 || each.dueAt <= now || each.dueAt - last.firstDueAt < MAX_POSTPONED_MS))
        purges[purges.length - 1] = { ...each, keys: EVERYTHING, firstDueAt: last.keys.size === 0 ? each.firstDueAt : last.firstDueAt }
      else purges.push(each.keys.size === 0 ? each : { ...each, keys: EVERYTHING })
    }
    this.#replace(purges)
  }

  #replace(purges: Waiting[]): void {
    this.#purges = purges
    this.#keys = purges.reduce((sum, { keys }) => sum + keys.size, 0)
  }
}

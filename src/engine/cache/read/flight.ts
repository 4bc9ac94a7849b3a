import type { Entry } from '../model/entry.ts'
import type { OpenStep } from '../model/open-step.ts'
import type { CacheRequest } from '../model/read.ts'
import type { Session } from '../model/session.ts'
import type { Absence } from './absence.ts'

/**
 * Result of a shared load: an entry or an error. An entry of the layer `stale` is an expired copy that is served because the load failed or
 * is slow. An entry of the layer `coalesced` was loaded by another process, while this one waited. Errors are never stored. `isShed`: the
 * load was dropped before it began.
 */
export type Landing =
  | { readonly entry: Entry; readonly layer: 'l2' | 'coalesced' | 'origin' }
  | { readonly entry: Entry; readonly layer: 'stale'; readonly reason: string }
  | { readonly error: Error; readonly isShed?: boolean }

/**
 * State at the start of a load. `stamp` is the log position in `epoch` that the instance had applied at that moment. The load reads data
 * that is at least as new as this position.
 */
export interface Departure {
  readonly epoch: string
  readonly stamp: number
  /** Time of the monotonic clock at the start of the load, ms. */
  readonly startedAt: number
}

/** A request whose load is about to start. `index` is its position in the list of requests of the read. */
export interface Departing {
  readonly index: number
  readonly request: CacheRequest
  readonly flight: Flight
}

/** One load of one key that several readers may share (single flight). */
export class Flight {
  /** Tags of the value that are known before the load. */
  readonly tags: readonly string[]
  /** Whether the load may use the shared tier. It may if the instance was in sync with the log when the first reader requested the load. */
  readonly coherent: boolean
  /** Session of the reader that started the load. */
  readonly #session: Session
  /** Result of the load; undefined until the load has ended. */
  landing: Landing | undefined
  /** Start of the load; undefined until the load has started. */
  departure: Departure | undefined
  /** The observed step of the load; undefined before the load has started, or if nothing is observed. */
  step: OpenStep | undefined
  /** An expired copy from the shared tier that was not invalidated; served if the load fails or is slow. */
  expired: Entry | undefined
  /** Why the shared tier's copy was refused; undefined if there was no such copy. */
  refused: Absence | undefined
  /** Why the reader that started the load found no copy; undefined if it had asked before, or ignored copies. */
  absence: Absence | undefined
  /** The voided copy that this load replaces; undefined if no invalidation caused the load. */
  voided: Absence | undefined
  /** Whether this process has never seen a copy of the value. */
  isNew = false
  /** Whether this process has never seen a copy of the value, or none since the value was last invalidated. */
  isFirstSight = false
  /** Whether the value was not looked up in the shared tier, because new values of its policy are hardly ever found there. */
  skipsSharedTier = false
  /** Whether other processes wait until this process has loaded the value, see SharedTurns. */
  hasTurn = false
  /** Whether the loaded value was composed of cached copies alone. */
  isFromCopies = false
  /** Whether the loaded value must not be cached. */
  isUnstorable = false
  /** Called when the last reader left before the load ended. */
  onAbandoned: (() => void) | undefined
  #readers = 0
  #predecessor: Flight | undefined
  #landed: PromiseWithResolvers<Landing> | undefined

  /**
   * Creates a load that has not started yet.
   * @param session Session of the reader that starts the load.
   * @param predecessor An earlier load of the same key that the reader could not join, for example because of an invalidation.
   */
  constructor(tags: readonly string[], coherent: boolean, session: Session, predecessor: Flight | undefined) {
    this.tags = tags
    this.coherent = coherent
    this.#session = session
    this.#predecessor = predecessor
  }

  /** Whether only readers in the background wait for the load. */
  get isBackground(): boolean {
    return this.#session.isBackground
  }

  /**
   * Called when a reader that is not in the background waits for this load. From now on, no load of the session that started this load
   * counts as a background load. If the value is composed, the reader also waits for the other loads of that session.
   */
  promote(): void {
    this.#session.isBackground = false
  }

  /** Returns the load of the same key that started before this load and has not ended yet; undefined if there is none. */
  get predecessor(): Flight | undefined {
    return this.#predecessor?.landing ? undefined : this.#predecessor
  }

  land(landing: Landing): void {
    this.landing ??= landing
    this.#predecessor = undefined
    this.#landed?.resolve(landing)
  }

  /**
   * Resolves with the result when the load has ended. The promise is created only when it is requested, because most loads need none:
   * readers await the first load of a batch, and the other loads of the batch usually end at the same time.
   */
  landed(): Promise<Landing> {
    if (this.landing) return Promise.resolve(this.landing)
    this.#landed ??= Promise.withResolvers<Landing>()
    return this.#landed.promise
  }

  get readers(): number {
    return this.#readers
  }

  /** Number of readers that wait for this load, or for a composed value of which it loads a part. */
  get waiting(): number {
    return this.#session.readers
  }

  /** Whether no reader waits for this load any more. */
  get isAbandoned(): boolean {
    return this.#readers === 0
  }

  /** Adds a waiting reader. A background refresh counts as a reader that never leaves. */
  join(): void {
    this.#readers++
    this.#session.readers = Math.max(this.#readers, this.#session.readers)
  }

  leave(): void {
    this.#readers--
    if (this.#readers === 0) this.onAbandoned?.()
  }
}

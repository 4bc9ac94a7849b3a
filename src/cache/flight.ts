import type { Entry } from './entry.ts'

/** How a shared load ended: an entry, flagged where it stands in for one that could not be loaded, or an error that is never stored. */
export type Landing =
  | { readonly entry: Entry; readonly layer: 'l2' | 'origin' }
  | { readonly entry: Entry; readonly layer: 'stale'; readonly reason: string }
  | { readonly error: Error }

/** What a load reads is at least as new as this. */
export interface Departure {
  readonly epoch: string
  readonly stamp: number
  /** Monotonic clock, ms. */
  readonly startedAt: number
}

/** One load of one key that several readers may wait for. */
export class Flight {
  /** The declared tags. */
  readonly tags: readonly string[]
  /** Whether it may be answered from the shared tier: its first reader could follow the log. */
  readonly coherent: boolean
  /** Set when the load has ended. */
  landing: Landing | undefined
  /** Set when the load starts. */
  departure: Departure | undefined
  /** A copy of the shared tier whose time ran out but that nothing invalidated. */
  expired: Entry | undefined
  /** Told when the last reader left before the load landed. */
  onAbandoned: (() => void) | undefined
  #readers = 0
  #predecessor: Flight | undefined
  #landed: PromiseWithResolvers<Landing> | undefined

  /** @param predecessor Of the same key; an invalidation keeps newcomers from joining it. */
  constructor(tags: readonly string[], coherent: boolean, predecessor: Flight | undefined) {
    this.tags = tags
    this.coherent = coherent
    this.#predecessor = predecessor
  }

  /** The load of the same key that began before this one and has not ended yet. */
  get predecessor(): Flight | undefined {
    return this.#predecessor?.landing ? undefined : this.#predecessor
  }

  land(landing: Landing): void {
    this.landing ??= landing
    this.#predecessor = undefined
    this.#landed?.resolve(landing)
  }

  /** Resolves when the load has ended; there is no promise until somebody asks, since most of a batch land with the first. */
  landed(): Promise<Landing> {
    if (this.landing) return Promise.resolve(this.landing)
    this.#landed ??= Promise.withResolvers<Landing>()
    return this.#landed.promise
  }

  /** Whether nobody waits for it any more. */
  get isAbandoned(): boolean {
    return this.#readers === 0
  }

  /** One more waits for it. A refresh in the background joins and never leaves. */
  join(): void {
    this.#readers++
  }

  leave(): void {
    this.#readers--
    if (this.#readers === 0) this.onAbandoned?.()
  }
}

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
  readonly slots: Uint32Array
  /** Whether it may be answered from the shared tier: its first reader could follow the log. */
  readonly coherent: boolean
  readonly landed: Promise<Landing>
  readonly land: (landing: Landing) => void
  /** Set when the load starts. */
  departure: Departure | undefined
  /** A copy of the shared tier whose time ran out but that nothing invalidated. */
  expired: Entry | undefined
  /** Told when the last reader left before the load landed. */
  onAbandoned: (() => void) | undefined
  #readers = 0

  /** @param slots The declared tags' places in the sketch. */
  constructor(slots: Uint32Array, coherent: boolean) {
    this.slots = slots
    this.coherent = coherent
    const { promise, resolve } = Promise.withResolvers<Landing>()
    this.landed = promise
    this.land = resolve
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

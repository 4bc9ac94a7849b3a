import type { Entry } from './entry.ts'

/** How a shared load ended: an entry, or an error that is never stored. */
export type Landing = { readonly entry: Entry; readonly layer: 'l2' | 'origin'; readonly stale?: true } | { readonly error: Error }

/** One load of one key that several readers may wait for. */
export class Flight {
  readonly slots: Uint32Array
  /** Whether it may be answered from the shared tier: its first reader could follow the log. */
  readonly coherent: boolean
  readonly landed: Promise<Landing>
  readonly land: (landing: Landing) => void
  /** Set when the load starts: what it reads is at least as new as this. */
  departure: { readonly epoch: string; readonly stamp: number; readonly startedAt: number } | undefined

  /** @param slots The declared tags' places in the sketch. */
  constructor(slots: Uint32Array, coherent: boolean) {
    this.slots = slots
    this.coherent = coherent
    const { promise, resolve } = Promise.withResolvers<Landing>()
    this.landed = promise
    this.land = resolve
  }
}

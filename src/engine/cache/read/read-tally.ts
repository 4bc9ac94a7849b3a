import type { CacheListener } from '../model/events.ts'
import type { Layer } from '../model/read.ts'
import type { Absence } from './absence.ts'

interface Misses {
  readonly absence: Absence
  count: number
}

/** Counts the values of one read by layer, and its misses by cause, to report them in few events. */
export class ReadTally {
  readonly #policy: string
  readonly #layers = new Map<Layer | 'failed', { count: number; savedMs: number }>()
  #misses: Misses[] | undefined

  /** Creates an empty tally. @param policy Name of the policy of all values. */
  constructor(policy: string) {
    this.#policy = policy
  }

  /** Counts a value that was served from a cached copy. @param savedMs Duration of the load that the copy saved. */
  hit(layer: 'l1' | 'l2' | 'stale', savedMs: number): void {
    this.#add(layer, savedMs)
  }

  miss(layer: 'origin' | 'coalesced' | 'failed', absence: Absence): void {
    this.#add(layer, 0)
    this.#misses ??= []
    const known = this.#misses.find((misses) => isSame(misses.absence, absence))
    if (known) known.count++
    else this.#misses.push({ absence, count: 1 })
  }

  /** Number of values by the layer that answered, without those that failed. */
  get layers(): ReadonlyMap<Layer, number> {
    const layers = new Map<Layer, number>()
    for (const [layer, { count }] of this.#layers) if (layer !== 'failed') layers.set(layer, count)
    return layers
  }

  report(onEvent: CacheListener): void {
    const policy = this.#policy
    for (const [layer, { count, savedMs }] of this.#layers) onEvent({ type: 'read', policy, layer, count, savedMs })
    for (const { absence, count } of this.#misses ?? []) {
      const { cause, voidedBy } = absence
      onEvent({ type: 'miss', policy, cause, count, ...(voidedBy ? { voidedBy } : {}) })
    }
  }

  #add(layer: Layer | 'failed', savedMs: number): void {
    const counted = this.#layers.get(layer)
    if (counted) {
      counted.count++
      counted.savedMs += savedMs
    } else this.#layers.set(layer, { count: 1, savedMs })
  }
}

function isSame(a: Absence, b: Absence): boolean {
  return a.cause === b.cause && a.voidedBy?.tag === b.voidedBy?.tag && a.voidedBy?.seq === b.voidedBy?.seq
}

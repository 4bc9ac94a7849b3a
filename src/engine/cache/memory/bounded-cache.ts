import type { Env } from '../model/env.ts'
import { FrequencySketch, hashText } from './frequency-sketch.ts'
import { Owned, TenantShares } from './tenant-shares.ts'
import { TinyLfu } from './tiny-lfu.ts'
import { WindowTuner } from './window-tuner.ts'

export interface BoundedCacheOptions<Value> {
  readonly env: Pick<Env, 'random'>
  /** Upper bound of the sum of the weights of all values. */
  readonly maxWeight: number
  /** Share of `maxWeight` that the values of a tenant keep when other tenants need room, 0 to 1. */
  readonly tenantQuota: number
  /** Whether a value is useless, so that it is evicted before any other. */
  readonly isExpired: (value: Value) => boolean
  /** Called for each evicted value. */
  readonly onEvict: () => void
}

/** A value with what decides whether it stays cached. */
export interface CachedValue<Value> {
  readonly key: string
  readonly value: Value
  readonly weight: number
  /** Recent uses, 0 to 15. All frequencies are halved from time to time. */
  readonly frequency: number
}

class Copy<Value> extends Owned<Copy<Value>> {
  readonly value: Value
  readonly hash: number

  constructor(key: string, value: Value, weight: number, hash: number, frequency: number, generation: number) {
    super(key, weight, frequency, generation)
    this.value = value
    this.hash = hash
  }
}

/** Number of evictions after which the sampling rate of the window tuner is adapted to the number of cached values. */
const EVICTIONS_TO_FIT = 256
const WORTHLESS = -1

/**
 * A cache that is bounded by weight. Each key begins with its tenant and a colon. The cache retains values by frequency and recency of use,
 * and finds out which of these two gives more hits (see TinyLfu and WindowTuner). No tenant can evict all values of other tenants (see
 * TenantShares). Each call takes amortized constant time.
 */
export class BoundedCache<Value> {
  readonly #maxWeight: number
  readonly #seed: number
  readonly #sketch = new FrequencySketch()
  readonly #tuner: WindowTuner
  readonly #shares: TenantShares<Copy<Value>>
  readonly #copies: TinyLfu<string, Copy<Value>>
  #evictions = 0
  #mask: number

  constructor({ env, maxWeight, tenantQuota, isExpired, onEvict }: BoundedCacheOptions<Value>) {
    const worth = (copy: Copy<Value>) => (isExpired(copy.value) ? WORTHLESS : this.#sketch.frequencyOf(copy))
    const random = () => env.random()
    this.#maxWeight = maxWeight
    this.#seed = Math.floor(env.random() * 2 ** 32) | 0
    this.#tuner = new WindowTuner(maxWeight, this.#sketch, random)
    this.#mask = this.#tuner.mask
    this.#shares = new TenantShares(maxWeight * tenantQuota, worth)
    this.#copies = new TinyLfu({
      maxWeight,
      windowShare: this.#tuner.share,
      worth,
      random,
      precedence: this.#shares,
      onEvict: (copy) => {
        this.#shares.leave(copy)
        this.#sketch.raise(copy.hash, this.#sketch.frequencyOf(copy))
        this.#evictions++
        onEvict()
      },
    })
  }

  get size(): number {
    return this.#copies.size
  }

  get weight(): number {
    return this.#copies.weight
  }

  /** Number of tenants that have a value. */
  get tenants(): number {
    return this.#shares.size
  }

  /** Returns the sum of the weights of a tenant's values. */
  weightOf(tenant: string): number {
    return this.#shares.weightOf(tenant)
  }

  /** Returns the value of a key, and counts a use of the key. */
  get(key: string): Value | undefined {
    const copy = this.#copies.find(key)
    if (copy === undefined) return undefined
    this.#sketch.use(copy)
    this.#copies.touch(copy)
    if ((copy.hash & this.#mask) === 0) this.#observe(copy)
    return copy.value
  }

  /** Returns the tenants whose values weigh most, heaviest first. */
  heaviestTenants(max: number): readonly { readonly tenant: string; readonly weight: number }[] {
    return this.#shares.heaviest(max)
  }

  /** Returns all values with their keys. Does not count as a use. Values may be stored and evicted during the iteration. */
  *entries(): Generator<CachedValue<Value>> {
    for (const copy of this.#copies.values()) {
      const { key, value, weight } = copy
      yield { key, value, weight, frequency: this.#sketch.frequencyOf(copy) }
    }
  }

  /** Returns the value of a key without counting a use of the key. */
  peek(key: string): Value | undefined {
    return this.#copies.find(key)?.value
  }

  /**
   * Stores a value. The new value may evict other values, or may not be admitted; in either case the old value of the key is gone. If the
   * key had no value, the call counts as a use of the key.
   * @param weight A whole number of 1 or more.
   */
  set(key: string, value: Value, weight: number): void {
    const held = this.#copies.find(key)
    if (weight > this.#maxWeight) {
      if (held !== undefined) this.#remove(held)
      return
    }
    if (held !== undefined) {
      const copy = new Copy(key, value, weight, held.hash, held.frequency, held.generation)
      this.#shares.leave(held)
      this.#shares.enter(copy)
      this.#copies.replace(held, copy)
      return
    }
    const hash = hashText(key, this.#seed)
    const copy = new Copy(key, value, weight, hash, this.#sketch.add(hash), this.#sketch.generation)
    const evictionsBefore = this.#evictions
    this.#shares.enter(copy)
    this.#copies.add(copy)
    this.#sketch.scaleTo(this.#copies.size)
    if ((hash & this.#mask) === 0) this.#observe(copy)
    // Only a full cache shows how many values fit. So the sampling rate of the window tuner is not adapted before the first eviction.
    if (Math.ceil(this.#evictions / EVICTIONS_TO_FIT) !== Math.ceil(evictionsBefore / EVICTIONS_TO_FIT)) this.#fitSample()
  }

  delete(key: string): void {
    const held = this.#copies.find(key)
    if (held !== undefined) this.#remove(held)
  }

  clear(): void {
    this.#copies.clear()
    this.#shares.clear()
  }

  #remove(copy: Copy<Value>): void {
    this.#copies.remove(copy)
    this.#shares.leave(copy)
    this.#sketch.raise(copy.hash, this.#sketch.frequencyOf(copy))
  }

  #fitSample(): void {
    this.#tuner.scaleTo(this.#copies.size)
    this.#mask = this.#tuner.mask
  }

  #observe(copy: Copy<Value>): void {
    this.#tuner.observe(copy.hash, copy.weight, this.#sketch.frequencyOf(copy))
    this.#copies.windowShare = this.#tuner.share
  }
}

import type { Env } from './env.ts'
import { FrequencySketch, hashText } from './frequency-sketch.ts'
import { Owned, TenantShares } from './tenant-shares.ts'
import { TinyLfu } from './tiny-lfu.ts'
import { WindowTuner } from './window-tuner.ts'

export interface BoundedCacheOptions<Value> {
  readonly env: Env
  /** Upper bound of the sum of all weights. */
  readonly maxWeight: number
  /** The part of it that a tenant keeps when others want it, 0 to 1. */
  readonly tenantQuota: number
  /** Whether a value is of no more use, so that any other is kept in its place. */
  readonly isExpired: (value: Value) => boolean
  /** Called for each value that leaves for lack of room. */
  readonly onEvict: () => void
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

/** How often it is checked whether the sample fits the number of values: every so many evictions. */
const EVICTIONS_TO_FIT = 256
const WORTHLESS = -1

/**
 * Values under keys that begin with their tenant and a colon, bounded by weight. What is used often or was used lately stays,
 * by whichever of the two the accesses are better served (see TinyLfu and WindowTuner); no tenant pushes out all others (see
 * TenantShares). Takes constant time for each call, on average over many.
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

  /** Tenants that hold anything. */
  get tenants(): number {
    return this.#shares.size
  }

  /** The weight of what a tenant holds. */
  weightOf(tenant: string): number {
    return this.#shares.weightOf(tenant)
  }

  /** Counts as a use. */
  get(key: string): Value | undefined {
    const copy = this.#copies.find(key)
    if (copy === undefined) return undefined
    this.#sketch.use(copy)
    this.#copies.touch(copy)
    if ((copy.hash & this.#mask) === 0) this.#observe(copy)
    return copy.value
  }

  /** Does not count as a use. */
  peek(key: string): Value | undefined {
    return this.#copies.find(key)?.value
  }

  /**
   * May evict others, or not keep the value at all; in either case the key's old value is gone. A key that had none counts as
   * used.
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
    // Only what is full shows how many values it holds: so not before the first eviction.
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

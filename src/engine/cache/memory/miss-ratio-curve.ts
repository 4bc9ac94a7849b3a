import type { Env } from '../model/env.ts'
import { BoundedCache } from './bounded-cache.ts'
import { hashText } from './frequency-sketch.ts'

/** Sizes of the memory for which the curve estimates the miss ratio, as multiples of the memory that the cache has. */
export const CURVE_SCALES = [0.25, 0.5, 1, 2, 4] as const

/** Expected miss ratio of a cache with another size of memory. */
export interface CurvePoint {
  /** Size of the memory, as a multiple of the memory that the cache has. */
  readonly scale: number
  /** Share of the reads that would find no copy in memory, 0 to 1. */
  readonly missRatio: number
}

export interface Curve {
  /** The estimate for each size, smallest first. */
  readonly points: readonly CurvePoint[]
  /** Share of the reads that would find no copy in memory of any size: first reads, and reads after an invalidation or an expiry. */
  readonly unavoidable: number
}

interface Simulated {
  readonly cache: BoundedCache<number>
  misses: number
}

/** Maximum number of keys that the largest simulated cache holds. If it holds more, half of the keys leave the sample. */
const MAX_KEYS = 8192
/** Minimum number of keys in the largest simulated cache for an estimate, unless all keys are in the sample. */
const MIN_KEYS = 200
/** Maximum number of simulated reads per second. If there are more, half of the keys leave the sample. If there are few, keys come in again. */
const MAX_READS_PER_SECOND = 300
/** Number of simulated reads after which their rate is checked. */
const READS_PER_CHECK = 1024
/** Number of simulated reads after which the earlier ones weigh half, as a multiple of the simulated keys. */
const MEMORY = 25

/**
 * Estimates how the miss ratio depends on the memory, without using that memory. It takes a sample of the keys, and simulates caches of
 * several sizes that see only the reads of these keys; each of them has the same share of its memory as the sample has of the keys.
 * (Miniature simulation: Waldspurger and others, 2017. The number of misses is divided by the expected number of sampled reads, not by the
 * actual one, because a few very hot keys may be in the sample or not: SHARDS-adj, Waldspurger and others, 2015.)
 */
export class MissRatioCurve {
  readonly #env: Pick<Env, 'monotonic' | 'random'>
  readonly #maxWeight: number
  readonly #tenantQuota: number
  readonly #seed: number
  /** A key is in the sample if its hash has no bit in common with the mask. */
  #mask = 0
  /** Number of all reads, in the sample or not. Older reads weigh less. */
  #reads = 0
  /** Misses of sampled reads that no memory avoids. Older ones weigh less. */
  #unavoidable = 0
  #unchecked = 0
  #checkedAt: number
  #simulated: readonly Simulated[]

  /** @param maxWeight Upper bound of the weights in the real cache. @param tenantQuota Quota of a tenant, see `BoundedCacheOptions`. */
  constructor(env: Pick<Env, 'monotonic'>, maxWeight: number, tenantQuota: number) {
    this.#env = { monotonic: () => env.monotonic(), random: ownNumbers() }
    this.#maxWeight = maxWeight
    this.#tenantQuota = tenantQuota
    this.#seed = Math.floor(this.#env.random() * 2 ** 32) | 0
    this.#checkedAt = env.monotonic()
    this.#simulated = this.#start()
  }

  /** Returns the number by which a key is chosen for the sample; to be passed to the other methods. */
  hashOf(key: string): number {
    return hashText(key, this.#seed)
  }

  /** Records a read that got a copy. @param servedUntil Time until which the copy can be served, by the monotonic clock, ms. */
  hit(key: string, hash: number, weight: number, servedUntil: number): void {
    this.#reads++
    if ((hash & this.#mask) !== 0) return
    for (const simulated of this.#simulated) {
      if (simulated.cache.get(key) !== undefined) continue
      simulated.misses++
      simulated.cache.set(key, servedUntil, weight)
    }
    this.#fitSample()
  }

  /**
   * Records a read that got no copy.
   * @param wasEvicted Whether a copy existed that would still be valid. If not, the read would have missed with any size of memory.
   */
  miss(key: string, hash: number, wasEvicted: boolean): void {
    this.#reads++
    if ((hash & this.#mask) !== 0) return
    const now = this.#env.monotonic()
    const ends = this.#simulated.map(({ cache }) => cache.get(key))
    if (!wasEvicted || (ends.at(-1) ?? Number.POSITIVE_INFINITY) <= now) this.#unavoidable++
    for (const [index, simulated] of this.#simulated.entries()) if (!wasEvicted || (ends[index] ?? 0) <= now) simulated.misses++
    this.#fitSample()
  }

  /** Records that a copy was stored: for a read that missed, or in the background. */
  stored(key: string, hash: number, weight: number, servedUntil: number): void {
    if ((hash & this.#mask) !== 0) return
    for (const { cache } of this.#simulated) cache.set(key, servedUntil, weight)
  }

  /** Returns the estimate; undefined if there were no reads, or if the sample has too few keys to say anything. */
  estimate(): Curve | undefined {
    if (this.#reads === 0 || (this.#mask > 0 && this.#largest.size < MIN_KEYS)) return undefined
    const share = (misses: number) => Math.min(1, (misses * (this.#mask + 1)) / this.#reads)
    const points = this.#simulated.map(({ misses }, index) => ({ scale: CURVE_SCALES[index] as number, missRatio: share(misses) }))
    return { points, unavoidable: share(this.#unavoidable) }
  }

  /** Adapts the sample to the number of keys and of reads. */
  #fitSample(): void {
    const { size } = this.#largest
    const rate = this.#rate()
    if (size > MAX_KEYS || (rate ?? 0) > MAX_READS_PER_SECOND) this.#halveSample()
    else if (rate !== undefined && rate < MAX_READS_PER_SECOND / 4 && size < MAX_KEYS / 4 && this.#mask > 0) this.#doubleSample()
    else if (this.#reads > MEMORY * MAX_KEYS * (this.#mask + 1)) this.#age()
  }

  /** Returns the simulated reads per second, each time that {@link READS_PER_CHECK} reads were simulated. */
  #rate(): number | undefined {
    if (++this.#unchecked < READS_PER_CHECK) return undefined
    const now = this.#env.monotonic()
    const tookMs = Math.max(1, now - this.#checkedAt)
    this.#unchecked = 0
    this.#checkedAt = now
    return (READS_PER_CHECK * 1000) / tookMs
  }

  get #largest(): BoundedCache<number> {
    return (this.#simulated.at(-1) as Simulated).cache
  }

  /** Takes every other key out of the sample. The other keys move to smaller caches. */
  #halveSample(): void {
    this.#mask = this.#mask * 2 + 1
    this.#unavoidable /= 2
    const former = this.#simulated
    this.#simulated = this.#start()
    for (const [index, simulated] of this.#simulated.entries()) {
      const { cache, misses } = former[index] as Simulated
      simulated.misses = misses / 2
      for (const { key, value, weight, frequency } of cache.entries()) {
        if ((this.hashOf(key) & this.#mask) !== 0) continue
        simulated.cache.set(key, value, weight)
        for (let use = 1; use < frequency; use++) simulated.cache.get(key)
      }
    }
  }

  /** Takes twice as many keys into the sample. The estimate begins anew, because nothing is known of the keys that come in. */
  #doubleSample(): void {
    this.#mask = (this.#mask - 1) / 2
    this.#reads = 0
    this.#unavoidable = 0
    this.#simulated = this.#start()
  }

  #age(): void {
    this.#reads /= 2
    this.#unavoidable /= 2
    for (const simulated of this.#simulated) simulated.misses /= 2
  }

  #start(): readonly Simulated[] {
    return CURVE_SCALES.map((scale) => ({
      cache: new BoundedCache<number>({
        env: this.#env,
        maxWeight: Math.max(1, Math.floor((this.#maxWeight * scale) / (this.#mask + 1))),
        tenantQuota: this.#tenantQuota,
        isExpired: (keptUntil) => keptUntil <= this.#env.monotonic(),
        onEvict: () => undefined,
      }),
      misses: 0,
    }))
  }
}

/**
 * Returns a generator of random numbers from 0 to 1 (Marsaglia's xorshift, 2003). The simulation does not take its numbers from the
 * environment, so the real cache gets the same numbers with and without it.
 */
function ownNumbers(): () => number {
  let state = 0x9e3779b9
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

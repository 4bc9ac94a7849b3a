import type { FrequencySketch } from './frequency-sketch.ts'
import { Member, TinyLfu } from './tiny-lfu.ts'

/** Minimum share of the cache's weight that the window gets. With a smaller window, keys that are used in bursts get fewer hits. */
const MIN_SHARE = 0.1
/**
 * Share of the window while neither the smallest nor the full window leads in hits. With this share, the cache behaves almost like an LRU,
 * which suits most workloads.
 */
const NEUTRAL_SHARE = 0.8
const MAX_STEP = 0.1
const STEPS_PER_TURNOVER = 16
/**
 * Duration of the decay of a counted hit to 1/e of its weight. The unit is one access for each entry of a ghost cache (see WindowTuner).
 */
const MEMORY = 100
/**
 * Lead of a ghost cache that changes the window's share by 1 (from nothing to the whole cache). The lead is the difference between the hits
 * of this ghost cache and the higher number of hits of the two other ghost caches. The difference is divided by the number of entries of a
 * ghost cache.
 */
const HITS_TO_MOVE = 0.3
/** Bounds of the number of entries of each ghost cache. */
const MIN_ENTRIES = 64
const MAX_ENTRIES = 256

interface GhostCache {
  readonly cache: TinyLfu<number, Member<number>>
  /** Recent hits. The weight of a hit decays with every later access. */
  hits: number
}

/**
 * Adapts the window's share to the workload. Three ghost caches (small caches of keys without values) simulate a sample of the accesses:
 * with the smallest window, with the neutral window, and with a window of the full size, which is LRU. If the smallest or the full window
 * has more recent hits than the two others, the real window moves towards that size. (Miniature simulation: Waldspurger and others, 2017;
 * adaptive window: Einziger and others, 2018, but without its hill climbing, which needs more accesses than small caches get.)
 */
export class WindowTuner {
  readonly #maxWeight: number
  readonly #sketch: FrequencySketch
  readonly #random: () => number
  #least: GhostCache
  #neutral: GhostCache
  #whole: GhostCache
  #mask = -1
  #entries = 0
  #observed = 0
  #share = 1

  constructor(maxWeight: number, sketch: FrequencySketch, random: () => number) {
    this.#maxWeight = maxWeight
    this.#sketch = sketch
    this.#random = random
    this.#least = this.#createGhost(MIN_SHARE, 1)
    this.#neutral = this.#createGhost(NEUTRAL_SHARE, 1)
    this.#whole = this.#createGhost(1, 1)
  }

  /** Share of the weight that the window should take, 0 to 1. */
  get share(): number {
    return this.#share
  }

  /**
   * Mask that selects a sample of the accesses. An access is passed to {@link observe} if the hash of its key has no bit in common with the
   * mask.
   */
  get mask(): number {
    return this.#mask
  }

  /** Adapts the sampling rate to the number of entries that fit into the full cache. Called from time to time. */
  scaleTo(entries: number): void {
    const sampled = entries / (this.#mask + 1)
    if (this.#entries > 0 && sampled <= 4 * MAX_ENTRIES && (sampled >= MIN_ENTRIES || this.#mask === 0)) return
    let rate = 1
    while (entries / rate > MAX_ENTRIES) rate *= 2
    this.#mask = rate - 1
    this.#entries = Math.max(1, Math.round(entries / rate))
    this.#least = this.#createGhost(MIN_SHARE, rate)
    this.#neutral = this.#createGhost(NEUTRAL_SHARE, rate)
    this.#whole = this.#createGhost(1, rate)
  }

  /** Simulates an access to a key. @param frequency Frequency of the key, including this access. */
  observe(hash: number, weight: number, frequency: number): void {
    if (weight > this.#maxWeight / (this.#mask + 1)) return
    for (const ghost of [this.#least, this.#neutral, this.#whole]) this.#access(ghost, hash, weight, frequency)
    if (++this.#observed % Math.ceil(this.#entries / STEPS_PER_TURNOVER) !== 0) return
    const least = this.#least.hits
    const neutral = this.#neutral.hits
    const whole = this.#whole.hits
    const lead = Math.max(0, whole - Math.max(neutral, least)) - Math.max(0, least - Math.max(neutral, whole))
    const wanted = Math.max(MIN_SHARE, Math.min(1, NEUTRAL_SHARE + lead / (HITS_TO_MOVE * this.#entries)))
    this.#share += Math.max(-MAX_STEP, Math.min(MAX_STEP, wanted - this.#share))
  }

  #access(ghost: GhostCache, hash: number, weight: number, frequency: number): void {
    ghost.hits -= ghost.hits / (MEMORY * this.#entries)
    const member = ghost.cache.find(hash)
    if (member === undefined) {
      ghost.cache.add(new Member(hash, weight, frequency, this.#sketch.generation))
      return
    }
    ghost.hits++
    member.frequency = frequency
    member.generation = this.#sketch.generation
    ghost.cache.touch(member)
  }

  /** Creates a ghost cache. @param rate Number of keys of which one is simulated. */
  #createGhost(windowShare: number, rate: number): GhostCache {
    const cache = new TinyLfu<number, Member<number>>({
      maxWeight: Math.max(1, Math.floor(this.#maxWeight / rate)),
      windowShare,
      worth: (member) => this.#sketch.frequencyOf(member),
      random: this.#random,
      onEvict: () => undefined,
    })
    return { cache, hits: 0 }
  }
}

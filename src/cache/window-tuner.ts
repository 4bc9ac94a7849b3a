import type { FrequencySketch } from './frequency-sketch.ts'
import { Member, TinyLfu } from './tiny-lfu.ts'

/** The window's share at its smallest: below that, what is used in bursts suffers. */
const LEAST_SHARE = 0.1
/** The share while nothing speaks for either side: close to LRU, which serves most accesses well. */
const NEUTRAL_SHARE = 0.8
const LARGEST_STEP = 0.1
const STEPS_PER_TURNOVER = 16
/** How many accesses the hits are remembered for, for each entry of a rehearsal. */
const MEMORY = 100
/** How many hits more, for each entry of a rehearsal, move the share by 1. */
const HITS_TO_MOVE = 0.3
/** Entries of each rehearsal. */
const FEWEST_ENTRIES = 64
const MOST_ENTRIES = 256

interface Rehearsal {
  readonly cache: TinyLfu<number, Member<number>>
  /** Of late: each counts for less with every access since. */
  hits: number
}

/**
 * Finds the window's share that suits the accesses. Three small caches that hold no values rehearse what a sample of the keys
 * would have come to: with the least window, with the neutral one, and with nothing but a window, which is LRU. When one of the
 * extremes hits more than both others of late, it draws the real window towards its own. (Rehearsing samples: Waldspurger and
 * others, 2017; that the window should adapt: Einziger and others, 2018. Hill climbing, as they do it, needs more accesses than
 * small caches have time for, and cannot tell a loop from its way back.)
 */
export class WindowTuner {
  readonly #maxWeight: number
  readonly #sketch: FrequencySketch
  readonly #random: () => number
  #least: Rehearsal
  #neutral: Rehearsal
  #whole: Rehearsal
  #mask = -1
  #entries = 0
  #observed = 0
  #share = 1

  constructor(maxWeight: number, sketch: FrequencySketch, random: () => number) {
    this.#maxWeight = maxWeight
    this.#sketch = sketch
    this.#random = random
    this.#least = this.#rehearse(LEAST_SHARE, 1)
    this.#neutral = this.#rehearse(NEUTRAL_SHARE, 1)
    this.#whole = this.#rehearse(1, 1)
  }

  /** The part of the space that the window should take, 0 to 1. */
  get share(): number {
    return this.#share
  }

  /** Accesses to keys whose hash has none of these bits are to be observed. */
  get mask(): number {
    return this.#mask
  }

  /** Makes the sample suit the number of entries that fill the space. To be called now and then. */
  scaleTo(entries: number): void {
    const sampled = entries / (this.#mask + 1)
    if (this.#entries > 0 && sampled <= 4 * MOST_ENTRIES && (sampled >= FEWEST_ENTRIES || this.#mask === 0)) return
    let rate = 1
    while (entries / rate > MOST_ENTRIES) rate *= 2
    this.#mask = rate - 1
    this.#entries = Math.max(1, Math.round(entries / rate))
    this.#least = this.#rehearse(LEAST_SHARE, rate)
    this.#neutral = this.#rehearse(NEUTRAL_SHARE, rate)
    this.#whole = this.#rehearse(1, rate)
  }

  /** @param frequency Of the key, this access included. */
  observe(hash: number, weight: number, frequency: number): void {
    if (weight > this.#maxWeight / (this.#mask + 1)) return
    for (const rehearsal of [this.#least, this.#neutral, this.#whole]) this.#access(rehearsal, hash, weight, frequency)
    if (++this.#observed % Math.ceil(this.#entries / STEPS_PER_TURNOVER) !== 0) return
    const least = this.#least.hits
    const neutral = this.#neutral.hits
    const whole = this.#whole.hits
    const lead = Math.max(0, whole - Math.max(neutral, least)) - Math.max(0, least - Math.max(neutral, whole))
    const wanted = Math.max(LEAST_SHARE, Math.min(1, NEUTRAL_SHARE + lead / (HITS_TO_MOVE * this.#entries)))
    this.#share += Math.max(-LARGEST_STEP, Math.min(LARGEST_STEP, wanted - this.#share))
  }

  #access(rehearsal: Rehearsal, hash: number, weight: number, frequency: number): void {
    rehearsal.hits -= rehearsal.hits / (MEMORY * this.#entries)
    const member = rehearsal.cache.find(hash)
    if (member === undefined) {
      rehearsal.cache.add(new Member(hash, weight, frequency, this.#sketch.generation))
      return
    }
    rehearsal.hits++
    member.frequency = frequency
    member.generation = this.#sketch.generation
    rehearsal.cache.touch(member)
  }

  /** @param rate One key of how many takes part. */
  #rehearse(windowShare: number, rate: number): Rehearsal {
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

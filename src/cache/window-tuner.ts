import { LRUCache } from 'lru-cache'
import type { FrequencySketch } from './frequency-sketch.ts'
import { Member, TinyLfu } from './tiny-lfu.ts'

/** The window's share at its smallest: below that, what is used in bursts suffers. */
const LEAST_SHARE = 0.1
/** The share while nothing speaks for either side. */
const NEUTRAL_SHARE = 0.85
const LARGEST_STEP = 0.1
const STEPS_PER_TURNOVER = 16
/** How many accesses the balance remembers, for each entry of a rehearsal. */
const MEMORY = 40
/** How many hits more, for each entry of a rehearsal, move the share by 1. */
const HITS_TO_MOVE = 0.3
/** Entries of each rehearsal. */
const FEWEST_ENTRIES = 64
const MOST_ENTRIES = 256

/**
 * Finds the window's share that suits the accesses. Two small caches that hold no values rehearse what a sample of the keys
 * would have come to: one is plain LRU, the other has the smallest window. Whichever hits more of late draws the real window
 * towards its own. (Rehearsing samples: Waldspurger and others, 2017; that the window should adapt: Einziger and others, 2018.
 * Hill climbing, as they do it, takes too long for small caches and walks into loops and away from scans.)
 */
export class WindowTuner {
  readonly #maxWeight: number
  readonly #sketch: FrequencySketch
  readonly #random: () => number
  #recent = new LRUCache<number, true>({ max: 1 })
  #frequent: TinyLfu<number, Member<number>> | undefined
  #mask = -1
  #entries = 1
  #balance = 0
  #observed = 0
  #share = 1

  constructor(maxWeight: number, sketch: FrequencySketch, random: () => number) {
    this.#maxWeight = maxWeight
    this.#sketch = sketch
    this.#random = random
  }

  /** The part of the space that the window should take, 0 to 1. */
  get share(): number {
    return this.#share
  }

  /** Accesses to keys whose hash has none of these bits are to be observed. */
  get mask(): number {
    return this.#mask
  }

  /** Makes the sample fit the number of entries that fill the space. To be called now and then. */
  scaleTo(entries: number): void {
    const sampled = entries / (this.#mask + 1)
    const fits = sampled <= 4 * MOST_ENTRIES && (sampled >= FEWEST_ENTRIES || this.#mask === 0)
    if (this.#frequent !== undefined && fits) return
    let rate = 1
    while (entries / rate > MOST_ENTRIES) rate *= 2
    const maxWeight = Math.max(1, Math.floor(this.#maxWeight / rate))
    this.#mask = rate - 1
    this.#entries = Math.max(1, Math.round(entries / rate))
    this.#balance = 0
    this.#recent = new LRUCache({ maxSize: maxWeight })
    this.#frequent = new TinyLfu({
      maxWeight,
      windowShare: LEAST_SHARE,
      worth: (member) => this.#sketch.frequencyOf(member),
      random: this.#random,
      onEvict: () => undefined,
    })
  }

  /** @param frequency Of the key, this access included. */
  observe(hash: number, weight: number, frequency: number): void {
    this.#balance =
      this.#balance * (1 - 1 / (MEMORY * this.#entries)) + this.#recently(hash, weight) - this.#frequently(hash, weight, frequency)
    if (++this.#observed % Math.ceil(this.#entries / STEPS_PER_TURNOVER) !== 0) return
    const wanted = Math.max(LEAST_SHARE, Math.min(1, NEUTRAL_SHARE + this.#balance / (HITS_TO_MOVE * this.#entries)))
    this.#share += Math.max(-LARGEST_STEP, Math.min(LARGEST_STEP, wanted - this.#share))
  }

  #recently(hash: number, size: number): 0 | 1 {
    if (this.#recent.get(hash) !== undefined) return 1
    this.#recent.set(hash, true, { size })
    return 0
  }

  #frequently(hash: number, weight: number, frequency: number): 0 | 1 {
    const frequent = this.#frequent
    const member = frequent?.find(hash)
    if (frequent === undefined || member === undefined) {
      const newcomer = new Member(hash, weight, frequency, this.#sketch.generation)
      if (weight <= this.#maxWeight / (this.#mask + 1)) frequent?.add(newcomer)
      return 0
    }
    member.frequency = frequency
    member.generation = this.#sketch.generation
    frequent.touch(member)
    return 1
  }
}

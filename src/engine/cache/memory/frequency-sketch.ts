const ROWS = 4
const MAX_FREQUENCY = 15
const COLUMNS_PER_ENTRY = 8
const MIN_COLUMNS = 4096
/** Number of counted uses, per cached entry, after which all counters are halved. */
const COUNTS_PER_ENTRY = 16
const MULTIPLIERS = new Uint32Array([0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f])

/** A cached entry that counts its own uses, which is cheaper than counting them in the sketch. */
export interface Counted {
  /** Number of uses, 0 to 15. Only the first `generation` halvings have been applied to this number. */
  frequency: number
  /** Number of halvings of all counters that had happened when the frequency was last written. */
  generation: number
}

/**
 * Estimates the recent frequency of each key, cached or not. It is a count-min sketch of 4-bit counters. All counters are halved after a
 * certain number of counted uses (TinyLFU: Einziger, Friedman and Manes, 2017). A collision can only raise the estimate of a key. Takes 16
 * bytes for each cached entry, at least 8 KiB.
 */
export class FrequencySketch {
  /** The counters; each word contains eight. */
  #words = new Uint32Array((MIN_COLUMNS * ROWS) / 8)
  #columns = MIN_COLUMNS
  #counts = 0
  #generation = 0
  #countsToHalve = MIN_COLUMNS

  /** Number of halvings of all counters so far. */
  get generation(): number {
    return this.#generation
  }

  /** Counts a use of a key that is not cached. Returns the estimated frequency of the key, 1 to 15. */
  add(hash: number): number {
    const frequency = Math.min(MAX_FREQUENCY, this.estimate(hash) + 1)
    this.raise(hash, frequency)
    this.#count()
    return frequency
  }

  /** Counts a use of a cached entry, in the entry itself. */
  use(held: Counted): void {
    if (this.frequencyOf(held) === MAX_FREQUENCY) return
    held.frequency++
    this.#count()
  }

  /** Returns the current frequency of a cached entry. */
  frequencyOf(held: Counted): number {
    if (held.generation !== this.#generation) {
      held.frequency >>= Math.min(MAX_FREQUENCY, this.#generation - held.generation)
      held.generation = this.#generation
    }
    return held.frequency
  }

  /** Returns the estimated frequency of a key that is not cached, 0 to 15. */
  estimate(hash: number): number {
    let lowest = MAX_FREQUENCY
    for (let row = 0; row < ROWS; row++) {
      const at = this.#place(hash, row)
      lowest = Math.min(lowest, ((this.#words[at >>> 3] as number) >>> ((at & 7) << 2)) & MAX_FREQUENCY)
    }
    return lowest
  }

  /** Raises the counters of a key to a frequency. Counters above this frequency stay unchanged. */
  raise(hash: number, frequency: number): void {
    for (let row = 0; row < ROWS; row++) {
      const at = this.#place(hash, row)
      const shift = (at & 7) << 2
      const word = this.#words[at >>> 3] as number
      if (((word >>> shift) & MAX_FREQUENCY) < frequency) this.#words[at >>> 3] = (word & ~(MAX_FREQUENCY << shift)) | (frequency << shift)
    }
  }

  /** Adapts the size of the sketch and the interval between halvings to the number of cached entries. The counted frequencies are kept. */
  scaleTo(entries: number): void {
    this.#countsToHalve = COUNTS_PER_ENTRY * Math.max(entries, 16)
    while (this.#columns < entries * COLUMNS_PER_ENTRY) this.#double()
  }

  #count(): void {
    if (++this.#counts >= this.#countsToHalve) this.halve()
  }

  /** Halves all counters, so that older uses weigh less than newer ones. */
  halve(): void {
    this.#counts >>>= 1
    this.#generation++
    for (let at = 0; at < this.#words.length; at++) this.#words[at] = ((this.#words[at] as number) >>> 1) & 0x77777777
  }

  /**
   * Doubles the number of columns. A key that had the column `c` now has the column `c` or `c` + `n`, where `n` is the old number of
   * columns. So the counters in both columns start with the value of the old counter.
   */
  #double(): void {
    const width = this.#columns / 8
    const words = new Uint32Array(this.#words.length * 2)
    for (let row = 0; row < ROWS; row++) {
      const old = this.#words.subarray(row * width, (row + 1) * width)
      words.set(old, 2 * row * width)
      words.set(old, (2 * row + 1) * width)
    }
    this.#words = words
    this.#columns *= 2
  }

  #place(hash: number, row: number): number {
    let mixed = Math.imul(hash ^ (hash >>> 16), MULTIPLIERS[row] as number)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
    return row * this.#columns + ((mixed ^ (mixed >>> 13)) & (this.#columns - 1))
  }
}

/**
 * Hashes a text to 32 bits (Bob Jenkins' one-at-a-time, over UTF-16 code units).
 * @param seed 32 bits that are secret to the process, so that an attacker cannot construct collisions.
 */
export function hashText(text: string, seed: number): number {
  let hash = seed
  for (let at = 0; at < text.length; at++) {
    hash = (hash + text.charCodeAt(at)) | 0
    hash = (hash + (hash << 10)) | 0
    hash ^= hash >>> 6
  }
  hash = (hash + (hash << 3)) | 0
  hash ^= hash >>> 11
  return (hash + (hash << 15)) | 0
}

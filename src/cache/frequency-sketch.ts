const ROWS = 4
const HIGHEST = 15
const COLUMNS_PER_ENTRY = 8
const FEWEST_COLUMNS = 4096
/** How many counts there are for each entry held before all are halved. */
const COUNTS_PER_ENTRY = 16
const MULTIPLIERS = new Uint32Array([0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f])

/** Something held, whose uses are counted in itself rather than in the sketch, for that is cheaper. */
export interface Counted {
  /** Uses, 0 to 15, as of the generation below. */
  frequency: number
  /** How many times all counts had been halved when the frequency was last written. */
  generation: number
}

/**
 * How often each key was used of late, held or not, in constant memory: a count-min sketch of 4-bit counters that are all halved
 * every so many counts (TinyLFU: Einziger, Friedman and Manes, 2017). A collision can only make a key look more used than it was.
 * Takes 16 bytes for each entry held, at least 8 KiB.
 */
export class FrequencySketch {
  /** Eight counters a word. */
  #words = new Uint32Array((FEWEST_COLUMNS * ROWS) / 8)
  #columns = FEWEST_COLUMNS
  #counts = 0
  #generation = 0
  #countsToHalve = FEWEST_COLUMNS

  /** How many times all counts were halved. */
  get generation(): number {
    return this.#generation
  }

  /** Counts a use of a key that is not held. Gives its frequency, 1 to 15. */
  add(hash: number): number {
    const frequency = Math.min(HIGHEST, this.estimate(hash) + 1)
    this.raise(hash, frequency)
    this.#count()
    return frequency
  }

  /** Counts a use of what is held. */
  use(held: Counted): void {
    if (this.frequencyOf(held) === HIGHEST) return
    held.frequency++
    this.#count()
  }

  /** The frequency of what is held as of now. */
  frequencyOf(held: Counted): number {
    if (held.generation !== this.#generation) {
      held.frequency >>= Math.min(HIGHEST, this.#generation - held.generation)
      held.generation = this.#generation
    }
    return held.frequency
  }

  /** The frequency of a key that is not held, 0 to 15. */
  estimate(hash: number): number {
    let lowest = HIGHEST
    for (let row = 0; row < ROWS; row++) {
      const at = this.#place(hash, row)
      lowest = Math.min(lowest, ((this.#words[at >>> 3] as number) >>> ((at & 7) << 2)) & HIGHEST)
    }
    return lowest
  }

  /** Remembers the frequency of what is no longer held. */
  raise(hash: number, frequency: number): void {
    for (let row = 0; row < ROWS; row++) {
      const at = this.#place(hash, row)
      const shift = (at & 7) << 2
      const word = this.#words[at >>> 3] as number
      if (((word >>> shift) & HIGHEST) < frequency) this.#words[at >>> 3] = (word & ~(HIGHEST << shift)) | (frequency << shift)
    }
  }

  /** Makes the sketch and the time between two halvings fit the number of entries held. Counts are kept. */
  scaleTo(entries: number): void {
    this.#countsToHalve = COUNTS_PER_ENTRY * Math.max(entries, 16)
    while (this.#columns < entries * COLUMNS_PER_ENTRY) this.#double()
  }

  #count(): void {
    if (++this.#counts < this.#countsToHalve) return
    this.#counts >>>= 1
    this.#generation++
    for (let at = 0; at < this.#words.length; at++) this.#words[at] = ((this.#words[at] as number) >>> 1) & 0x77777777
  }

  /** A key's column in the wider row is the old one or that plus the old width, so both take over the old counter. */
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
 * 32 bits from a text (Bob Jenkins' one-at-a-time, over UTF-16 code units).
 * @param seed 32 bits that nobody outside the process knows, so that collisions cannot be arranged.
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

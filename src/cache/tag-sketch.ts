/**
 * When each tag was last invalidated, in constant memory: two rows of counters, `lastSeq(tag)` is the smaller of the tag's two. A
 * collision can only make a tag look invalidated later than it was. (A count-min sketch that keeps maxima: Cormode and
 * Muthukrishnan, 2005.)
 */
export class TagSketch {
  readonly #seqs: Float64Array
  readonly #columns: number
  readonly #seed: number
  #everything = 0

  /**
   * @param seed 32 bits that nobody outside the process knows, so that collisions cannot be arranged.
   * @param columns Counters in each row, a power of two; each takes 16 bytes in all.
   */
  constructor(seed: number, columns: number) {
    if (!Number.isInteger(Math.log2(columns))) throw new RangeError(`The columns of a sketch must be a power of two, got ${columns}.`)
    this.#seed = seed >>> 0
    this.#columns = columns
    this.#seqs = new Float64Array(2 * columns)
  }

  /** The places of tags in the sketch, two for each, to be kept with what carries the tags. */
  slots(tags: readonly string[]): Uint32Array {
    const slots = new Uint32Array(tags.length * 2)
    const mask = this.#columns - 1
    for (let i = 0; i < tags.length; i++) {
      const tag = tags[i] as string
      let first = this.#seed
      let second = ~this.#seed
      for (let at = 0; at < tag.length; at++) {
        const block = scramble(tag.charCodeAt(at))
        first = mix(first, block)
        second = mix(second, block)
      }
      slots[2 * i] = finish(first, tag.length) & mask
      slots[2 * i + 1] = this.#columns + (finish(second, tag.length) & mask)
    }
    return slots
  }

  invalidate(tags: readonly string[], seq: number): void {
    for (const slot of this.slots(tags)) {
      if ((this.#seqs[slot] as number) < seq) this.#seqs[slot] = seq
    }
  }

  invalidateEverything(seq: number): void {
    this.#everything = Math.max(this.#everything, seq)
  }

  /** Whether none of the tags was invalidated after `seq`. */
  isClean(slots: Uint32Array, seq: number): boolean {
    if (this.#everything > seq) return false
    for (let i = 0; i < slots.length; i += 2) {
      if ((this.#seqs[slots[i] as number] as number) > seq && (this.#seqs[slots[i + 1] as number] as number) > seq) return false
    }
    return true
  }

  clear(): void {
    this.#seqs.fill(0)
    this.#everything = 0
  }
}

/** The steps of MurmurHash3 (Austin Appleby), 32 bits, over UTF-16 code units. */
function scramble(unit: number): number {
  const k = Math.imul(unit, 0xcc9e2d51)
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}

function mix(hash: number, block: number): number {
  const h = hash ^ block
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

function finish(hash: number, length: number): number {
  let h = hash ^ length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

import { EVERYTHING_TAG } from '../model/entity.ts'
import type { Voiding } from '../model/miss.ts'

/**
 * Stores the log position of each tag's last invalidation, in constant memory. Each tag has a counter in each of two rows of counters; the
 * smaller of these two counters is the position of the tag's last invalidation. If two tags share a counter, a tag can only look
 * invalidated later than it was. The cache then reloads a valid entry, but never serves a stale value. (A count-min sketch of maxima:
 * Cormode and Muthukrishnan, 2005.)
 */
export class TagSketch {
  readonly #seqs: Float64Array
  readonly #columns: number
  readonly #seed: number
  #everything = 0

  /**
   * Creates an empty sketch.
   * @param seed 32 bits that are secret to the process, so that an attacker cannot construct collisions.
   * @param columns Number of counters in each of the two rows, a power of two. Each column takes 16 bytes.
   */
  constructor(seed: number, columns: number) {
    if (!Number.isInteger(Math.log2(columns)))
      throw new RangeError(`The number of columns of a sketch must be a power of two, got ${columns}.`)
    this.#seed = seed >>> 0
    this.#columns = columns
    this.#seqs = new Float64Array(2 * columns)
  }

  /** Returns the indexes of the tags' counters, two for each tag. The cache stores them with the entry that has the tags. */
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

  /** Whether none of the tags with these slots was invalidated after the log position `seq`. */
  isClean(slots: Uint32Array, seq: number): boolean {
    if (this.#everything > seq) return false
    for (let i = 0; i < slots.length; i += 2) {
      if ((this.#seqs[slots[i] as number] as number) > seq && (this.#seqs[slots[i + 1] as number] as number) > seq) return false
    }
    return true
  }

  /**
   * Returns the invalidation that made a copy void; undefined if none of its tags was invalidated after the log position `seq`. If several
   * of its tags were, returns the one whose position is the lowest. A tag that shares both of its counters with others may be named wrongly.
   * @param tags The tags of `slots`, in the same order.
   */
  voiding(tags: readonly string[], slots: Uint32Array, seq: number): Voiding | undefined {
    let first: Voiding | undefined = this.#everything > seq ? { tag: EVERYTHING_TAG, seq: this.#everything } : undefined
    for (let i = 0; i < slots.length; i += 2) {
      const at = Math.min(this.#seqs[slots[i] as number] as number, this.#seqs[slots[i + 1] as number] as number)
      if (at > seq && (!first || at < first.seq)) first = { tag: tags[i / 2] ?? EVERYTHING_TAG, seq: at }
    }
    return first
  }

  clear(): void {
    this.#seqs.fill(0)
    this.#everything = 0
  }
}

/**
 * Scrambles one UTF-16 code unit. This is the first of the three steps of MurmurHash3 (Austin Appleby, 32 bits). The functions `mix` and
 * `finish` are the other two steps.
 */
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

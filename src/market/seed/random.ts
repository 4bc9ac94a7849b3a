import { hash } from 'node:crypto'

/**
 * Pseudo-random numbers that depend on the seed alone (xoshiro128**). Each kind of sample rows, such as domains and phone calls, has its
 * own stream of numbers. So if one more number is drawn for the phone calls, the sample domains stay the same.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: string) {
    const digest = hash('sha256', seed, 'buffer')
    this.#a = digest.readInt32LE(0)
    this.#b = digest.readInt32LE(4)
    this.#c = digest.readInt32LE(8)
    this.#d = digest.readInt32LE(12) | 1
  }

  /** Returns a number that is at least 0 and less than 1, with 32 random bits. */
  next(): number {
    const scrambled = Math.imul(this.#b, 5)
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return (result >>> 0) / 0x1_0000_0000
  }

  /** Returns an integer from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** Draws a random item of a list. @throws RangeError for an empty list. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.next() * items.length)]
    if (item === undefined) throw new RangeError('Nothing to pick from.')
    return item
  }

  /** Returns a new list with `count` different items in random order. If the given list has fewer items, returns all of them. */
  sample<Item>(items: readonly Item[], count: number): Item[] {
    const pool = [...items]
    const size = Math.min(count, pool.length)
    for (let index = 0; index < size; index += 1) {
      const other = this.integer(index, pool.length - 1)
      const held = pool[index] as Item
      pool[index] = pool[other] as Item
      pool[other] = held
    }
    return pool.slice(0, size)
  }
}

/** Keeps the largest of many items, in memory for a few times as many as are wanted. */
export class Largest<Item> {
  readonly #wanted: number
  readonly #sizeOf: (item: Item) => number
  #items: Item[] = []
  #offered = 0

  /** @param wanted Maximum number of items to keep. */
  constructor(wanted: number, sizeOf: (item: Item) => number) {
    this.#wanted = wanted
    this.#sizeOf = sizeOf
  }

  /** Number of items that were offered. */
  get offered(): number {
    return this.#offered
  }

  offer(item: Item): void {
    this.#offered++
    this.#items.push(item)
    if (this.#items.length >= 4 * this.#wanted + 100) this.#items = this.sorted()
  }

  /** Returns the largest items, largest first. Of equal items, those that were offered first. */
  sorted(): Item[] {
    return this.#items.toSorted((a, b) => this.#sizeOf(b) - this.#sizeOf(a)).slice(0, this.#wanted)
  }
}

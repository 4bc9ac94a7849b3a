/** Keeps the best `capacity` items of all offered items, in a heap whose root is the worst kept item. */
export class BestOf<Item> {
  readonly #capacity: number
  readonly #compare: (a: Item, b: Item) => number
  readonly #heap: Item[] = []

  /** Creates an empty heap. @param compare Total order of the items: negative if the first item is better. */
  constructor(capacity: number, compare: (a: Item, b: Item) => number) {
    this.#capacity = capacity
    this.#compare = compare
  }

  offer(item: Item): void {
    if (this.#heap.length < this.#capacity) {
      this.#heap.push(item)
      this.#rise(this.#heap.length - 1)
    } else if (this.#compare(item, this.#at(0)) < 0) {
      this.#heap[0] = item
      this.#sink()
    }
  }

  /** Returns the kept items, best first. */
  sorted(): Item[] {
    return this.#heap.toSorted(this.#compare)
  }

  #rise(start: number): void {
    let index = start
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.#isWorse(parent, index)) return
      this.#swap(parent, index)
      index = parent
    }
  }

  #sink(): void {
    let index = 0
    for (;;) {
      let worst = index
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.#heap.length && this.#isWorse(child, worst)) worst = child
      }
      if (worst === index) return
      this.#swap(worst, index)
      index = worst
    }
  }

  #isWorse(a: number, b: number): boolean {
    return this.#compare(this.#at(a), this.#at(b)) > 0
  }

  #swap(a: number, b: number): void {
    const held = this.#at(a)
    this.#heap[a] = this.#at(b)
    this.#heap[b] = held
  }

  #at(index: number): Item {
    return this.#heap[index] as Item
  }
}

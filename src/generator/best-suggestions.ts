import type { Suggestion } from './domain-config.ts'

/** Best first: the higher score; among equals the shorter name, then the alphabetically first. A total order. */
export function compareSuggestions(a: Suggestion, b: Suggestion): number {
  if (a.score !== b.score) return b.score - a.score
  if (a.name.length !== b.name.length) return a.name.length - b.name.length
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

/** The best `capacity` of all suggestions that were offered, in a heap whose root is the worst of them. */
export class BestSuggestions {
  readonly #capacity: number
  readonly #heap: Suggestion[] = []

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Offers that score less than this cannot get in. */
  get threshold(): number {
    return this.#heap.length < this.#capacity ? 0 : (this.#heap[0]?.score ?? 0)
  }

  offer(suggestion: Suggestion): void {
    if (this.#heap.length < this.#capacity) {
      this.#heap.push(suggestion)
      this.#rise(this.#heap.length - 1)
    } else if (compareSuggestions(suggestion, this.#at(0)) < 0) {
      this.#heap[0] = suggestion
      this.#sink()
    }
  }

  /** Best first. */
  sorted(): Suggestion[] {
    return this.#heap.toSorted(compareSuggestions)
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
    return compareSuggestions(this.#at(a), this.#at(b)) > 0
  }

  #swap(a: number, b: number): void {
    const held = this.#at(a)
    this.#heap[a] = this.#at(b)
    this.#heap[b] = held
  }

  #at(index: number): Suggestion {
    return this.#heap[index] as Suggestion
  }
}

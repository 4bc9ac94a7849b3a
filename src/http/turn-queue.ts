/** Begins at most so much work in each turn of the event loop, in the order it comes; the rest waits for the next turns. */
export class TurnQueue {
  readonly #perTurn: number
  readonly #nextTurn: (callback: () => void) => void
  readonly #waiting: (() => void)[] = []
  #begun = 0
  #isScheduled = false

  /** @param nextTurn Calls back in a later turn, after the I/O that is ready by then was handled. */
  constructor(perTurn: number, nextTurn: (callback: () => void) => void = setImmediate) {
    this.#perTurn = perTurn
    this.#nextTurn = nextTurn
  }

  /** Begins the work now, or in a later turn. */
  add(work: () => void): void {
    if (this.#begun < this.#perTurn && this.#waiting.length === 0) {
      this.#begun++
      this.#schedule()
      work()
    } else this.#waiting.push(work)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#nextTurn(() => this.#turn())
  }

  #turn(): void {
    this.#isScheduled = false
    const next = this.#waiting.splice(0, this.#perTurn)
    this.#begun = next.length
    if (next.length > 0) this.#schedule()
    for (const work of next) work()
  }
}

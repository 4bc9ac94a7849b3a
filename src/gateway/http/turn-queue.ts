/** First-in, first-out queue that starts at most `perTurn` callbacks in each turn of the event loop. */
export class TurnQueue {
  readonly #perTurn: number
  readonly #nextTurn: (callback: () => void) => void
  readonly #waiting: (() => void)[] = []
  #begun = 0
  #isScheduled = false

  /**
   * @param nextTurn Calls back in a later turn of the event loop. The I/O events that are ready by then are handled before the callback.
   */
  constructor(perTurn: number, nextTurn: (callback: () => void) => void = setImmediate) {
    this.#perTurn = perTurn
    this.#nextTurn = nextTurn
  }

  /** Calls `work` immediately, or in a later turn of the event loop if this turn has already started `perTurn` callbacks. */
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

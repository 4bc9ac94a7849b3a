interface Piece {
  readonly work: () => void
  readonly weight: number
}

/** First-in, first-out queue that limits the weight of the work that it starts in one turn of the event loop. */
export class TurnQueue {
  readonly #perTurn: number
  readonly #nextTurn: (callback: () => void) => void
  readonly #waiting: Piece[] = []
  #begun = 0
  #isScheduled = false

  /**
   * @param perTurn Weight of the work that is started in one turn of the event loop.
   * @param nextTurn Calls back in a later turn of the event loop. The I/O events that are ready by then are handled before the callback.
   */
  constructor(perTurn: number, nextTurn: (callback: () => void) => void = setImmediate) {
    this.#perTurn = perTurn
    this.#nextTurn = nextTurn
  }

  /**
   * Calls `work` immediately, or in a later turn of the event loop if this turn has no room for it.
   * @param weight At most `perTurn`.
   * @param isFirst Whether the work comes before all other work that waits.
   */
  add(work: () => void, weight: number, isFirst = false): void {
    if ((isFirst || this.#waiting.length === 0) && this.#takeRoom(weight)) work()
    else if (isFirst) this.#waiting.unshift({ work, weight })
    else this.#waiting.push({ work, weight })
    this.#schedule()
  }

  #takeRoom(weight: number): boolean {
    if (this.#begun + weight > this.#perTurn) return false
    this.#begun += weight
    return true
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#nextTurn(() => this.#turn())
  }

  #turn(): void {
    this.#isScheduled = false
    this.#begun = 0
    let count = 0
    for (const { weight } of this.#waiting)
      if (this.#takeRoom(weight)) count++
      else break
    const next = this.#waiting.splice(0, count)
    if (next.length > 0) this.#schedule()
    let begun = 0
    try {
      for (const { work } of next) {
        begun++
        work()
      }
    } finally {
      // Work that throws does not take the work behind it along.
      this.#waiting.unshift(...next.slice(begun))
    }
  }
}

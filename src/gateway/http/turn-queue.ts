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
   */
  add(work: () => void, weight: number): void {
    if (this.#waiting.length > 0 || !this.#takeRoom(weight)) this.#waiting.push({ work, weight })
    else work()
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
    for (const { work } of next) work()
  }
}

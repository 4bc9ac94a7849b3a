export interface WritabilityOptions {
  readonly onReadOnly?: () => void
  readonly onWritable?: () => void
}

/**
 * Upper bound of the number of refused writes before the next reconnect. This number starts at 1 and doubles with each reconnect, so that
 * reconnects become rare. No read succeeds during a reconnect, although the replica could serve reads.
 */
const MAX_REFUSALS = 64

/**
 * Tracks whether Redis accepts writes. After some failovers the address stays the same, and the old connection leads to a replica. The
 * first refused write then requests a reconnect. If the new connection leads to a replica, too, the number of refused writes before the
 * next reconnect doubles.
 */
export class Writability {
  readonly #options: WritabilityOptions
  #refused = 0
  #next = 1
  #isWritable = true

  constructor(options: WritabilityOptions) {
    this.#options = options
  }

  get isWritable(): boolean {
    return this.#isWritable
  }

  /** Records that a replica refused a write. @returns whether to reconnect. */
  refused(): boolean {
    if (this.#isWritable) this.#options.onReadOnly?.()
    this.#isWritable = false
    if (++this.#refused < this.#next) return false
    this.#refused = 0
    this.#next = Math.min(2 * this.#next, MAX_REFUSALS)
    return true
  }

  succeeded(): void {
    if (this.#isWritable) return
    this.#isWritable = true
    this.#refused = 0
    this.#next = 1
    this.#options.onWritable?.()
  }
}

export interface WritabilityOptions {
  readonly onReadOnly?: () => void
  readonly onWritable?: () => void
}

/** Refused writes between two attempts at a new connection, at most: reads, which a replica answers, fail during each. */
const MAX_REFUSALS = 64

/**
 * Whether Redis takes writes. After a failover behind one address the old connection leads to a replica: the first refused write
 * calls for a new connection. While that one leads to a replica, too, the next attempts come after twice as many refused writes each.
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

  /** A write was refused. @returns whether to connect again. */
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

/** A write that was acknowledged. */
export interface Acknowledged {
  readonly value: number
  /** Time of the acknowledgement, as `performance.now()`. */
  readonly at: number
  /** Instance that acknowledged the write; undefined if the database was changed directly. */
  readonly by: unknown
  readonly token: string | undefined
}

const STALENESS_BOUND_MS = 1000

/** A value that a single writer increments, and the rules for the values that a reader may see. */
export class Counter {
  readonly name: string
  /** Value of the last write that was started. */
  begun = 0
  readonly #acknowledged: Acknowledged[] = []

  constructor(name: string) {
    this.name = name
  }

  get newest(): Acknowledged | undefined {
    return this.#acknowledged.at(-1)
  }

  begin(): number {
    return ++this.begun
  }

  acknowledge(write: Acknowledged): void {
    this.#acknowledged.push(write)
  }

  /**
   * Returns the smallest value that a read through `via` may return if the read is sent now, with the consistency token
   * of the write that set the value to `sent`. If `sent` is 0, the read has no token.
   */
  least(now: number, via: unknown, sent: number): number {
    const own = this.#acknowledged.findLast(({ by }) => by === via)?.value ?? 0
    const bound = this.#acknowledged.findLast(({ at }) => at < now - STALENESS_BOUND_MS)?.value ?? 0
    return Math.max(own, bound, sent)
  }
}

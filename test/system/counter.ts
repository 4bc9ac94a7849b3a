/** A write that was acknowledged. */
export interface Acknowledged {
  readonly value: number
  /** `performance.now()` */
  readonly at: number
  /** Who acknowledged it; undefined for the database itself. */
  readonly by: unknown
  readonly token: string | undefined
}

const STALENESS_BOUND_MS = 1000

/** A value that one writer raises by one at a time, and what of it a reader must see. */
export class Counter {
  readonly name: string
  /** The value of the last write that was begun. */
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

  /** The least value that a read may give that is sent now, through `via`, with the token of a write of `sent`; 0 for no token. */
  least(now: number, via: unknown, sent: number): number {
    const own = this.#acknowledged.findLast(({ by }) => by === via)?.value ?? 0
    const bound = this.#acknowledged.findLast(({ at }) => at < now - STALENESS_BOUND_MS)?.value ?? 0
    return Math.max(own, bound, sent)
  }
}

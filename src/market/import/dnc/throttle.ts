export interface ThrottleOptions {
  /** Share of the time in which work may run, above 0 and at most 1. */
  readonly share: number
  /** Returns the time of a clock that never goes back, ms. */
  readonly monotonic: () => number
  readonly pause: (ms: number) => Promise<unknown>
}

/**
 * Pauses after each piece of work, the longer the longer it took. So work in the background takes less of a database that is busy, and those
 * who wait for it get their turn.
 */
export class Throttle {
  readonly #options: ThrottleOptions

  constructor(options: ThrottleOptions) {
    if (!(options.share > 0 && options.share <= 1)) throw new RangeError(`Expected a share above 0 and at most 1, got ${options.share}.`)
    this.#options = options
  }

  /** Does the work, then pauses. An error of the work is thrown at once. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const { share, monotonic, pause } = this.#options
    const startedAt = monotonic()
    const result = await work()
    if (share < 1) await pause((monotonic() - startedAt) * (1 / share - 1))
    return result
  }
}

import type { Env } from '../model/env.ts'

/**
 * Estimates the clock of the log's database, so that all instances agree on what has expired, even if their own clocks differ. Between two
 * responses of the database the estimate follows the monotonic clock, so that jumps of the wall clock have no effect. (After Cristian:
 * Probabilistic clock synchronization, 1989.)
 */
export class LogTime {
  readonly #env: Env
  /**
   * Estimated time of the database (Unix epoch) minus the instance's monotonic clock, ms; undefined until the database has sent its time.
   */
  #aheadMs: number | undefined

  constructor(env: Env) {
    this.#env = env
  }

  /**
   * Returns the estimated time of the database's clock when the instance's monotonic clock shows `monotonic`, Unix epoch ms. As long as the
   * database has sent no time, returns the wall clock of the instance.
   */
  at(monotonic: number): number {
    return this.#aheadMs === undefined ? this.#env.now() : monotonic + this.#aheadMs
  }

  /**
   * Records that the database's clock showed `now` at some moment between the sending of the query (`sentMonotonic`, ms) and the present.
   * This gives a lower and an upper bound for the difference between the database's clock and the monotonic clock. The estimate changes
   * only if it is outside these bounds, because a slow response gives only wide bounds.
   */
  heard(now: number, sentMonotonic: number): void {
    const least = now - this.#env.monotonic()
    const most = now - sentMonotonic
    this.#aheadMs = Math.min(Math.max(this.#aheadMs ?? least, least), most)
  }
}

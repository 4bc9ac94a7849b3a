import type { Env } from './env.ts'

/**
 * What time the database of the log has, as far as one instance knows. Instances whose own clocks differ agree by it on what has
 * ended. Between two answers of the database it goes on with the clock that never goes back, so a wall clock that jumps is not
 * noticed. (After Cristian: Probabilistic clock synchronization, 1989.)
 */
export class LogTime {
  readonly #env: Env
  /** What has to be added to the monotonic clock, ms; undefined until the database has said what time it is. */
  #aheadMs: number | undefined

  constructor(env: Env) {
    this.#env = env
  }

  /** Unix epoch ms at a moment of the monotonic clock; by the instance's own wall clock where the log has none. */
  at(monotonic: number): number {
    return this.#aheadMs === undefined ? this.#env.now() : monotonic + this.#aheadMs
  }

  /**
   * The database said `now` between `sentMonotonic` and this moment. What is known changes only where this contradicts it: an answer
   * that took long tells little.
   */
  heard(now: number, sentMonotonic: number): void {
    const least = now - this.#env.monotonic()
    const most = now - sentMonotonic
    this.#aheadMs = Math.min(Math.max(this.#aheadMs ?? least, least), most)
  }
}

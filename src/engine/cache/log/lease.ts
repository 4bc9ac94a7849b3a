import type { Env } from '../model/env.ts'

/** One moment, by the monotonic clock and by the wall clock of an instance, ms. */
export interface Moment {
  readonly monotonic: number
  /** Wall clock, Unix epoch ms. */
  readonly wall: number
}

/**
 * Lease of an instance. An instance may serve its cached copies as long as its last complete read of the invalidation log is younger than
 * the staleness bound.
 */
export class Lease {
  readonly #env: Env
  readonly #boundMs: number
  #readMonotonic = Number.NEGATIVE_INFINITY
  #readWall = Number.NEGATIVE_INFINITY
  /** Number of syncs that were started. The syncs with numbers up to `#distrusted` may have missed a write of this instance. */
  #started = 0
  #succeeded = 0
  #distrusted = 0

  constructor(env: Env, boundMs: number) {
    this.#env = env
    this.#boundMs = boundMs
  }

  get lagMs(): number {
    return this.#lagMs(this.#env.monotonic(), this.#env.now())
  }

  get isHeld(): boolean {
    return this.lagMs <= this.#boundMs
  }

  /** Whether this instance may have committed a write whose tags no sync of the log has read. */
  get missesOwnWrites(): boolean {
    return this.#succeeded <= this.#distrusted
  }

  isHeldAt(monotonic: number, wall: number): boolean {
    return this.#lagMs(monotonic, wall) <= this.#boundMs
  }

  distrust(): void {
    this.#distrusted = this.#started
  }

  now(): Moment {
    return { monotonic: this.#env.monotonic(), wall: this.#env.now() }
  }

  /** Records the start of a sync. Returns its number, for {@link succeed}. */
  begin(): number {
    return ++this.#started
  }

  /** Renews the lease, after a query has read the log to its end. The moment is the time when that query was sent. */
  renew({ monotonic, wall }: Moment): void {
    this.#readMonotonic = monotonic
    this.#readWall = wall
  }

  succeed(sync: number): void {
    this.#succeeded = sync
  }

  /**
   * Returns the time since the log was last read, ms. The time is measured with both clocks, and the longer time counts, because the
   * monotonic clock may stop while a machine sleeps. Infinity if the syncs may have missed a write of this instance.
   */
  #lagMs(monotonic: number, wall: number): number {
    return this.missesOwnWrites ? Number.POSITIVE_INFINITY : Math.max(monotonic - this.#readMonotonic, wall - this.#readWall)
  }
}

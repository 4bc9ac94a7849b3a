import type { Env } from './env.ts'

/** One moment by both clocks of an instance, ms. */
export interface Moment {
  readonly monotonic: number
  /** Unix epoch ms. */
  readonly wall: number
}

/** How long ago an instance read the log to its end, which is how far behind its copies may be. */
export class Lease {
  readonly #env: Env
  readonly #boundMs: number
  #readMonotonic = Number.NEGATIVE_INFINITY
  #readWall = Number.NEGATIVE_INFINITY
  /** Syncs are counted as they start: those up to `#distrusted` may have missed a write of this instance. */
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

  /** Whether a write of this instance may have been committed that no sync has seen. */
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

  /** A sync starts. Gives its number, for {@link succeed}. */
  begin(): number {
    return ++this.#started
  }

  /** The end of the log was read by a question that was sent at this moment. */
  renew({ monotonic, wall }: Moment): void {
    this.#readMonotonic = monotonic
    this.#readWall = wall
  }

  succeed(sync: number): void {
    this.#succeeded = sync
  }

  /** The larger of two clocks' words, because one stands still while a machine sleeps. */
  #lagMs(monotonic: number, wall: number): number {
    return this.missesOwnWrites ? Number.POSITIVE_INFINITY : Math.max(monotonic - this.#readMonotonic, wall - this.#readWall)
  }
}

import { FrequencySketch, hashText } from '../../engine/cache/memory/frequency-sketch.ts'

/** Number of recent requests that makes a subject popular. */
const POPULAR_FROM = 8
/** Interval at which all counts are halved, ms. So older requests weigh less. */
const HALVED_AFTER_MS = 60 * 60 * 1000
/** Number of halvings that reduce every count to zero. The maximum count is 15. */
const HALVINGS_TO_ZERO = 4
/**
 * Number of subjects for which the sketch has room. The sketch takes 128 KiB. If more than 16 × 8192 requests come within an hour, all
 * counts are halved earlier. So the many subjects that are requested only once cannot fill the counters, which several subjects share.
 */
const SUBJECTS = 8192

/** Counts the requests for each subject, such as a search query. The values of a popular subject may be cached for longer. */
export interface PopularityCounts {
  /** Counts one request for the subject. */
  count(subject: string): void
  /** Returns whether the subject was requested often recently. */
  isPopular(subject: string): boolean
}

export interface PopularityOptions {
  /** Monotonic clock, ms. */
  readonly monotonic: () => number
  /** Seed of the hash, 32 bits. It must be secret. Otherwise a client could construct subjects whose hashes collide. */
  readonly seed: number
}

/**
 * Counts the requests for each subject, such as a search query of a tenant. Each process has its own counts, which take constant memory. If
 * the hashes of two subjects collide, a rare subject may be taken for a popular one. A popular subject is never taken for a rare one
 * because of a collision.
 */
export class Popularity implements PopularityCounts {
  readonly #options: PopularityOptions
  readonly #sketch = new FrequencySketch()
  #halvedAt: number

  constructor(options: PopularityOptions) {
    this.#options = options
    this.#halvedAt = options.monotonic()
    this.#sketch.scaleTo(SUBJECTS)
  }

  count(subject: string): void {
    this.#age()
    this.#sketch.add(hashText(subject, this.#options.seed))
  }

  isPopular(subject: string): boolean {
    this.#age()
    return this.#sketch.estimate(hashText(subject, this.#options.seed)) >= POPULAR_FROM
  }

  #age(): void {
    const hours = Math.floor((this.#options.monotonic() - this.#halvedAt) / HALVED_AFTER_MS)
    if (hours === 0) return
    this.#halvedAt += hours * HALVED_AFTER_MS
    for (let halved = 0; halved < Math.min(hours, HALVINGS_TO_ZERO); halved++) this.#sketch.halve()
  }
}

import type { Env } from '../model/env.ts'

/** Number of samples between two adaptations of the interval. The interval is the average number of events per sample. */
const SAMPLES_PER_CHECK = 256
/** Minimum time for `SAMPLES_PER_CHECK` samples, ms. If they take less time, the interval is doubled. */
const MIN_CHECK_MS = 1000
/** Maximum time for `SAMPLES_PER_CHECK` samples, ms. If they take more time, the interval is halved. */
const MAX_CHECK_MS = 4000
const MAX_INTERVAL = 4096

/**
 * Samples events at random. Rare events are all sampled. Of frequent events, about 64 to 256 per second are sampled. An event that is not
 * sampled costs only one decrement of a counter.
 */
export class Sampler {
  readonly #env: Pick<Env, 'monotonic' | 'random'>
  #countdown = 1
  #interval = 1
  #samples = 0
  #checkedAt: number

  constructor(env: Pick<Env, 'monotonic' | 'random'>) {
    this.#env = env
    this.#checkedAt = env.monotonic()
  }

  /** Called for each event. Returns the number of events that a sampled event represents; 0 if the event is not sampled. */
  weight(): number {
    if (--this.#countdown > 0) return 0
    return this.#choose()
  }

  #choose(): number {
    const weight = this.#interval
    if (++this.#samples >= SAMPLES_PER_CHECK) {
      const now = this.#env.monotonic()
      const tookMs = now - this.#checkedAt
      if (tookMs < MIN_CHECK_MS) this.#interval = Math.min(MAX_INTERVAL, this.#interval * 2)
      else if (tookMs > MAX_CHECK_MS) this.#interval = Math.max(1, this.#interval / 2)
      this.#checkedAt = now
      this.#samples = 0
    }
    // The distance to the next sample is random, and its mean is the interval. With a fixed distance, a repeating pattern of keys could
    // always be sampled at the same key.
    this.#countdown = this.#interval === 1 ? 1 : 1 + Math.floor(this.#env.random() * (2 * this.#interval - 1))
    return weight
  }
}

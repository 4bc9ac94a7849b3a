import type { Env } from '../../engine/cache/model/env.ts'

export interface PaceOptions {
  readonly env: Pick<Env, 'monotonic' | 'setTimer'>
  /** Maximum number of operations started per second. */
  readonly maxPerSecond: number
}

/** Interval at which the rate of warming is adapted, ms. */
const WINDOW_MS = 500
/**
 * Minimum number of loads in a window (an interval of WINDOW_MS). With fewer loads, the window does not count as slow. If one policy has
 * fewer loads in the window, the usual latency of this policy stays the same.
 */
const MIN_LOADS = 10
const MAX_LOADS_PER_WINDOW = 4096
/** Rate at the start of a warm-up, as a share of `maxPerSecond`. */
const FIRST_SHARE = 0.25
/** Growth of the rate in each window without slow loads, as a share of `maxPerSecond`. */
const STEP = 0.1
/** Share of the processor time of the event loop that warming may take. */
const PROCESSOR_SHARE = 0.2
/** Maximum time by which one operation delays the next ones, ms. */
const MAX_DELAY_MS = 2000
const MIN_PER_SECOND = 1
/**
 * Maximum growth of a policy's usual latency in each window, as a factor. If the database becomes twice as slow and stays so, the usual
 * latency catches up in about half a minute.
 */
const DRIFT = 1.01
/** Lower bound of a policy's usual latency, ms. Variations below a few milliseconds tell nothing about the load of the database. */
const MIN_USUAL_MS = 2

interface Observed {
  readonly policy: string
  readonly durationMs: number
}

/**
 * Limits the rate of warming, so that warming does not slow down the database (AIMD: additive increase, multiplicative decrease). The rate
 * is adapted after each window of half a second. If the loads from the database were slow in the window, the rate is halved. Otherwise it
 * grows by a tenth of `maxPerSecond`.
 *
 * The latency of each load is divided by the usual latency of its policy. The loads of a window are slow if the 95th percentile of these
 * ratios is at least 2. Latencies of different policies cannot be compared directly, because warming changes how often each policy is
 * loaded.
 *
 * Warming also takes at most about a fifth of the processor time of the event loop.
 */
export class Pace {
  readonly #options: PaceOptions
  /** Usual 95th percentile of the duration of loads, ms, by policy. */
  readonly #usual = new Map<string, number>()
  #window: Observed[] = []
  #windowEndsAt: number
  #perSecond: number
  #nextAt = Number.NEGATIVE_INFINITY

  constructor(options: PaceOptions) {
    this.#options = options
    this.#perSecond = this.#firstRate()
    this.#windowEndsAt = options.env.monotonic() + WINDOW_MS
  }

  /** Current limit: operations started per second. */
  get perSecond(): number {
    return this.#perSecond
  }

  /** Records the duration of a load from the database. Called for the loads of requests and for those of warming. */
  observe(policy: string, durationMs: number): void {
    this.#endWindow()
    if (this.#window.length < MAX_LOADS_PER_WINDOW) this.#window.push({ policy, durationMs })
  }

  /** Starts again with a low rate. What is known about the usual latency is kept. */
  begin(): void {
    this.#perSecond = this.#firstRate()
  }

  /** Resolves when the next operation may start. */
  async turn(): Promise<void> {
    this.#endWindow()
    const { env } = this.#options
    const now = env.monotonic()
    const startsAt = Math.max(now, this.#nextAt)
    this.#nextAt = startsAt + 1000 / this.#perSecond
    // Timers have a resolution of a millisecond.
    if (startsAt - now >= 1) await new Promise<void>((resolve) => void env.setTimer(resolve, startsAt - now))
  }

  /**
   * Delays the next operations. Called after each operation.
   * @param processorMs Processor time of the process during the operation, ms. It includes the processor time of concurrent requests. So
   * warming is slower while there are many requests.
   */
  charge(processorMs: number): void {
    const pauseMs = processorMs / PROCESSOR_SHARE - 1000 / this.#perSecond
    if (pauseMs > 0) this.#nextAt = Math.max(this.#nextAt, this.#options.env.monotonic()) + Math.min(MAX_DELAY_MS, pauseMs)
  }

  #firstRate(): number {
    return Math.max(MIN_PER_SECOND, this.#options.maxPerSecond * FIRST_SHARE)
  }

  #endWindow(): void {
    const now = this.#options.env.monotonic()
    if (now < this.#windowEndsAt) return
    this.#windowEndsAt = now + WINDOW_MS
    const { maxPerSecond } = this.#options
    if (this.#isSlow()) this.#perSecond = Math.max(MIN_PER_SECOND, this.#perSecond / 2)
    else this.#perSecond = Math.min(Math.max(MIN_PER_SECOND, maxPerSecond), this.#perSecond + maxPerSecond * STEP)
    this.#learn()
    this.#window = []
  }

  /**
   * Returns whether the loads of the window are slow. Each latency is divided by the usual latency of the policy. The loads are slow if the
   * 95th percentile of these ratios is at least 2.
   */
  #isSlow(): boolean {
    const ratios = this.#window.flatMap(({ policy, durationMs }) => {
      const usual = this.#usual.get(policy)
      return usual === undefined ? [] : [durationMs / usual]
    })
    return ratios.length >= MIN_LOADS && percentile95(ratios) >= 2
  }

  #learn(): void {
    const durations = Map.groupBy(this.#window, ({ policy }) => policy)
    for (const [policy, loads] of durations) {
      if (loads.length < MIN_LOADS) continue
      const current = percentile95(loads.map(({ durationMs }) => durationMs))
      const usual = this.#usual.get(policy) ?? Number.POSITIVE_INFINITY
      this.#usual.set(policy, Math.max(MIN_USUAL_MS, Math.min(usual * DRIFT, current)))
    }
  }
}

function percentile95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
}

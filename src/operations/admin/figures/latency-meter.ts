const MIN_MS = 0.01
/** Growth from one bucket to the next. A percentile is wrong by at most this factor. */
const GROWTH = 1.15
const BUCKETS = 128

/** Durations of answers since the start of the process, in buckets, so that counting takes a few nanoseconds. */
export class LatencyMeter {
  readonly #counts = new Float64Array(BUCKETS)
  #total = 0

  observe(ms: number): void {
    const bucket = ms <= MIN_MS ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(ms / MIN_MS) / Math.log(GROWTH)))
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#total++
  }

  /** Returns the duration that this share of the answers did not exceed, ms; null without answers. */
  percentile(share: number): number | null {
    if (this.#total === 0) return null
    let left = Math.ceil(share * this.#total)
    const bucket = this.#counts.findIndex((count) => {
      left -= count
      return left <= 0
    })
    return Math.round(MIN_MS * GROWTH ** bucket * 1000) / 1000
  }
}

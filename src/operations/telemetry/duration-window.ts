import { RANGES, rangeOf, UP_TO_MS } from './duration-ranges.ts'

/** Durations of a time range. They are counted in ranges, so a percentile is rounded up by at most a half. */
export interface Percentiles {
  readonly count: number
  /** Half of the durations were at most this long, ms; null without durations. */
  readonly p50Ms: number | null
  /** 99 % of the durations were at most this long, ms; null without durations. */
  readonly p99Ms: number | null
}

/** Durations of the last slots of time. It takes the same memory for any number of durations. */
export class DurationWindow {
  readonly #slotMs: number
  readonly #slots: number
  /** Number of the slot of time that each part of `#counts` is about. */
  readonly #numbers: Float64Array
  readonly #counts: Uint32Array

  /** @param slotMs Length of a slot, ms. @param slots Number of slots that are kept, with the one that is running. */
  constructor(slotMs: number, slots: number) {
    this.#slotMs = slotMs
    this.#slots = slots
    this.#numbers = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY)
    this.#counts = new Uint32Array(slots * RANGES)
  }

  /** Counts a duration. @param now Current time of a monotonic clock, ms. */
  observe(ms: number, now: number): void {
    const number = Math.floor(now / this.#slotMs)
    const slot = number % this.#slots
    if (this.#numbers[slot] !== number) {
      this.#numbers[slot] = number
      this.#counts.fill(0, slot * RANGES, (slot + 1) * RANGES)
    }
    const at = slot * RANGES + rangeOf(ms)
    this.#counts[at] = (this.#counts[at] as number) + 1
  }

  /** Returns the percentiles. @param skipped Number of the newest slots that are left out. */
  percentiles(now: number, skipped = 0): Percentiles {
    const newest = Math.floor(now / this.#slotMs)
    const sums = new Float64Array(RANGES)
    for (const [slot, number] of this.#numbers.entries()) {
      if (number > newest - skipped || number <= newest - this.#slots) continue
      for (let range = 0; range < RANGES; range++) sums[range] = (sums[range] as number) + (this.#counts[slot * RANGES + range] as number)
    }
    const count = sums.reduce((sum, one) => sum + one, 0)
    return { count, p50Ms: reached(sums, 0.5 * count), p99Ms: reached(sums, 0.99 * count) }
  }
}

/** Returns the end of the range in which the sum of the counts reaches a number; null if nothing was counted. */
function reached(counts: Float64Array, number: number): number | null {
  let sum = 0
  for (const [range, count] of counts.entries()) {
    sum += count
    if (sum > 0 && sum >= number) return UP_TO_MS[range] ?? null
  }
  return null
}

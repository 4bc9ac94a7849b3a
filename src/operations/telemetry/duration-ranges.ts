const MIN_MS = 0.05
/** Growth from one range to the next: a duration is rounded up by at most a half. */
const GROWTH = 1.5

/** Number of ranges in which durations are counted. The last one ends at about four minutes, and contains longer durations, too. */
export const RANGES = 38

/** Ends of the ranges, ms. */
export const UP_TO_MS: readonly number[] = Array.from({ length: RANGES }, (_, index) => Number((MIN_MS * GROWTH ** index).toPrecision(4)))

/** Returns the range of a duration, from 0. */
export function rangeOf(ms: number): number {
  return ms <= MIN_MS ? 0 : Math.min(RANGES - 1, Math.ceil(Math.log(ms / MIN_MS) / Math.log(GROWTH)))
}

import { WeightedChoice } from './distributions.ts'
import { hourOfWeek } from './figures.ts'
import type { Random } from './random.ts'

const HOUR_MS = 3_600_000
const HOURS = 30 * 24

/**
 * Draws `count` times in the 720 full hours before `until` (Unix epoch ms), in ascending order. Each hour is drawn in proportion to its
 * share of a week's traffic ({@link hourOfWeek}). Hours are in UTC.
 */
export function draftTimes(count: number, until: number, random: Random): Float64Array {
  const end = Math.floor(until / HOUR_MS) * HOUR_MS
  const hours = Array.from({ length: HOURS }, (_, index) => end - (HOURS - index) * HOUR_MS)
  const choice = new WeightedChoice(hours.map(weightOf))
  return Float64Array.from({ length: count }, () => (hours[choice.draw(random)] as number) + Math.floor(random.next() * HOUR_MS)).sort()
}

/**
 * Returns the share of an hour in the traffic of a week. The data source of {@link hourOfWeek} numbers the weekdays from 1 and does not say
 * which weekday is 1. This function takes 1 as Monday.
 */
function weightOf(time: number): number {
  const date = new Date(time)
  return hourOfWeek[(date.getUTCDay() + 6) % 7]?.[date.getUTCHours()] ?? 0
}

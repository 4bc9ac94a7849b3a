import { WeightedChoice } from './distributions.ts'
import { hourOfWeek } from './figures.ts'
import type { Random } from './random.ts'

const HOUR_MS = 3_600_000
const HOURS = 30 * 24

/**
 * `count` moments in the 720 full hours before `until` (Unix epoch ms), ascending, as many in each as its hour of the
 * week has in the source. Hours are UTC.
 */
export function draftTimes(count: number, until: number, random: Random): Float64Array {
  const end = Math.floor(until / HOUR_MS) * HOUR_MS
  const hours = Array.from({ length: HOURS }, (_, index) => end - (HOURS - index) * HOUR_MS)
  const choice = new WeightedChoice(hours.map(weightOf))
  return Float64Array.from({ length: count }, () => (hours[choice.draw(random)] as number) + Math.floor(random.next() * HOUR_MS)).sort()
}

/** The source counts weekdays from 1; they are taken for Monday to Sunday. */
function weightOf(time: number): number {
  const date = new Date(time)
  return hourOfWeek[(date.getUTCDay() + 6) % 7]?.[date.getUTCHours()] ?? 0
}

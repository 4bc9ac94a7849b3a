/** One day or one month (UTC). The lists of rows with a time in it have a separate tag (see `times` in Entity). */
export interface TimeTagValue {
  readonly unit: 'day' | 'month'
  /** The day or month, such as `2026-03-01` or `2026-03`. */
  readonly value: string
}

const DAY_MS = 24 * 60 * 60 * 1000
/**
 * Maximum number of days in a range that gets one tag for each day. A longer range gets one tag for each month, with one exception: the
 * current month gets one tag for each of its days in the range.
 */
const MAX_DAYS = 31
const OPEN_DAYS = 2
/** Maximum length of a range, ms. No field accepts a longer range. */
const MAX_RANGE_MS = 500 * DAY_MS

/**
 * Returns the days and months whose tags together cover the range [from, to) of times. Without `to`, the range includes today and tomorrow,
 * because the load may begin a moment after midnight.
 * @param onlyPast Whether a range must have ended before today.
 * @returns undefined if `from` or `to` is not a time, if the range is empty or too long, or if `onlyPast` excludes it.
 */
export function timeTagValues(from: unknown, to: unknown, now: number, onlyPast: boolean): readonly TimeTagValue[] | undefined {
  const start = parse(from)
  const today = Math.floor(now / DAY_MS) * DAY_MS
  const end = to === undefined ? today + OPEN_DAYS * DAY_MS : parse(to)
  if (start === undefined || end === undefined || (onlyPast && end > today)) return undefined
  const last = end - 1
  if (start > last || last - start > MAX_RANGE_MS) return undefined
  const first = Math.floor(start / DAY_MS) * DAY_MS
  const days: number[] = []
  for (let day = first; day <= last; day += DAY_MS) days.push(day)
  if (days.length <= MAX_DAYS) return days.map((day) => ({ unit: 'day', value: dayOf(day) }))
  const currentMonth = monthOf(now)
  const months = new Set(days.map(monthOf).filter((month) => month !== currentMonth))
  return [
    ...[...months].map((value) => ({ unit: 'month', value }) as const),
    ...days.filter((day) => monthOf(day) === currentMonth).map((day) => ({ unit: 'day', value: dayOf(day) }) as const),
  ]
}

function parse(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7)
}

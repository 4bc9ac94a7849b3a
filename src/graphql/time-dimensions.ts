/** One day or one month (UTC) as a time dimension's columns spell it. */
export interface TimeTagValue {
  readonly unit: 'day' | 'month'
  /** `2026-03-01` or `2026-03`. */
  readonly value: string
}

const DAY_MS = 24 * 60 * 60 * 1000
/** Longer ranges are covered by months, except for the current month, whose days are told apart. */
const MAX_DAYS = 31
const OPEN_DAYS = 2
/** No field takes a longer range. */
const MAX_RANGE_MS = 500 * DAY_MS

/**
 * The days and months that cover [from, to). Without `to` they go on until tomorrow, because the load may begin a moment after
 * midnight.
 * @param onlyPast Whether a range counts only if it ended before today.
 * @returns undefined where the range does not count, or is none.
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

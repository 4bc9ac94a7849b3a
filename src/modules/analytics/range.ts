import { GatewayError } from '../../errors.ts'
import { Expiring } from '../module.ts'

export const HOUR_MS = 60 * 60 * 1000
export const DAY_MS = 24 * HOUR_MS
const LONGEST_DAYS = 400

/** Figures of a range that has not ended before today are loaded anew after so long at the latest; older ones live as the schema says. */
const RECENT_LIFE_MS = HOUR_MS

/** Whole hours or days in UTC, [from, to), Unix epoch ms. */
export interface TimeRange {
  readonly from: number
  readonly to: number
  /** When an answer about the range changes by itself or grows too old, Unix epoch ms; null for a range that is history. */
  readonly until: number | null
}

export type Period = 'TODAY' | 'WEEK' | 'MONTH'

/**
 * The whole `stepMs` (an hour or a day) that touch [from, to). Without `to`, or with one that lies ahead, the range ends with the
 * current step: the answer is another one when the next begins.
 * @throws GatewayError BAD_USER_INPUT when nothing is left, or more than 400 days.
 */
export function timeRange(
  args: { readonly from: string; readonly to?: string | null | undefined },
  stepMs: number,
  now: number,
): TimeRange {
  const from = Math.floor(parse(args.from, 'from') / stepMs) * stepMs
  const end = (Math.floor(now / stepMs) + 1) * stepMs
  const wanted = args.to == null ? Number.POSITIVE_INFINITY : Math.ceil(parse(args.to, 'to') / stepMs) * stepMs
  const to = Math.min(wanted, end)
  if (from >= to) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      `from must lie before to and not in the future, got from ${iso(from)}${args.to == null ? '' : ` and to ${args.to}`} at ${iso(now)}.`,
    )
  }
  if (to - from > LONGEST_DAYS * DAY_MS) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      `from and to may lie at most ${LONGEST_DAYS} days apart, got ${Math.ceil((to - from) / DAY_MS)}: ask for shorter ranges one after the other.`,
    )
  }
  if (wanted > end) return { from, to, until: Math.min(end, now + RECENT_LIFE_MS) }
  return { from, to, until: recentUntil(to, now) }
}

/** When figures of a range that ends at `to` are loaded anew at the latest; null for a range that ended before today. */
export function recentUntil(to: number, now: number): number | null {
  return to > startOfDay(now) ? now + RECENT_LIFE_MS : null
}

/**
 * The period that `now` lies in, up to the end of the current hour, and as many hours from the start of the one before it, in UTC; weeks
 * begin on Monday. A month that was shorter ends where it ended. Both change with the next hour.
 */
export function periodRanges(period: Period, now: number): { readonly current: TimeRange; readonly previous: TimeRange } {
  const [before, start] = periodStarts(period, startOfDay(now))
  const end = (Math.floor(now / HOUR_MS) + 1) * HOUR_MS
  return {
    current: { from: start, to: end, until: end },
    previous: { from: before, to: Math.min(before + (end - start), start), until: end },
  }
}

/** The value, for as long as it is true of the range. */
export function whileTrue<Value>(value: Value, range: TimeRange): Value | Expiring<Value> {
  return range.until === null ? value : new Expiring(value, range.until)
}

export function iso(time: number): string {
  return new Date(time).toISOString()
}

/** Of the period before, and of the one that today lies in. */
function periodStarts(period: Period, today: number): readonly [number, number] {
  if (period === 'TODAY') return [today - DAY_MS, today]
  const date = new Date(today)
  if (period === 'WEEK') {
    const monday = today - ((date.getUTCDay() + 6) % 7) * DAY_MS
    return [monday - 7 * DAY_MS, monday]
  }
  const month = (offset: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1)
  return [month(-1), month(0)]
}

function startOfDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS
}

function parse(value: string, name: string): number {
  const time = Date.parse(value)
  if (Number.isNaN(time))
    throw new GatewayError('BAD_USER_INPUT', `${name} must be a time such as 2026-01-31T00:00:00Z, got ${JSON.stringify(value)}.`)
  return time
}

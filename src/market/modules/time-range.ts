import { GatewayError } from '../../errors.ts'
import { Expiring } from '../../gateway/contract/module.ts'
import { dateAt, startOfDate } from '../rules/routing/period.ts'
import type { TimeZones } from '../rules/time-zones.ts'
import type { AnalyticsRevenueByBuyerArgs, DashboardPeriod } from './schema-types.generated.ts'

export const HOUR_MS = 60 * 60 * 1000
export const DAY_MS = 24 * HOUR_MS
const MAX_DAYS = 400

/** Maximum age, ms, of cached figures whose range ends today or later. Figures of earlier ranges use the TTLs that the schema declares. */
const RECENT_LIFE_MS = HOUR_MS

/** Time range of whole hours or days in UTC. `from` is included and `to` is excluded; both are Unix epoch ms. */
export interface TimeRange {
  readonly from: number
  readonly to: number
  /**
   * Time at which cached figures of this range must be reloaded, because they change without a write or become too old; Unix epoch ms. Null
   * for a range in the past.
   */
  readonly until: number | null
}

/**
 * Returns the range of all whole steps of `stepMs` (an hour or a day) that overlap [from, to). If `to` is missing or in the future, the
 * range ends with the current step, and the figures change when the next step begins.
 * @throws GatewayError BAD_USER_INPUT for an empty range, or one of more than 400 days.
 */
export function timeRange(args: Pick<AnalyticsRevenueByBuyerArgs, 'from' | 'to'>, stepMs: number, now: number): TimeRange {
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
  if (to - from > MAX_DAYS * DAY_MS) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      `from and to may lie at most ${MAX_DAYS} days apart, got ${Math.ceil((to - from) / DAY_MS)}: ask for shorter ranges one after the other.`,
    )
  }
  if (wanted > end) return { from, to, until: Math.min(end, now + RECENT_LIFE_MS) }
  return { from, to, until: recentUntil(to, now) }
}

/**
 * Returns the time, Unix epoch ms, at which figures of a range that ends at `to` must be reloaded at the latest; null for a range that
 * ended before today.
 */
export function recentUntil(to: number, now: number): number | null {
  return to > startOfDay(now) ? now + RECENT_LIFE_MS : null
}

/**
 * Returns two ranges, whose days are those of a time zone. Weeks begin on Monday. The current range is the period that contains `now`, up to the end of the current hour.
 * The previous range is the beginning of the period before, with the same number of hours. If the period before has fewer hours (a short
 * month), the previous range is this whole period. Both ranges change when the next hour begins.
 * @throws GatewayError BAD_USER_INPUT if a day that begins one of the periods does not begin with an hour of UTC.
 */
export function periodRanges(
  zones: TimeZones,
  zone: string,
  period: DashboardPeriod,
  now: number,
): { readonly current: TimeRange; readonly previous: TimeRange } {
  const [before, start] = periodDates(period, dateAt(zones, zone, now)).map((date) => startOfDate(zones, zone, date)) as [number, number]
  requireWholeHours(zone, [before, start])
  const end = (Math.floor(now / HOUR_MS) + 1) * HOUR_MS
  return {
    current: { from: start, to: end, until: end },
    previous: { from: before, to: Math.min(before + (end - start), start), until: end },
  }
}

/** Marks a value to expire at the range's `until`. If `until` is null, returns the value unchanged. */
export function whileTrue<Value>(value: Value, range: TimeRange): Value | Expiring<Value> {
  return range.until === null ? value : new Expiring(value, range.until)
}

export function iso(time: number): string {
  return new Date(time).toISOString()
}

/**
 * Refuses days that begin within an hour of UTC. The figures are stored for each hour of UTC, so such an hour would belong to two days.
 * @param starts Starts of days in the zone, Unix epoch ms.
 * @throws GatewayError BAD_USER_INPUT
 */
export function requireWholeHours(zone: string, starts: readonly number[]): void {
  const wrong = starts.find((start) => start % HOUR_MS !== 0)
  if (wrong === undefined) return
  throw new GatewayError(
    'BAD_USER_INPUT',
    `timeZone must be a zone whose days begin at a whole hour of UTC, because figures are stored by hours of UTC, but in ${zone} a day begins at ${iso(wrong)}: use a zone that differs from UTC by whole hours, or callsByHour.`,
  )
}

/** Returns the first dates of the previous period and of the period that contains today. Dates are days since 1970-01-01. */
function periodDates(period: DashboardPeriod, today: number): readonly [number, number] {
  if (period === 'TODAY') return [today - 1, today]
  const date = new Date(today * DAY_MS)
  if (period === 'WEEK') {
    const monday = today - ((date.getUTCDay() + 6) % 7)
    return [monday - 7, monday]
  }
  const month = (offset: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1) / DAY_MS
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

import type { OffsetSpan, TimeZones } from '../time-zones.ts'
import type { Period } from './candidate.ts'

const HOUR = 3_600_000
const DAY = 86_400_000
/** No zone has moved its clocks by more than a day. */
const MAX_CHANGE = DAY

/**
 * Returns the start of the hour, day or month that contains a time on the clocks of a zone; TOTAL starts at 0. All times are Unix epoch ms.
 *
 * The starts never go back, so each period begins once, whatever the clocks do. A day begins with the first moment that has its date, also
 * where the clocks skip midnight; when they are set back over midnight, the new day goes on. An hour that is repeated is a period of its
 * own, and an hour of which only a part is repeated is one longer period.
 * @throws RangeError if there is no such zone.
 */
export function startOfPeriod(zones: TimeZones, zone: string, period: Period, now: number): number {
  if (period === 'TOTAL') return 0
  if (period === 'HOUR') return startOfHour(zones.spans(zone, now - 2 * HOUR, now + 1), now)
  const date = dateAt(zones, zone, now)
  return startOfDate(zones, zone, period === 'DAY' ? date : firstOfMonth(date))
}

/**
 * Returns the date of the day that contains a time in a zone, in days since 1970-01-01. When the clocks are set back over midnight, it stays
 * the later date.
 * @throws RangeError if there is no such zone.
 */
export function dateAt(zones: TimeZones, zone: string, now: number): number {
  const near = zones.spans(zone, now - MAX_CHANGE, now + 1)
  return Math.max(...near.map(({ until, offset }) => Math.floor((until - 1 + offset) / DAY)))
}

/**
 * Returns the first moment that has the given date or a later one in a zone, Unix epoch ms. @param date Days since 1970-01-01.
 * @throws RangeError if there is no such zone.
 */
export function startOfDate(zones: TimeZones, zone: string, date: number): number {
  return firstMoment(zones.spans(zone, date * DAY - MAX_CHANGE, date * DAY + MAX_CHANGE), date * DAY)
}

/** The starts of the periods that contain a time, as reservations store them. */
export function periodStarts(zones: TimeZones, zone: string, now: number): Readonly<Record<Period, number>> {
  const start = (period: Period) => startOfPeriod(zones, zone, period, now)
  return { HOUR: start('HOUR'), DAY: start('DAY'), MONTH: start('MONTH'), TOTAL: 0 }
}

/** Returns the start of an hour. @param spans Spans of the last two hours; the last of them ends with the present moment. */
function startOfHour(spans: readonly OffsetSpan[], now: number): number {
  const hour = Math.floor((now + (spans.at(-1)?.offset ?? 0)) / HOUR)
  let start = now
  for (const { from, until, offset } of spans.toReversed()) {
    // A span before a change of the clocks has a part of this hour only if it ends within the same local hour.
    if (Math.floor((until - 1 + offset) / HOUR) !== hour) return start
    start = Math.max(from, hour * HOUR - offset)
    if (hour * HOUR - offset >= from) return start
  }
  return start
}

/** Returns the first moment whose local time is the given one or a later one. */
function firstMoment(spans: readonly OffsetSpan[], local: number): number {
  for (const { from, until, offset } of spans) {
    const moment = Math.max(from, local - offset)
    if (moment < until) return moment
  }
  throw new Error(`No moment has the local time ${local}. The spans of the time zone are incomplete.`)
}

/** Returns the number of the first day of a month. @param date Days since 1970-01-01. */
function firstOfMonth(date: number): number {
  const day = new Date(date * DAY)
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1) / DAY
}

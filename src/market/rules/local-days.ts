import { dateAt, startOfDate } from './routing/period.ts'
import type { TimeZones } from './time-zones.ts'

/** The part of a day of a time zone that lies in a range. `from` is included and `to` is not, both Unix epoch ms. */
export interface LocalDay {
  /** Date on the clocks of the zone, days since 1970-01-01. */
  readonly date: number
  readonly from: number
  readonly to: number
}

/**
 * Divides a range into the days of a time zone, in order and without gaps. The first and the last day are cut at the ends of the range. A
 * date that the clocks skip has no entry.
 * @throws RangeError if there is no such zone.
 */
export function daysBetween(zones: TimeZones, zone: string, from: number, to: number): readonly LocalDay[] {
  const days: LocalDay[] = []
  let start = from
  for (let date = dateAt(zones, zone, from); start < to; date++) {
    const end = Math.min(startOfDate(zones, zone, date + 1), to)
    if (end > start) days.push({ date, from: start, to: end })
    start = Math.max(start, end)
  }
  return days
}

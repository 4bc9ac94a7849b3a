import { type DocumentReader, type Parsed, type Path, DocumentReader as Reader } from '../document.ts'
import type { TimeZones } from '../time-zones.ts'

/** Days of the week, from the first day of an ISO week on. */
export const weekdays = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const
export type Weekday = (typeof weekdays)[number]

/** Opening hours on one day of the week. */
export interface OpeningHours {
  readonly day: Weekday
  /** Local time such as `09:00`. */
  readonly from: string
  /** Local time after `from`, at most `24:00`; not included. */
  readonly until: string
}

/** Opening hours in local time. A schedule without opening hours is never open. */
export interface Schedule {
  readonly hours: readonly OpeningHours[]
  /** Dates such as `2026-12-25` on which it is closed. */
  readonly holidays: readonly string[]
}

/** A time from the first number until the second, which is not included, Unix epoch ms. */
export type Interval = readonly [number, number]

const MINUTE = 60_000
const DAY = 86_400_000
export const scheduleLimits = { hours: 70, holidays: 400 } as const

/** Reads a schedule from unknown JSON. */
export function parseSchedule(given: unknown): Parsed<Schedule> {
  const reader = new Reader()
  return reader.result(readSchedule(reader, given, []))
}

/** Reads a schedule that is part of a document. */
export function readSchedule(reader: DocumentReader, given: unknown, path: Path): Schedule | undefined {
  const fields = reader.object(given, path, ['hours', 'holidays'])
  if (!fields) return undefined
  const hours = reader.list(fields.hours, [...path, 'hours'], { max: scheduleLimits.hours }, (item, at) => readHours(reader, item, at))
  const holidays = readHolidays(reader, fields.holidays, [...path, 'holidays'])
  return hours && holidays && { hours, holidays }
}

/** Reads a list of dates. A missing list is empty. */
function readHolidays(reader: DocumentReader, given: unknown, path: Path): readonly string[] | undefined {
  if (given === undefined || given === null) return []
  const distinct = { by: (date: string) => date, path: [], problem: (date: string) => `${date} is in the list already. Remove it.` }
  return reader.list(given, path, { max: scheduleLimits.holidays, distinct }, (item, at) =>
    typeof item === 'string' && isDate(item) ? item : reader.unexpected(at, 'a date such as "2026-12-25"', item),
  )
}

function readHours(reader: DocumentReader, given: unknown, path: Path): OpeningHours | undefined {
  const fields = reader.object(given, path, ['day', 'from', 'until'])
  if (!fields) return undefined
  const day = reader.choice(fields.day, [...path, 'day'], weekdays)
  const from = readTime(reader, fields.from, [...path, 'from'])
  const until = readTime(reader, fields.until, [...path, 'until'])
  if (day === undefined || from === undefined || until === undefined) return undefined
  if (minuteOf(from) < minuteOf(until)) return { day, from, until }
  const advice = 'Give hours that pass midnight as two entries: one until "24:00", and one of the next day from "00:00".'
  return reader.refuse([...path, 'until'], `Expected a time after ${from}, got ${until}. ${advice}`)
}

function readTime(reader: DocumentReader, given: unknown, path: Path): string | undefined {
  if (typeof given === 'string' && /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(given)) return given
  return reader.unexpected(path, 'a time from "00:00" to "24:00"', given)
}

function isDate(text: string): boolean {
  if (!/^(19|20)\d\d-\d\d-\d\d$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}

/**
 * Returns the parts of a time in which a schedule is open on the clocks of a zone, in order and without overlaps. A local time that is
 * repeated when the clocks are set back is open both times.
 * @throws RangeError if there is no such zone.
 */
export function openWithin(zones: TimeZones, schedule: Schedule, zone: string, from: number, until: number): readonly Interval[] {
  const hours = weekdays.map((weekday) => hoursOf(schedule, weekday))
  const holidays = new Set(schedule.holidays.map((date) => Date.parse(`${date}T00:00:00Z`) / DAY))
  const open: Interval[] = []
  for (const span of zones.spans(zone, from, until))
    for (let date = Math.floor((span.from + span.offset) / DAY); date * DAY < span.until + span.offset; date++) {
      if (holidays.has(date)) continue
      for (const [start, end] of hours[weekdayOf(date)] ?? [])
        append(open, Math.max(span.from, date * DAY + start - span.offset), Math.min(span.until, date * DAY + end - span.offset))
    }
  return open
}

/** Returns whether a schedule is open at a time. @throws RangeError if there is no such zone. */
export function isOpenAt(zones: TimeZones, schedule: Schedule, zone: string, time: number): boolean {
  return openWithin(zones, schedule, zone, time, time + 1).length > 0
}

/** Returns the opening hours of a day of the week in order, ms since midnight. */
function hoursOf({ hours }: Schedule, weekday: Weekday): readonly Interval[] {
  const ofDay = hours.filter(({ day }) => day === weekday)
  return ofDay.map(({ from, until }) => [minuteOf(from) * MINUTE, minuteOf(until) * MINUTE] as const).sort(([a], [b]) => a - b)
}

/** Adds an interval to the end of a list. It is joined with the last one if they touch. */
function append(list: Interval[], from: number, until: number): void {
  const last = list.at(-1)
  if (from >= until) return
  if (last && from <= last[1]) list[list.length - 1] = [last[0], Math.max(last[1], until)]
  else list.push([from, until])
}

/** Returns the number of the day in its week, from 0 for Monday. @param date Days since 1970-01-01, a Thursday. */
function weekdayOf(date: number): number {
  return (((date + 3) % 7) + 7) % 7
}

import fc from '../property.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The clocks of a zone at a moment, as Intl shows them. */
export interface Clock {
  /** Days since 1970-01-01. */
  readonly date: number
  /** Minutes since midnight. */
  readonly minute: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Local time of the hours that were read, ms; null for an hour in which the clocks change. */
const hours = new Map<string, number | null>()

/** Returns what the clocks of a zone show. Intl is slow, so it is asked twice an hour, and every minute where these two do not agree. */
export function clockOf(zone: string, time: number): Clock {
  const hour = Math.floor(time / HOUR) * HOUR
  const key = `${zone} ${hour}`
  let local = hours.get(key)
  if (local === undefined) {
    local = localTime(zone, hour)
    if (localTime(zone, hour + 59 * MINUTE) !== local + 59 * MINUTE) local = null
    hours.set(key, local)
  }
  const minutes = Math.floor((local === null ? localTime(zone, time) : local + time - hour) / MINUTE)
  return { date: Math.floor(minutes / 1440), minute: ((minutes % 1440) + 1440) % 1440 }
}

/** Returns the local time to the minute, as ms since the local 1970-01-01. */
function localTime(zone: string, time: number): number {
  let format = formats.get(zone)
  if (!format) {
    const numeric = 'numeric'
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
    })
    formats.set(zone, format)
  }
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = format.format(time).match(/\d+/g)?.map(Number) ?? []
  return Date.UTC(year, month - 1, day, hour, minute)
}

/**
 * Zones with a year in which their clocks change in an unusual way: midnight is skipped or repeated, half an hour or two hours are moved, a
 * whole day is left out; and zones with offsets of 30 and 45 minutes.
 */
const zoneYears: readonly (readonly [string, number])[] = [
  ['America/New_York', 2026],
  ['Europe/Berlin', 2026],
  ['America/Sao_Paulo', 2017],
  ['America/Havana', 2026],
  ['Africa/Cairo', 2026],
  ['Asia/Beirut', 2026],
  ['America/St_Johns', 2010],
  ['Australia/Lord_Howe', 2026],
  ['Antarctica/Troll', 2026],
  ['Pacific/Apia', 2011],
  ['Pacific/Chatham', 2026],
  ['Africa/Casablanca', 2026],
  ['Asia/Kolkata', 2026],
  ['Asia/Kathmandu', 2026],
  ['Asia/Pyongyang', 2018],
]

/** Returns the moments, to the minute, at which the clocks of a zone change in a year; 1 March if they never do. */
function changesIn(zone: string, year: number): readonly number[] {
  const offset = (time: number) => clockOf(zone, time).date * DAY + clockOf(zone, time).minute * MINUTE - time
  const changes: number[] = []
  for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += DAY) {
    if (offset(day) === offset(day + DAY)) continue
    let [before, after] = [day, day + DAY]
    while (after - before > MINUTE) {
      const middle = before + Math.floor((after - before) / MINUTE / 2) * MINUTE
      if (offset(middle) === offset(day)) before = middle
      else after = middle
    }
    changes.push(after)
  }
  return changes.length === 0 ? [Date.UTC(year, 2, 1)] : changes
}

const changes = zoneYears.flatMap(([zone, year]) => changesIn(zone, year).map((at) => ({ zone, at })))

/** Zones with a moment at which their clocks change. */
export const clockChanges = changes

/** Draws a zone and a moment less than the given time from a change of its clocks. */
export function nearChange(reach: number) {
  return fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -reach / MINUTE, max: reach / MINUTE }))
    .map(([{ zone, at }, minutes]) => ({ zone, time: at + minutes * MINUTE }))
}

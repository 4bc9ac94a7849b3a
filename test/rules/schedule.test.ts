import { describe, expect, it } from 'vitest'
import { isOpenAt, openWithin, parseSchedule, type Schedule, scheduleLimits, weekdays } from '../../src/market/rules/routing/schedule.ts'
import { TimeZones } from '../../src/market/rules/time-zones.ts'
import fc from '../property.ts'
import { clockOf, nearChange } from './clocks.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const zones = new TimeZones()

const time = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
const hours = fc
  .tuple(fc.constantFrom(...weekdays), fc.uniqueArray(fc.integer({ min: 0, max: 1440 }), { minLength: 2, maxLength: 2 }))
  .map(([day, minutes]) => ({ day, from: time(Math.min(...minutes)), until: time(Math.max(...minutes)) }))
const daysNear = (moment: number) => [-1, 0, 1].map((days) => new Date(moment + days * DAY).toISOString().slice(0, 10))

/** Draws a schedule, and the hours around a change of clocks. */
const cases = nearChange(4 * HOUR).chain(({ zone, time: from }) =>
  fc.record({
    zone: fc.constant(zone),
    from: fc.constant(from),
    until: fc.integer({ min: 1, max: 300 }).map((minutes) => from + minutes * MINUTE),
    schedule: fc.record({ hours: fc.array(hours, { maxLength: 20 }), holidays: fc.subarray(daysNear(from), { maxLength: 1 }) }),
  }),
)

function isOpenByClock({ hours: all, holidays }: Schedule, zone: string, moment: number): boolean {
  const { date, minute } = clockOf(zone, moment)
  const day = new Date(date * DAY)
  if (holidays.includes(day.toISOString().slice(0, 10))) return false
  const weekday = weekdays[(day.getUTCDay() + 6) % 7]
  return all.some((entry) => entry.day === weekday && entry.from <= time(minute) && time(minute) < entry.until)
}

const agrees = (open: typeof openWithin) =>
  fc.property(cases, ({ zone, from, until, schedule }) => {
    const intervals = open(zones, schedule, zone, from, until)
    const isOrdered = intervals.every(
      ([start, end], index) => start < end && start > (intervals[index - 1]?.[1] ?? from - 1) && end <= until,
    )
    for (let minute = from; minute < until; minute += MINUTE) {
      const expected = isOpenByClock(schedule, zone, minute)
      for (const moment of [minute, minute + MINUTE - 1])
        if (intervals.some(([start, end]) => start <= moment && moment < end) !== expected) return false
    }
    return isOrdered
  })

/** Opening hours with the offset of the first moment throughout. */
const withOneOffset: typeof openWithin = (_, schedule, zone, from, until) => {
  const offset = zones.offsetAt(zone, from)
  return openWithin(zones, schedule, 'UTC', from + offset, until + offset).map(([start, end]) => [start - offset, end - offset])
}

describe('opening hours', () => {
  it('are those that clocks read minute by minute show, at changes of the clocks in both directions.', () => {
    fc.assert(agrees(openWithin), { numRuns: 100 })
    expect(fc.check(agrees(withOneOffset), { numRuns: 100 }).failed).toBe(true)
  })

  it('join where one day follows another.', () => {
    const schedule = { hours: weekdays.map((day) => ({ day, from: '00:00', until: '24:00' })), holidays: [] }
    expect(openWithin(zones, schedule, 'America/New_York', 0, 30 * DAY)).toEqual([[0, 30 * DAY]])
    expect(openWithin(zones, { hours: [], holidays: [] }, 'America/New_York', 0, 30 * DAY)).toEqual([])
  })

  it('are closed on the whole holiday and open the moment before it.', () => {
    const schedule = { hours: weekdays.map((day) => ({ day, from: '00:00', until: '24:00' })), holidays: ['2026-12-25'] }
    const isOpen = (text: string) => isOpenAt(zones, schedule, 'America/New_York', Date.parse(text))
    expect(['2026-12-25T04:59:59.999Z', '2026-12-25T05:00Z', '2026-12-26T04:59:59.999Z', '2026-12-26T05:00Z'].map(isOpen)).toEqual([
      true,
      false,
      false,
      true,
    ])
  })
})

describe('a schedule', () => {
  const problems = (given: unknown) => {
    const parsed = parseSchedule(given)
    return 'problems' in parsed ? parsed.problems.map(({ path, message }) => `${path.join('.')}: ${message}`) : []
  }

  it('that is read again is the same.', () => {
    fc.assert(
      fc.property(cases, ({ schedule }) => {
        expect(parseSchedule(JSON.parse(JSON.stringify(schedule)))).toEqual({ value: schedule })
      }),
      { numRuns: 30 },
    )
    expect(parseSchedule({ hours: [] })).toEqual({ value: { hours: [], holidays: [] } })
  })

  it('that is wrong is refused with the path to each error.', () => {
    const given = {
      hours: [
        { day: 'MONDAY', from: '9:00', until: '25:00' },
        { day: 'Sunday', from: '22:00', until: '02:00' },
        { day: 'FRIDAY', from: '22:00', until: '02:00' },
        { day: 'FRIDAY', from: '08:00' },
      ],
      holidays: ['2026-02-30', '2026-12-25', 'x'],
    }
    expect(problems(given)).toEqual([
      'hours.0.from: Expected a time from "00:00" to "24:00", got "9:00".',
      'hours.0.until: Expected a time from "00:00" to "24:00", got "25:00".',
      'hours.1.day: Expected one of MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY, got "Sunday".',
      'hours.2.until: Expected a time after 22:00, got 02:00. Give hours that pass midnight as two entries: one until "24:00", and one of the next day from "00:00".',
      'hours.3.until: Expected a time from "00:00" to "24:00", but it is missing.',
      'holidays.0: Expected a date such as "2026-12-25", got "2026-02-30".',
      'holidays.2: Expected a date such as "2026-12-25", got "x".',
    ])
    expect(problems({ hours: [], holidays: ['2026-12-25', '2026-12-25'] })).toEqual([
      'holidays.1: 2026-12-25 is in the list already. Remove it.',
    ])
    expect(problems({ hours: Array(scheduleLimits.hours + 1).fill({}) })).toEqual([
      'hours: Expected a list of 0 to 70 items, got 71 items.',
    ])
    expect(problems(null)).toEqual([': Expected an object, got null.'])
    expect(problems({ hours: [], zone: 1 })).toEqual(['zone: There is no such key. Expected one of hours, holidays.'])
  })
})

import { describe, expect, it } from 'vitest'
import { daysBetween } from '#src/market/rules/local-days.ts'
import { startOfPeriod } from '#src/market/rules/routing/period.ts'
import { TimeZones } from '#src/market/rules/time-zones.ts'
import fc from '../property.ts'
import { clockOf, nearChange } from './clocks.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const zones = new TimeZones()
type Days = typeof daysBetween

/** Takes every day for 24 hours. */
const ofEqualLength: Days = (all, zone, from, to) => {
  const days = []
  let start = from
  for (let end = startOfPeriod(all, zone, 'DAY', from) + DAY; start < to; end += DAY) {
    days.push({ date: clockOf(zone, start).date, from: start, to: Math.min(end, to) })
    start = end
  }
  return days
}

/** Divides a range by clocks that are read minute by minute. A date that was reached goes on when the clocks are set back over midnight. */
function daysByMinutes(zone: string, from: number, to: number) {
  const days: { date: number; from: number; to: number }[] = []
  let date = Number.NEGATIVE_INFINITY
  for (let minute = from - DAY; minute < to; minute += MINUTE) {
    date = Math.max(date, clockOf(zone, minute).date)
    if (minute < from) continue
    const last = days.at(-1)
    if (last?.date === date) last.to = minute + MINUTE
    else days.push({ date, from: minute, to: minute + MINUTE })
  }
  return days
}

const divides = (candidate: Days) =>
  fc.property(nearChange(30 * HOUR), fc.integer({ min: 1, max: 80 }), ({ zone, time }, hours) => {
    expect(candidate(zones, zone, time, time + hours * HOUR)).toEqual(daysByMinutes(zone, time, time + hours * HOUR))
  })

describe('the days of a time zone', () => {
  it('are those which clocks that are read minute by minute show, at every change of clocks', () => {
    fc.assert(divides(daysBetween), { numRuns: 60 })
    expect(fc.check(divides(ofEqualLength), { numRuns: 60 }).failed).toBe(true)
  })

  it('have 23 hours when the clocks go forward and 25 hours when they go back', () => {
    const hours = (from: string, to: string) =>
      daysBetween(zones, 'America/New_York', Date.parse(from), Date.parse(to)).map((day) => (day.to - day.from) / HOUR)
    expect(hours('2026-03-07T05:00Z', '2026-03-10T04:00Z')).toEqual([24, 23, 24])
    expect(hours('2026-10-31T04:00Z', '2026-11-03T05:00Z')).toEqual([24, 25, 24])
  })
})

import { describe, expect, it } from 'vitest'
import { periodStarts, startOfPeriod } from '../../src/market/rules/routing/period.ts'
import { isTimeZone, TimeZones } from '../../src/market/rules/time-zones.ts'
import fc from '../property.ts'
import { clockChanges, clockOf, nearChange } from './clocks.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const zones = new TimeZones()
type StartOf = (zone: string, period: 'HOUR' | 'DAY' | 'MONTH', now: number) => number
const startOf: StartOf = (zone, period, now) => startOfPeriod(zones, zone, period, now)

/** Subtracts what the clocks show from the present moment, as if they had not changed in between. */
const subtracting: StartOf = (zone, period, now) => {
  const { minute, date } = clockOf(zone, now)
  if (period === 'HOUR') return now - (minute % 60) * MINUTE
  const days = period === 'DAY' ? 0 : new Date(date * DAY).getUTCDate() - 1
  return now - minute * MINUTE - days * DAY
}

/** Returns the start of the day that contains a time, found minute by minute. */
function dayByMinutes(zone: string, now: number): number {
  const minutes = Array.from({ length: 51 * 60 }, (_, index) => now - (51 * 60 - 1 - index) * MINUTE)
  const dates = minutes.map((minute) => clockOf(zone, minute).date)
  // A date that was reached goes on, even if the clocks are set back over midnight.
  const date = Math.max(...dates.slice(-24 * 60))
  return minutes[dates.findIndex((found) => found >= date)] as number
}

/** Returns the start of the hour that contains a time, found minute by minute: it goes back while the clocks show the same hour. */
function hourByMinutes(zone: string, now: number): number {
  const hourAt = (time: number) => clockOf(zone, time).date * 24 + Math.floor(clockOf(zone, time).minute / 60)
  let start = now
  while (hourAt(start - MINUTE) === hourAt(now) && clockOf(zone, start).minute % 60 !== 0) start -= MINUTE
  return start
}

const findsDays = (candidate: StartOf) =>
  fc.property(nearChange(30 * HOUR), ({ zone, time }) => candidate(zone, 'DAY', time) === dayByMinutes(zone, time))
const findsHours = (candidate: StartOf) =>
  fc.property(nearChange(3 * HOUR), ({ zone, time }) => candidate(zone, 'HOUR', time) === hourByMinutes(zone, time))

describe('the start of a period', () => {
  it('is that of the day which clocks that are read minute by minute show.', () => {
    fc.assert(findsDays(startOf), { numRuns: 40 })
    expect(fc.check(findsDays(subtracting), { numRuns: 40 }).failed).toBe(true)
  })

  it('is that of the hour which clocks that are read minute by minute show.', () => {
    fc.assert(findsHours(startOf), { numRuns: 200 })
    expect(fc.check(findsHours(subtracting), { numRuns: 200 }).failed).toBe(true)
  })

  it('is that of the first day of the month for months, so a month begins when its first day does.', () => {
    fc.assert(
      fc.property(nearChange(60 * DAY), ({ zone, time }) => {
        const start = startOf(zone, 'MONTH', time)
        const isStart = start === startOf(zone, 'DAY', start)
        const { date } = clockOf(zone, start)
        return isStart && start <= time && new Date(date * DAY).getUTCDate() === 1 && (time - start) / DAY < 32
      }),
    )
  })

  it('never goes back and begins each period exactly once, at every change of clocks.', () => {
    const wrong = (candidate: StartOf) =>
      (['HOUR', 'DAY', 'MONTH'] as const).flatMap((period) =>
        clockChanges.flatMap(({ zone, at }) => {
          const times = Array.from({ length: 240 }, (_, index) => at - 26 * HOUR + index * 13 * MINUTE)
          const starts = times.map((time) => candidate(zone, period, time))
          const isWrong = starts.some(
            (start, index) =>
              start < (starts[index - 1] ?? start) || (start !== starts[index - 1] && candidate(zone, period, start) !== start),
          )
          return isWrong ? [`${zone} ${period}`] : []
        }),
      )
    expect(wrong(startOf)).toEqual([])
    expect(wrong(subtracting)).not.toEqual([])
  })

  it('is the end of the change of clocks where they skip midnight.', () => {
    // In São Paulo, the 15th of October 2017 began at 01:00, and in Apia there was no 30th of December 2011.
    expect(startOf('America/Sao_Paulo', 'DAY', Date.parse('2017-10-15T12:00:00Z'))).toBe(Date.parse('2017-10-15T03:00:00Z'))
    expect(startOf('Pacific/Apia', 'DAY', Date.parse('2011-12-30T20:00:00Z'))).toBe(Date.parse('2011-12-30T10:00:00Z'))
  })

  it('makes a repeated hour a period of its own, and an hour of which half is repeated one of 90 minutes.', () => {
    const hoursOf = (zone: string, from: string) =>
      [0, 30, 60, 90, 120, 150].map((minutes) => (startOf(zone, 'HOUR', Date.parse(from) + minutes * MINUTE) - Date.parse(from)) / MINUTE)
    expect(hoursOf('America/New_York', '2026-11-01T05:00:00Z')).toEqual([0, 0, 60, 60, 120, 120])
    expect(hoursOf('Australia/Lord_Howe', '2026-04-04T14:00:00Z')).toEqual([0, 0, 0, 90, 90, 150])
  })

  it('is 0 for TOTAL, and the same for all periods together.', () => {
    const now = Date.parse('2026-11-28T02:00:00Z')
    expect(periodStarts(zones, 'Asia/Kathmandu', now)).toEqual({
      HOUR: Date.parse('2026-11-28T01:15:00Z'),
      DAY: Date.parse('2026-11-27T18:15:00Z'),
      MONTH: Date.parse('2026-10-31T18:15:00Z'),
      TOTAL: 0,
    })
  })
})

describe('time zones', () => {
  it('are those that the runtime knows by a name.', () => {
    expect(['UTC', 'America/New_York', 'Etc/GMT+5', 'America/Argentina/Buenos_Aires'].map(isTimeZone)).toEqual([true, true, true, true])
    expect(['', 'Mars/Olympus', '+01:00', 'America/New_York\0', 'x'.repeat(200)].map(isTimeZone)).toEqual(Array(5).fill(false))
    expect(() => zones.offsetAt('Mars/Olympus', 0)).toThrow(RangeError)
  })

  it('have spans that cover a time without gaps, and whose offsets are those of Intl.', () => {
    fc.assert(
      fc.property(nearChange(10 * DAY), fc.integer({ min: 1, max: 30 * DAY }), ({ zone, time }, length) => {
        const spans = zones.spans(zone, time, time + length)
        expect([spans[0]?.from, spans.at(-1)?.until]).toEqual([time, time + length])
        for (const [index, { from, until, offset }] of spans.entries()) {
          if (index > 0) expect(from).toBe(spans[index - 1]?.until)
          for (const moment of [from, until - 1]) {
            const { date, minute } = clockOf(zone, moment)
            expect(Math.floor((moment + offset) / MINUTE)).toBe((date * DAY) / MINUTE + minute)
          }
        }
      }),
    )
  })

  it('tell the hour of the day.', () => {
    expect(zones.hourAt('America/New_York', Date.parse('2026-07-01T03:59:00Z'))).toBe(23)
    expect(zones.hourAt('Asia/Kolkata', -1)).toBe(5)
  })
})

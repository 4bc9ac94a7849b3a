import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, periodRanges, timeRange } from '#src/market/modules/time-range.ts'
import { TimeZones } from '#src/market/rules/time-zones.ts'
import fc from '../property.ts'

const zones = new TimeZones()
const now = Date.parse('2026-03-18T14:25:10.500Z') // The time of the tests is a Wednesday.
const at = (text: string) => Date.parse(text)

describe('the time range of an analytics query', () => {
  it('includes every hour that overlaps the requested range', () => {
    expect(timeRange({ from: '2026-03-18T03:59:59Z', to: '2026-03-18T05:00:00.001Z' }, HOUR_MS, now)).toMatchObject({
      from: at('2026-03-18T03:00:00Z'),
      to: at('2026-03-18T06:00:00Z'),
    })
  })

  it('ends with the current hour if `to` is missing, and moves forward when the next hour begins', () => {
    const end = at('2026-03-18T15:00:00Z')
    expect(timeRange({ from: '2026-03-18T00:00:00Z' }, HOUR_MS, now)).toEqual({ from: at('2026-03-18T00:00:00Z'), to: end, until: end })
    expect(timeRange({ from: '2026-03-18T00:00:00Z', to: '2026-03-19T00:00:00Z' }, HOUR_MS, now)).toMatchObject({ to: end, until: end })
  })

  it('lets its results have the full TTL of the schema if it ended before today', () => {
    expect(timeRange({ from: '2026-03-01T00:00:00Z', to: '2026-03-18T00:00:00Z' }, HOUR_MS, now).until).toBeNull()
  })

  it('lets its results expire after an hour if it includes a part of today', () => {
    expect(timeRange({ from: '2026-03-01T00:00:00Z', to: '2026-03-18T01:00:00Z' }, HOUR_MS, now).until).toBe(now + HOUR_MS)
  })

  it('lets its results expire after an hour if `to` is missing, even if the results are grouped by day', () => {
    expect(timeRange({ from: '2026-03-01T00:00:00Z' }, DAY_MS, now)).toEqual({
      from: at('2026-03-01'),
      to: at('2026-03-19'),
      until: now + HOUR_MS,
    })
  })

  it.each([
    [{ from: '2026-03-18T12:00:00Z', to: '2026-03-18T12:00:00Z' }, /from must lie before to/],
    [{ from: '2027-01-01T00:00:00Z' }, /not in the future/],
    [{ from: '2025-01-01T00:00:00Z' }, /at most 400 days apart, got 442: ask for shorter ranges/],
    [{ from: 'yesterday' }, /from must be a time such as/],
  ])('is rejected with an error that states the remedy if it is %o', (args, message) => {
    expect(() => timeRange(args, HOUR_MS, now)).toThrow(message)
  })

  it('extends at most to the end of the current hour or day, and if its results expire, they expire within an hour', () => {
    const time = fc.integer({ min: at('2026-01-01'), max: at('2026-12-31') })
    fc.assert(
      fc.property(time, fc.option(time), time, fc.constantFrom(HOUR_MS, DAY_MS), (from, to, moment, step) => {
        let range: ReturnType<typeof timeRange>
        try {
          range = timeRange({ from: new Date(from).toISOString(), to: to === null ? null : new Date(to).toISOString() }, step, moment)
        } catch {
          return
        }
        expect(range.from % step).toBe(0)
        expect(range.to % step).toBe(0)
        expect(range.from).toBeLessThanOrEqual(from)
        expect(range.to).toBeLessThanOrEqual(moment + step)
        if (to !== null && to < moment) expect(range.to).toBeGreaterThanOrEqual(to)
        if (range.until !== null) {
          expect(range.until).toBeGreaterThan(moment)
          expect(range.until).toBeLessThanOrEqual(moment + HOUR_MS)
        }
      }),
    )
  })
})

describe('the periods of the dashboard', () => {
  it('begin at midnight, on Monday and on the first, all in UTC, and end with the current hour', () => {
    const noon = at('2026-03-18T12:00:00.001Z')
    const end = at('2026-03-18T13:00:00Z')
    const previously = (from: string, to: string) => ({ from: at(from), to: at(to), until: end })
    expect(periodRanges(zones, 'UTC', 'TODAY', noon)).toEqual({
      current: { from: at('2026-03-18'), to: end, until: end },
      previous: previously('2026-03-17', '2026-03-17T13:00:00Z'),
    })
    expect(periodRanges(zones, 'UTC', 'WEEK', noon)).toEqual({
      current: { from: at('2026-03-16'), to: end, until: end },
      previous: previously('2026-03-09', '2026-03-11T13:00:00Z'),
    })
    expect(periodRanges(zones, 'UTC', 'MONTH', noon)).toEqual({
      current: { from: at('2026-03-01'), to: end, until: end },
      previous: previously('2026-02-01', '2026-02-18T13:00:00Z'),
    })
  })

  it('begin at midnight in the time zone, and today begins exactly once on a day of 25 hours', () => {
    const starts = Array.from({ length: 50 }, (_, hour) => at('2026-11-01T03:30:00Z') + hour * HOUR_MS).map(
      (moment) => periodRanges(zones, 'America/New_York', 'TODAY', moment).current.from,
    )
    expect([...new Set(starts)].map((start) => new Date(start).toISOString())).toEqual([
      '2026-10-31T04:00:00.000Z',
      '2026-11-01T04:00:00.000Z',
      '2026-11-02T05:00:00.000Z',
    ])
    expect(starts).toEqual(starts.toSorted((a, b) => a - b))
    expect(() => periodRanges(zones, 'Asia/Kolkata', 'WEEK', now)).toThrow(/whole hour of UTC/)
  })

  it('compare the current month with the whole previous month if the previous month is shorter than the elapsed time', () => {
    expect(periodRanges(zones, 'UTC', 'MONTH', at('2026-03-30T01:00:00Z'))).toMatchObject({
      current: { from: at('2026-03-01'), to: at('2026-03-30T02:00:00Z') },
      previous: { from: at('2026-02-01'), to: at('2026-03-01') },
    })
  })

  it('treat Sunday as the last day of the week and January as the month after December', () => {
    expect(periodRanges(zones, 'UTC', 'WEEK', at('2026-03-22T23:59:59.999Z')).current.from).toBe(at('2026-03-16'))
    expect(periodRanges(zones, 'UTC', 'WEEK', at('2026-03-23T00:00:00Z')).current.from).toBe(at('2026-03-23'))
    expect(periodRanges(zones, 'UTC', 'MONTH', at('2026-01-15')).previous).toMatchObject({
      from: at('2025-12-01'),
      to: at('2025-12-15T01:00:00Z'),
    })
  })
})

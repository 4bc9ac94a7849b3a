import { describe, expect, it } from 'vitest'
import { fallsOf, type RatePoint } from '#src/operations/admin/figures/falls.ts'
import { Largest } from '#src/operations/admin/figures/largest.ts'
import { percentileMs } from '#src/operations/admin/figures/percentiles.ts'
import { stepMsOf } from '#src/operations/admin/figures/time-steps.ts'
import { LatencyMeter } from '#src/operations/telemetry/latency-meter.ts'
import fc from '../property.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const NOW = Date.UTC(2026, 10, 27, 12)

const points = (...rates: readonly number[]): readonly RatePoint[] =>
  rates.map((rate, index) => ({ at: index * MINUTE_MS, reads: 100, hits: Math.round(100 * rate) }))
const repeated = (rate: number, times: number) => Array<number>(times).fill(rate)

describe('a fall of the hit rate', () => {
  it('is found at its first step, with the rates before and after it, until the rate is back.', () => {
    const [fall, ...more] = fallsOf(points(...repeated(0.95, 10), ...repeated(0.4, 8), ...repeated(0.95, 10)), 3)
    const times = { lastBefore: 9 * MINUTE_MS, at: 10 * MINUTE_MS, lowestAt: 10 * MINUTE_MS, until: 18 * MINUTE_MS }
    expect(fall).toEqual({ ...times, before: 0.95, lowest: 0.4 })
    expect(more).toEqual([])
  })

  it('has the values and moments of single steps, as a chart draws them, also if it takes several steps and fades.', () => {
    const fading = [0.93, 0.94, 0.92, 0.94, 0.93, 0.88, 0.83, 0.84, 0.86, 0.88, 0.9, 0.915, 0.93, 0.93]
    const [fall, ...more] = fallsOf(points(...fading), 3)
    expect(more).toEqual([])
    expect(fall).toEqual({
      lastBefore: 4 * MINUTE_MS,
      at: 5 * MINUTE_MS,
      lowestAt: 6 * MINUTE_MS,
      until: 11 * MINUTE_MS,
      before: 0.93,
      lowest: 0.83,
    })
    // Means of five steps would say less than what the chart shows.
    expect((0.93 + 0.94 + 0.92 + 0.94 + 0.93) / 5 - (0.88 + 0.83 + 0.84 + 0.86 + 0.88) / 5).toBeLessThan(0.08)
  })

  it('has no end if the rate did not come back.', () => {
    expect(fallsOf(points(...repeated(0.9, 6), ...repeated(0.5, 6)), 3)).toMatchObject([{ until: undefined }])
  })

  it('is not reported if it is 5 points or less, or if too few reads say so.', () => {
    expect(fallsOf(points(...repeated(0.9, 6), ...repeated(0.86, 6)), 3)).toEqual([])
    const few = points(...repeated(0.9, 6), ...repeated(0.1, 6)).map((point) => ({ ...point, reads: 2, hits: point.hits / 50 }))
    expect(fallsOf(few, 3)).toEqual([])
  })

  it('is one of at most as many as are wanted: the largest ones, which do not overlap.', () => {
    const rates = [0.1, 0.3, 0.2, 0.4].flatMap((low) => [...repeated(0.9, 12), ...repeated(low, 12)])
    expect(fallsOf(points(...rates), 3).map(({ lowest }) => lowest)).toEqual([0.1, 0.2, 0.3])
  })
})

describe('the steps of a time range', () => {
  const until = (length: number, to = NOW) => ({ from: to - length, to })
  it.each([
    ['15 minutes', 15 * MINUTE_MS, MINUTE_MS],
    ['a day', DAY_MS, 5 * MINUTE_MS],
    ['three days, whose minutes are gone', 3 * DAY_MS, HOUR_MS],
    ['30 days', 30 * DAY_MS, 3 * HOUR_MS],
    ['27 years', 9999 * DAY_MS, 90 * DAY_MS],
  ])('of %s are chosen so that at most 300 points are enough.', (_, length, expected) => {
    expect(stepMsOf('auto', until(length), NOW)).toBe(expected)
  })

  it('are refused if they give too many points, or are minutes that are not kept.', () => {
    expect(stepMsOf('minute', until(5 * HOUR_MS), NOW + 1)).toBe(MINUTE_MS)
    expect(() => stepMsOf('minute', until(DAY_MS), NOW)).toThrow('step: this gives 1440 points, and at most 300 are allowed')
    expect(() => stepMsOf('minute', until(HOUR_MS, NOW - 3 * DAY_MS), NOW)).toThrow('kept for two days')
    expect(() => stepMsOf('hour', until(30 * DAY_MS), NOW)).toThrow('use a longer step')
  })
})

describe('a percentile of durations', () => {
  it('is at least the true one, and at most half larger, whatever the durations are.', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.05, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 50 }), (durations) => {
        const meter = new LatencyMeter()
        for (const ms of durations) meter.observe('l1', ms)
        const sorted = durations.toSorted((a, b) => a - b)
        for (const share of [0.5, 0.99, 1]) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
          const found = percentileMs(meter.rows(), 'hit', share) ?? Number.NaN
          expect(found / exact).toBeGreaterThan(0.999)
          expect(found / exact).toBeLessThan(1.501)
        }
      }),
    )
  })

  it('is null without answers, and leaves out mutations and refused requests.', () => {
    const meter = new LatencyMeter()
    for (const layer of ['bypassed', 'refused', 'shed'] as const) meter.observe(layer, 5)
    meter.observe('origin', 5)
    expect(percentileMs(meter.rows(), 'hit', 0.5)).toBeNull()
    expect(meter.rows().map(({ outcome, count }) => [outcome, count])).toEqual([['miss', 1]])
  })
})

it('The largest of many items are kept in their order, however many are offered.', () => {
  const largest = new Largest<number>(3, (item) => item)
  const items = Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 10_007)
  for (const item of items) largest.offer(item)
  expect([largest.sorted(), largest.offered]).toEqual([items.toSorted((a, b) => b - a).slice(0, 3), 10_000])
})

import { describe, expect, it } from 'vitest'
import { RANGES, rangeOf, UP_TO_MS } from '#src/operations/telemetry/duration-ranges.ts'
import { WaitingMeter } from '#src/operations/telemetry/waiting-times.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const NONE = { count: 0, p50Ms: null, p99Ms: null }

/** A meter and its clock. `observe` counts a duration of Redis several times. */
function meterAt(start: number) {
  const clock = { now: start }
  const meter = new WaitingMeter(() => clock.now)
  return {
    clock,
    observe: (ms: number, times: number) => {
      for (let count = 0; count < times; count++) meter.observe('redis', ms)
    },
    redis: () => meter.times().redis,
    others: () => [meter.times().statement, meter.times().connection, meter.times().eventLoop],
  }
}

describe('the time that a process waits for a server', () => {
  it('has a median and a 99th percentile that are rounded up by at most a half.', () => {
    const { observe, redis, others } = meterAt(5 * MINUTE_MS)
    observe(1, 980)
    observe(40, 20)
    const { count, p50Ms, p99Ms } = redis().lastMinute
    expect(count).toBe(1000)
    expect(p50Ms).toBeGreaterThanOrEqual(1)
    expect(p50Ms).toBeLessThanOrEqual(1.5)
    expect(p99Ms).toBeGreaterThanOrEqual(40)
    expect(p99Ms).toBeLessThanOrEqual(60)
    expect(others().map(({ lastMinute }) => lastMinute)).toEqual([NONE, NONE, NONE])
  })

  it('of the last minute forgets what is older, and becomes what is usual.', () => {
    const { clock, observe, redis } = meterAt(7 * MINUTE_MS + 3 * SECOND_MS)
    observe(2, 10)
    expect(redis()).toMatchObject({ lastMinute: { count: 10 }, usual: NONE })
    clock.now += 49 * SECOND_MS
    expect(redis()).toMatchObject({ lastMinute: { count: 10 } })
    clock.now += 12 * SECOND_MS
    expect(redis().lastMinute).toEqual(NONE)
    clock.now += 60 * SECOND_MS
    observe(90, 3)
    expect(redis()).toMatchObject({ lastMinute: { count: 3 }, usual: { count: 10 } })
    expect(redis().usual.p99Ms).toBeLessThan(5)
  })

  it('is usual for an hour, however long the process runs and however long it was idle.', () => {
    const { clock, observe, redis } = meterAt(0)
    for (let minute = 0; minute < 200; minute++) {
      clock.now = minute * MINUTE_MS
      observe(1, 1)
    }
    expect(redis().usual.count).toBe(60)
    clock.now += 61 * MINUTE_MS
    expect(redis().usual.count).toBe(1)
    clock.now += 1000 * MINUTE_MS
    expect(redis()).toEqual({ lastMinute: NONE, usual: NONE })
  })
})

it('Ranges of durations follow each other, and each duration is in the range that ends next above it.', () => {
  for (const ms of [0, 0.05, 0.051, 0.3, 1, 77, 1e4]) {
    const range = rangeOf(ms)
    expect(Number(UP_TO_MS[range]) * 1.0001).toBeGreaterThanOrEqual(ms)
    if (range > 0) expect(Number(UP_TO_MS[range - 1]) * 0.9999).toBeLessThan(ms)
  }
  expect([rangeOf(1e9), UP_TO_MS.length]).toEqual([RANGES - 1, RANGES])
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Row } from '../../load/summary/columns.ts'
import { compactSummary } from '../../load/summary/compact.ts'
import { humanize } from '../../load/summary/humanize.ts'

const TREND_STATS = ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)']

function trend(name: string, numbers: readonly number[], contains: Row['contains'] = 'time'): Row {
  return {
    name,
    type: 'trend',
    contains,
    values: Object.fromEntries(TREND_STATS.map((statistic, index) => [statistic, numbers[index] ?? 0])),
  }
}

function counter(name: string, count: number, rate: number, contains: Row['contains'] = 'default'): Row {
  return { name, type: 'counter', contains, values: { count, rate } }
}

const duration = trend('http_req_duration', [140.36, 119.08, 140.96, 154.63, 146.88, 148.21])
const failed: Row = { name: 'http_req_failed', type: 'rate', contains: 'default', values: { rate: 0, passes: 0, fails: 45 } }
const wrong = counter('wrong_answers', 0, 0)

it("The summary of a load test has the format of k6's compact mode, line for line.", () => {
  const summary = compactSummary({
    rows: [
      failed,
      duration,
      trend('http_req_duration{expected_response:true}', [140.36, 119.08, 140.96, 154.63, 146.88, 148.21]),
      trend('http_req_waiting', [1, 1, 1, 1, 1, 1]),
      counter('http_reqs', 45, 6.56109),
      trend('custom_waiting_time', [152.355556, 120, 141, 684, 147.2, 148.8], 'default'),
      wrong,
      trend('iteration_duration', [4330, 2210, 0.0421, 75_500, 3_725_000, 5830]),
      counter('iterations', 45, 6.56109),
      { name: 'vus', type: 'gauge', contains: 'default', values: { value: 1, min: 1, max: 10 } },
      { name: 'vus_max', type: 'gauge', contains: 'default', values: { value: 10, min: 10, max: 10 } },
      counter('data_received', 519_000, 76_000.4, 'data'),
      counter('data_sent', 4_540, 8, 'data'),
      { name: 'checks', type: 'rate', contains: 'default', values: { rate: 0.99, passes: 89, fails: 1 } },
    ],
    thresholds: [
      { row: failed, thresholds: [{ source: 'rate<0.01', ok: true }] },
      { row: wrong, thresholds: [{ source: 'count==0', ok: true }] },
      {
        row: duration,
        thresholds: [
          { source: 'p(95)<1500', ok: true },
          { source: 'p(90)<100', ok: false },
        ],
      },
      { row: { ...duration, name: 'http_req_duration{scenario:load}' }, thresholds: [{ source: 'med < 150', ok: true }] },
      { row: { ...duration, name: 'iteration_duration{scenario:load}' }, thresholds: [{ source: 'max<200', ok: true }] },
    ],
    checks: [
      { name: 'the status is 200', passes: 45, fails: 0 },
      { name: 'the answer has data', passes: 44, fails: 1 },
    ],
    trendStats: TREND_STATS,
    durationMs: 6858.6,
  })
  expect(summary).toBe(readFileSync(join(import.meta.dirname, 'fixtures/compact-summary.txt'), 'utf8'))
})

it("Values in the summary have k6's units, and their digits are truncated instead of rounded.", () => {
  const time = { type: 'trend', contains: 'time' } as const
  const bytes = { type: 'counter', contains: 'data' } as const
  expect([0, 0.0000999, 0.9999, 1.999, 999.999, 1500, 59_999, 61_500, 3_723_000].map((ms) => humanize(ms, time))).toEqual([
    '0s',
    '99ns',
    '999.9µs',
    '1.99ms',
    '999.99ms',
    '1.5s',
    '59.99s',
    '1m1s',
    '1h2m3s',
  ])
  expect([0, 9, 10, 999, 1000, 23_456, 1_250_000].map((count) => humanize(count, bytes))).toEqual([
    '0 B',
    '9 B',
    '10 B',
    '999 B',
    '1.0 kB',
    '24 kB',
    '1.3 MB',
  ])
  expect(humanize(0.99999, { type: 'rate', contains: 'default' })).toBe('99.99%')
})

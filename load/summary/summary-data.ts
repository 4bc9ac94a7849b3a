import type { Metric } from '../metrics/registry.ts'
import type { TestResult } from '../run/run-test.ts'
import type { Row } from './columns.ts'
import { type CheckRow, type SummaryInput, statisticOf } from './compact.ts'

interface DataMetric {
  readonly type: Metric['type']
  readonly contains: Metric['contains']
  readonly values: Readonly<Record<string, number>>
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>
}

/** The object that k6 passes to `handleSummary`. */
export interface SummaryData {
  readonly metrics: Readonly<Record<string, DataMetric>>
  readonly root_group: {
    readonly name: string
    readonly path: string
    readonly id: string
    readonly groups: readonly never[]
    readonly checks: readonly (CheckRow & { readonly path: string })[]
  }
  readonly options: { readonly summaryTrendStats: readonly string[]; readonly summaryTimeUnit: string; readonly noColor: boolean }
  readonly state: { readonly isStdOutTTY: boolean; readonly isStdErrTTY: boolean; readonly testRunDurationMs: number }
  readonly setup_data?: unknown
}

/** Returns the values that the compact summary of a load test shows. */
export function summaryInput(result: TestResult, checks: readonly CheckRow[]): SummaryInput {
  const { registry, thresholds, options, durationMs } = result
  const limited = new Set(thresholds.all.map(({ metric }) => metric))
  const trendStats = options.summaryTrendStats
  // A metric with a threshold is shown even if it has no value.
  const shown = registry.all().filter((metric) => metric.isObserved || limited.has(metric))
  return {
    rows: shown.map((metric) => rowOf(metric, trendStats, durationMs)),
    thresholds: [...limited].map((metric) => {
      const own = thresholds.all.filter((threshold) => threshold.metric === metric)
      const row = rowOf(metric, trendStats, durationMs)
      const named = own.map(({ source }) => statisticOf(source))
      const values = { ...row.values, ...Object.fromEntries(named.map((name) => [name, metric.sink.statistic(name, durationMs) ?? 0])) }
      return { row: { ...row, values }, thresholds: own.map(({ source, isCrossed }) => ({ source, ok: !isCrossed })) }
    }),
    checks,
    trendStats,
    durationMs,
  }
}

export function summaryData(result: TestResult, checks: readonly CheckRow[]): SummaryData {
  const { rows, thresholds } = summaryInput(result, checks)
  const { setupData, options, durationMs } = result
  const metrics = rows.map(({ name, type, contains, values }): readonly [string, DataMetric] => {
    const own = thresholds.find(({ row }) => row.name === name)?.thresholds ?? []
    const results = Object.fromEntries(own.map(({ source, ok }) => [source, { ok }]))
    return [name, { type, contains, values, ...(own.length > 0 ? { thresholds: results } : {}) }]
  })
  return {
    metrics: Object.fromEntries(metrics),
    // The path of the root group is empty, and its id is the MD5 digest of the empty text.
    root_group: {
      name: '',
      path: '',
      id: 'd41d8cd98f00b204e9800998ecf8427e',
      groups: [],
      checks: checks.map((check) => ({ ...check, path: `::${check.name}` })),
    },
    options: { summaryTrendStats: options.summaryTrendStats, summaryTimeUnit: '', noColor: true },
    state: { isStdOutTTY: process.stdout.isTTY === true, isStdErrTTY: process.stderr.isTTY === true, testRunDurationMs: durationMs },
    ...(setupData === undefined ? {} : { setup_data: setupData }),
  }
}

function rowOf(metric: Metric, trendStats: readonly string[], durationMs: number): Row {
  const { name, type, contains, sink } = metric
  return { name, type, contains, values: sink.values(trendStats, durationMs) }
}

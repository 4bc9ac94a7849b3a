import { LoadError } from '../load-error.ts'
import { milliseconds } from '../run/duration.ts'
import type { Metric, MetricRegistry } from './registry.ts'
import type { MetricType } from './sinks.ts'

export interface Threshold {
  readonly source: string
  readonly metric: Metric
  readonly abortOnFail: boolean
  readonly delayAbortMs: number
  isCrossed: boolean
}

const EXPRESSION = /^\s*(count|rate|value|avg|min|max|med|p\(\d+(?:\.\d+)?\))\s*(<=|>=|===|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*$/
const STATISTICS: Readonly<Record<MetricType, string>> = {
  counter: 'count and rate',
  gauge: 'value',
  rate: 'rate',
  trend: 'avg, min, max, med, count and p(N)',
}
const KEYS = ['threshold', 'abortOnFail', 'delayAbortEval']

/** Thresholds of a load test. They are evaluated while the test runs, and at its end. */
export class Thresholds {
  readonly all: readonly Threshold[]

  /** Parses the thresholds of the script's options. @throws LoadError INVALID_OPTIONS that names the threshold and what was expected. */
  constructor(options: Readonly<Record<string, unknown>>, registry: MetricRegistry) {
    this.all = Object.entries(options).flatMap(([name, list]) => {
      if (!Array.isArray(list))
        throw new LoadError('INVALID_OPTIONS', `options.thresholds.${name}: expected a list of thresholds, got ${JSON.stringify(list)}.`)
      return list.map((entry) => thresholdOf(name, entry, registry))
    })
  }

  evaluate(durationMs: number): void {
    for (const threshold of this.all) threshold.isCrossed = !holds(threshold, durationMs)
  }

  /** Returns the first crossed threshold that ends the test early; undefined if there is none. */
  aborting(durationMs: number): Threshold | undefined {
    return this.all.find(({ isCrossed, abortOnFail, delayAbortMs }) => isCrossed && abortOnFail && durationMs >= delayAbortMs)
  }

  /** Returns the names of the metrics that have a crossed threshold. */
  crossed(): readonly string[] {
    return [...new Set(this.all.filter(({ isCrossed }) => isCrossed).map(({ metric }) => metric.name))]
  }
}

function thresholdOf(name: string, entry: unknown, registry: MetricRegistry): Threshold {
  const given = (typeof entry === 'string' ? { threshold: entry } : entry) as Readonly<Record<string, unknown>>
  const other = Object.keys(given).find((key) => !KEYS.includes(key))
  if (other !== undefined)
    throw new LoadError('INVALID_OPTIONS', `options.thresholds.${name}: expected the properties ${KEYS.join(', ')}, got "${other}".`)
  const source = String(given['threshold'])
  const metric = registry.part(name)
  const [, statistic = ''] = EXPRESSION.exec(source) ?? []
  if (metric.sink.statistic(statistic, 1) === undefined)
    throw new LoadError(
      'INVALID_OPTIONS',
      `options.thresholds.${name}: expected a comparison such as count==0 (statistics of a ${metric.type}: ${STATISTICS[metric.type]}), got "${source}".`,
    )
  const delay = given['delayAbortEval']
  return {
    source,
    metric,
    abortOnFail: given['abortOnFail'] === true,
    delayAbortMs: delay === undefined ? 0 : milliseconds(String(delay), `thresholds.${name}.delayAbortEval`),
    isCrossed: false,
  }
}

function holds({ source, metric }: Threshold, durationMs: number): boolean {
  const [, statistic = '', operator, limit] = EXPRESSION.exec(source) ?? []
  const value = metric.sink.statistic(statistic, durationMs) ?? Number.NaN
  const wanted = Number(limit)
  switch (operator) {
    case '<':
      return value < wanted
    case '<=':
      return value <= wanted
    case '>':
      return value > wanted
    case '>=':
      return value >= wanted
    case '!=':
      return value !== wanted
    default:
      return value === wanted
  }
}

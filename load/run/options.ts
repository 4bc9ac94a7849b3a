import { LoadError } from '../load-error.ts'
import { milliseconds } from './duration.ts'

/** Stage of a ramp: within `durationMs` the rate changes linearly to `target`. `target` is in iterations per time unit of the scenario. */
export interface Stage {
  readonly durationMs: number
  readonly target: number
}

export interface ScenarioOptions {
  readonly name: string
  readonly executor: 'constant-arrival-rate' | 'ramping-arrival-rate'
  /** Name of the function that each iteration runs. The script exports it. */
  readonly exec: string
  readonly startTimeMs: number
  readonly gracefulStopMs: number
  readonly timeUnitMs: number
  readonly startRate: number
  readonly stages: readonly Stage[]
  readonly durationMs: number
  readonly preAllocatedVUs: number
  readonly maxVUs: number
}

export interface RunOptions {
  readonly scenarios: readonly ScenarioOptions[]
  readonly thresholds: Readonly<Record<string, unknown>>
  readonly summaryTrendStats: readonly string[]
  readonly setupTimeoutMs: number
  readonly teardownTimeoutMs: number
}

type Given = Readonly<Record<string, unknown>>

const OPTIONS = ['scenarios', 'thresholds', 'summaryTrendStats', 'setupTimeout', 'teardownTimeout']
const COMMON = ['executor', 'exec', 'startTime', 'gracefulStop', 'timeUnit', 'preAllocatedVUs', 'maxVUs']
const KEYS = {
  'constant-arrival-rate': [...COMMON, 'rate', 'duration'],
  'ramping-arrival-rate': [...COMMON, 'startRate', 'stages'],
}
const TREND_STATS = ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)']
const TREND_STAT = /^(avg|min|med|max|count|p\(\d+(\.\d+)?\))$/

/**
 * Parses the script's `options`.
 * @throws LoadError INVALID_OPTIONS for an unsupported or wrong option; the message says what is expected.
 */
export function readOptions(given: unknown): RunOptions {
  const options = objectOf(given, 'options')
  onlyThese(options, OPTIONS, 'options')
  const scenarios = Object.entries(objectOf(options['scenarios'], 'options.scenarios')).map(([name, scenario]) =>
    scenarioOf(name, objectOf(scenario, `scenarios.${name}`)),
  )
  if (scenarios.length === 0) throw new LoadError('INVALID_OPTIONS', 'options.scenarios: expected at least one scenario, got none.')
  return {
    scenarios,
    thresholds: objectOf(options['thresholds'] ?? {}, 'options.thresholds'),
    summaryTrendStats: trendStatsOf(options['summaryTrendStats']),
    setupTimeoutMs: durationOf(options, 'setupTimeout', 'options', '60s'),
    teardownTimeoutMs: durationOf(options, 'teardownTimeout', 'options', '60s'),
  }
}

function scenarioOf(name: string, scenario: Given): ScenarioOptions {
  const place = `scenarios.${name}`
  const executor = scenario['executor']
  if (executor !== 'constant-arrival-rate' && executor !== 'ramping-arrival-rate')
    throw new LoadError('INVALID_OPTIONS', `${place}.executor: expected ${Object.keys(KEYS).join(' or ')}, got "${executor}".`)
  onlyThese(scenario, KEYS[executor], place)
  const rate = numberOf(scenario, executor === 'constant-arrival-rate' ? 'rate' : 'startRate', place, 0)
  const stages =
    executor === 'constant-arrival-rate'
      ? [{ durationMs: durationOf(scenario, 'duration', place), target: rate }]
      : stagesOf(scenario['stages'], place)
  const preAllocatedVUs = numberOf(scenario, 'preAllocatedVUs', place)
  return {
    name,
    executor,
    exec: String(scenario['exec'] ?? 'default'),
    startTimeMs: durationOf(scenario, 'startTime', place, '0s'),
    gracefulStopMs: durationOf(scenario, 'gracefulStop', place, '30s'),
    timeUnitMs: durationOf(scenario, 'timeUnit', place, '1s'),
    startRate: rate,
    stages,
    durationMs: stages.reduce((sum, stage) => sum + stage.durationMs, 0),
    preAllocatedVUs,
    maxVUs: Math.max(preAllocatedVUs, numberOf(scenario, 'maxVUs', place, preAllocatedVUs)),
  }
}

function stagesOf(given: unknown, place: string): readonly Stage[] {
  if (!Array.isArray(given) || given.length === 0)
    throw new LoadError('INVALID_OPTIONS', `${place}.stages: expected a list of at least one stage, got ${JSON.stringify(given)}.`)
  return given.map((entry, index) => {
    const stage = objectOf(entry, `${place}.stages[${index}]`)
    onlyThese(stage, ['duration', 'target'], `${place}.stages[${index}]`)
    return {
      durationMs: durationOf(stage, 'duration', `${place}.stages[${index}]`),
      target: numberOf(stage, 'target', `${place}.stages[${index}]`),
    }
  })
}

function trendStatsOf(given: unknown): readonly string[] {
  if (given === undefined) return TREND_STATS
  if (!Array.isArray(given) || !given.every((name) => TREND_STAT.test(name)))
    throw new LoadError(
      'INVALID_OPTIONS',
      `options.summaryTrendStats: expected avg, min, med, max, count and p(N), got ${JSON.stringify(given)}.`,
    )
  return given
}

function objectOf(given: unknown, place: string): Given {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Given
  throw new LoadError('INVALID_OPTIONS', `${place}: expected an object, got ${JSON.stringify(given)}.`)
}

function onlyThese(given: Given, keys: readonly string[], place: string): void {
  const other = Object.keys(given).find((key) => !keys.includes(key))
  if (other !== undefined)
    throw new LoadError('INVALID_OPTIONS', `${place}.${other} is not supported by this stand-in for k6, which supports ${keys.join(', ')}.`)
}

function durationOf(given: Given, key: string, place: string, fallback?: string): number {
  return milliseconds(String(given[key] ?? fallback), `${place}.${key}`)
}

function numberOf(given: Given, key: string, place: string, fallback?: number): number {
  const value = given[key] ?? fallback
  if (Number.isInteger(value) && Number(value) >= 0) return Number(value)
  throw new LoadError('INVALID_OPTIONS', `${place}.${key}: expected a whole number, 0 or greater, got ${JSON.stringify(value)}.`)
}

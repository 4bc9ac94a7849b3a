import { describe, expect, it } from 'vitest'
import { MetricRegistry } from '../../load/metrics/registry.ts'
import { Thresholds } from '../../load/metrics/thresholds.ts'
import { readOptions } from '../../load/run/options.ts'

function registry(): MetricRegistry {
  const metrics = new MetricRegistry()
  metrics.declare('wrong', 'counter', 'default')
  metrics.declare('errors', 'rate', 'default')
  return metrics
}

/** Adds the values 1 to 100. The values above 90 belong to the scenario `other`. */
function filled(metrics: MetricRegistry): void {
  for (let value = 1; value <= 100; value++) metrics.add('http_req_duration', value, { scenario: value > 90 ? 'other' : 'load' })
  metrics.add('wrong', 3, {})
  for (const value of [0, 0, 0, 1]) metrics.add('errors', value, {})
}

it.each([
  ['http_req_duration', 'p(95)<95.06', true],
  ['http_req_duration', 'p(95)<95.04', false],
  ['http_req_duration', 'avg==50.5', true],
  ['http_req_duration', 'max>=100', true],
  ['http_req_duration{scenario:load}', 'max<=90', true],
  ['http_req_duration{scenario:other}', 'min > 90', true],
  ['http_req_duration{scenario:nobody}', 'max<1', true],
  ['wrong', 'count==0', false],
  ['wrong', 'rate<0.31', true],
  ['errors', 'rate<0.25', false],
  ['errors', 'rate<=0.25', true],
])('For the metric %s the threshold %s has the result %s.', (name, source, holds) => {
  const metrics = registry()
  const thresholds = new Thresholds({ [name]: [source] }, metrics)
  filled(metrics)
  thresholds.evaluate(10_000)
  expect(thresholds.crossed()).toEqual(holds ? [] : [name])
})

it('A threshold ends a run early only if it has abortOnFail, and not before its delay.', () => {
  const metrics = registry()
  const thresholds = new Thresholds({ wrong: ['count<1', { threshold: 'count<2', abortOnFail: true, delayAbortEval: '5s' }] }, metrics)
  filled(metrics)
  thresholds.evaluate(4000)
  expect(thresholds.aborting(4000)).toBeUndefined()
  expect(thresholds.aborting(5000)?.source).toBe('count<2')
})

describe('Options that the k6 stand-in does not support', () => {
  it.each([
    [{ missing: ['count==0'] }, 'missing'],
    [{ wrong: ['p(95)<1'] }, 'count and rate'],
    [{ wrong: ['count=0'] }, 'count=0'],
    [{ wrong: [{ threshold: 'count==0', abort: true }] }, '"abort"'],
    [{ 'wrong{a}': ['count==0'] }, '{scenario:load}'],
  ])('are rejected in thresholds: %j.', (given, text) => {
    expect(() => new Thresholds(given, registry())).toThrow(text)
  })

  it.each([
    [{ vus: 3 }, 'options.vus'],
    [{ scenarios: {} }, 'at least one scenario'],
    [{ scenarios: { a: { executor: 'constant-vus' } } }, 'constant-arrival-rate or ramping-arrival-rate'],
    [{ scenarios: { a: { executor: 'constant-arrival-rate', rate: 1.5, duration: '1s', preAllocatedVUs: 1 } } }, 'whole number'],
    [{ scenarios: { a: { executor: 'constant-arrival-rate', rate: 1, duration: '1 s', preAllocatedVUs: 1 } } }, '"1 s"'],
    [{ scenarios: { a: { executor: 'constant-arrival-rate', rate: 1, duration: '1s', preAllocatedVUs: 1, env: {} } } }, 'scenarios.a.env'],
  ])('are rejected in scenarios: %j.', (given, text) => {
    expect(() => readOptions(given)).toThrow(text)
  })
})

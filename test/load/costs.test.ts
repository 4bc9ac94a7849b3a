import { expect, it } from 'vitest'
import { figuresTable } from '../../bench/figures/table.ts'
import type { Counters } from '../../load/gateway/observer.ts'
import { MetricRegistry } from '../../load/metrics/registry.ts'
import { type Costs, costsOf } from '../../load/report/costs.ts'
import type { Report } from '../../load/report/write-report.ts'

const NOTHING: Counters = {
  cpuSeconds: undefined,
  loads: undefined,
  barriers: undefined,
  barrierSeconds: undefined,
  quickBarriers: undefined,
  cacheBytes: undefined,
  cacheEntries: undefined,
  residentBytes: undefined,
  transactions: undefined,
  databaseSeconds: undefined,
  connections: undefined,
  redisBytes: undefined,
  redisMemoryBytes: undefined,
  redisKeys: undefined,
}

function costs(readings: readonly Partial<Counters>[], registry = new MetricRegistry()): Costs {
  const all = readings.map((reading) => ({ ...NOTHING, ...reading }))
  return costsOf({ readings: all, requests: 100, durationMs: 10_000, registry, generatorLagMs: 1 })
}

it('The costs of a run are computed from the increase of each counter between start and end, and from the maximum of each gauge.', () => {
  const before = { cpuSeconds: 1, transactions: 10, barriers: 0, barrierSeconds: 0, quickBarriers: 0, cacheBytes: 0 }
  const between = { cacheBytes: 3 * 2 ** 20 }
  const after = { cpuSeconds: 3, transactions: 60, barriers: 4, barrierSeconds: 0.02, quickBarriers: 3, cacheBytes: 2 ** 20 }
  expect(costs([before, between, after])).toMatchObject({
    requestsPerSecond: 10,
    requestsPerCoreSecond: 50,
    databaseTransactionsPerRequest: 0.5,
    barrierMs: 5,
    quickBarriers: 0.75,
    cacheMegabytes: 3,
    redisBytesPerRequest: undefined,
  })
})

it('The reported latency excludes the requests of the warm-up.', () => {
  const registry = new MetricRegistry()
  for (const scenario of ['warm_up', 'load']) registry.part(`http_req_duration{scenario:${scenario}}`)
  registry.add('http_req_duration', 500, { scenario: 'warm_up' })
  for (const ms of [1, 3]) registry.add('http_req_duration', ms, { scenario: 'load' })
  expect(costs([], registry)).toMatchObject({ meanMs: 2, errorRate: undefined })
})

it('The table of figures has a column for each run, and separate rows for the hit rates in the last minute.', () => {
  const second = (l1: number, l2: number, miss: number) => ({ answers: { l1, l2, miss, stale: 0, bypass: 9 } })
  const seconds = [second(0, 0, 100), ...Array.from({ length: 60 }, () => second(8, 1, 1))]
  const table = figuresTable([{ title: 'one', report: { costs: costs([]), seconds } as unknown as Report }])
  expect(table).toContain('|  | one |')
  expect(table).toContain('| hit rate in the last minute | 90.0% |')
  expect(table).toContain('| hit rate of L1 in the last minute | 80.0% |')
  expect(table).toContain('| hit rate of L2 in the last minute | 50.0% |')
})

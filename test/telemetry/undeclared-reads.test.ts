import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { createMetrics } from '#src/operations/telemetry/metrics.ts'
import { createUndeclaredReadLog } from '#src/operations/telemetry/undeclared-read-log.ts'

it('A table that a load reads although the field does not declare it is logged only once for each field and table.', () => {
  const lines: string[] = []
  const write = (chunk: unknown, _: unknown, done: () => void) => {
    lines.push(String(chunk))
    done()
  }
  const log = createUndeclaredReadLog(createLogger('info', new Writable({ write })))
  for (const tables of [[], ['calls', 'bids'], ['calls']]) log('Query.a', tables)
  log('Query.b', ['calls'])
  expect(lines.map((line) => JSON.parse(line)).map(({ field, table }) => `${field} ${table}`)).toEqual([
    'Query.a calls',
    'Query.a bids',
    'Query.b calls',
  ])
})

it('Metrics count observed loads, and count by field and table the loads that read a table that the field does not declare.', async () => {
  const cacheStats = { lagMs: 0, memoryEntries: 0, memoryBytes: 0, loadsInFlight: 0, peakLoads: 0, unwatched: [] }
  const metrics = createMetrics({ cacheStats: () => cacheStats, redisState: undefined, others: undefined })
  for (const tables of [[], ['calls', 'bids'], ['calls']]) metrics.onObservedLoad('Query.a', tables)
  const { text } = await metrics.read()
  expect(text).toContain('tidegate_cache_observed_loads_total 3')
  expect(text).toContain('tidegate_cache_undeclared_reads_total{field="Query.a",table="calls"} 2')
  expect(text).toContain('tidegate_cache_undeclared_reads_total{field="Query.a",table="bids"} 1')
})

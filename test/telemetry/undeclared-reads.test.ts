import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { createLogger } from '../../src/telemetry/logger.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createUndeclaredReadLog } from '../../src/telemetry/undeclared-read-log.ts'

it('an undeclared read is logged once for each field and table', () => {
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

it('an undeclared read is counted by field and table, and each observed load is counted', async () => {
  const cacheStats = { lagMs: 0, memoryEntries: 0, memoryBytes: 0, loadsInFlight: 0, unwatched: [] }
  const metrics = createMetrics({ redisState: undefined, others: undefined, cacheStats: () => cacheStats })
  for (const tables of [[], ['calls', 'bids'], ['calls']]) metrics.onObservedLoad('Query.a', tables)
  const { text } = await metrics.read()
  expect(text).toContain('tidegate_cache_observed_loads_total 3')
  expect(text).toContain('tidegate_cache_undeclared_reads_total{field="Query.a",table="calls"} 2')
  expect(text).toContain('tidegate_cache_undeclared_reads_total{field="Query.a",table="bids"} 1')
})

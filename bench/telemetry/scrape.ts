import { createMetrics } from '#src/operations/telemetry/metrics.ts'
import { median } from '../cache/measure.ts'

const NAMES = 10_000
const SCRAPES = 41

/** Measures a scrape of /metrics after 10,000 distinct operations, fields and tenants. Returns the result as a line of text. */
export async function measureScrape(): Promise<string> {
  const cacheStats = () => ({ lagMs: 0, memoryEntries: 0, memoryBytes: 0, loadsInFlight: 0, peakLoads: 0, unwatched: [] })
  const metrics = createMetrics({ cacheStats, redisState: undefined, others: undefined, withTenants: true })
  const told = { requestId: 'r', operationHash: 'hash', kind: 'query', policyNames: ['Campaign'], cache: 'MISS', layer: 'origin' } as const
  for (let index = 0; index < NAMES; index++) {
    const policy = `Field${index}`
    for (const layer of ['l1', 'l2', 'origin', 'coalesced'] as const)
      metrics.onOperation({
        ...told,
        operationName: `Q${index}`,
        tenant: `t${index}`,
        layer,
        errorCodes: [],
        durationMs: 2,
        savedMs: 1,
        bytes: 9,
      })
    for (const layer of ['l1', 'l2', 'origin', 'coalesced'] as const)
      metrics.onCacheEvent({ type: 'read', policy, layer, count: 1, savedMs: 1 })
    for (const cause of ['cold', 'invalidated', 'expired', 'evicted'] as const)
      metrics.onCacheEvent({ type: 'miss', policy, cause, count: 1 })
    metrics.onCacheEvent({ type: 'reload', policy, count: 1, needless: 1, loadMs: 1, voidedBy: { tag: 't1:Campaign:1', seq: 1 } })
    metrics.onCacheEvent({ type: 'load', policy, count: 1, failed: 0, durationMs: 1 })
  }
  const durations: number[] = []
  const processor: number[] = []
  let text = ''
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    const startedAt = performance.now()
    const cpu = process.cpuUsage()
    text = (await metrics.read()).text
    durations.push(performance.now() - startedAt)
    const { user, system } = process.cpuUsage(cpu)
    processor.push((user + system) / 1000)
  }
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
  const [wall, cpu] = [durations, processor].map((values) => median(values).toFixed(1))
  return `${series} series, ${text.length} bytes; a scrape takes ${wall} ms, of which ${cpu} ms processor time (medians)\n`
}

import { describe, expect, it } from 'vitest'
import { createMetrics, type Metrics } from '#src/operations/telemetry/metrics.ts'
import type { FigureMessage } from '#src/start/figure-messages.ts'
import { FigureRelay } from '#src/start/relay-figures.ts'
import { WorkerFigures } from '#src/start/worker-figures.ts'

const cacheStats = () => ({ lagMs: 3000, memoryEntries: 2, memoryBytes: 100, loadsInFlight: 0, peakLoads: 0, unwatched: [] })
const ASKED = { operationName: 'Campaigns', operationHash: 'h1', tenant: 'acme' }
const OPERATION = {
  ...ASKED,
  savedMs: 5,
  bytes: 100,
  requestId: 'r1',
  kind: 'query',
  policyNames: ['Query.campaigns'],
  cache: 'HIT',
  layer: 'l2',
  errorCodes: [],
  durationMs: 3,
} as const
const AT_HAND = { ...ASKED, policy: 'Response' }

function countAtHand(metrics: Metrics, ...statuses: readonly number[]): void {
  const counter = metrics.counterOf(AT_HAND)
  for (const status of statuses) counter.count(status, 0.2, 5, 100)
}

async function figureOf(metrics: Metrics, series: string): Promise<number> {
  const { text } = await metrics.read()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1))
}

/** Starts the workers of one primary process. Their messages arrive in the next turn of the event loop. */
function startWorkers(count: number) {
  const timers: (() => void)[] = []
  const setTimer = (callback: () => void) => {
    timers.push(callback)
    return { cancel: () => void timers.splice(timers.indexOf(callback), 1) }
  }
  const relay = new FigureRelay({ patienceMs: 1, setTimer })
  const workers = Array.from({ length: count }, () => {
    const toWorker: ((message: unknown) => void)[] = []
    const toPrimary: ((message: unknown) => void)[] = []
    const gone: (() => void)[] = []
    const worker = { isSuspended: false, end: () => gone.forEach((listener) => void listener()) }
    const pass = (message: FigureMessage, listeners: readonly ((message: unknown) => void)[]) => {
      if (!worker.isSuspended) setImmediate(() => listeners.forEach((listener) => void listener(structuredClone(message))))
    }
    relay.add({
      send: (message) => pass(message, toWorker),
      onMessage: (listener) => void toPrimary.push(listener),
      onGone: (listener) => void gone.push(listener),
    })
    const channel = {
      send: (message: FigureMessage) => pass(message, toPrimary),
      onMessage: (listener: (message: unknown) => void) => void toWorker.push(listener),
    }
    const others = new WorkerFigures({ channel, patienceMs: 2, setTimer })
    const redisState = () => ({ isReady: !worker.isSuspended, isWritable: true })
    return Object.assign(worker, { metrics: createMetrics({ cacheStats, redisState, others }) })
  })
  const [first, second, third] = workers
  if (!first || !second || !third) throw new TypeError('Three workers were expected.')
  return { first, second, third, timers }
}

const HITS = 'tidegate_operation_duration_seconds_count{kind="query",cache="HIT"}'

describe('the metrics of one process', () => {
  const metrics = createMetrics({ cacheStats, redisState: () => ({ isReady: true, isWritable: false }), others: undefined })

  it('include a response that was served from memory, with its layer, duration and status', async () => {
    metrics.onOperation(OPERATION)
    countAtHand(metrics, 200, 304)
    metrics.onResponse(401)
    expect(await figureOf(metrics, HITS)).toBe(3)
    expect(await figureOf(metrics, 'tidegate_operation_duration_seconds_bucket{le="0.0005",kind="query",cache="HIT"}')).toBe(2)
    expect(await figureOf(metrics, 'tidegate_operation_duration_seconds_bucket{le="+Inf",kind="query",cache="HIT"}')).toBe(3)
    expect(await figureOf(metrics, 'tidegate_cache_reads_total{policy="Response",layer="l1"}')).toBe(2)
    expect(await figureOf(metrics, 'tidegate_cache_hit_ratio{policy="Response"}')).toBe(1)
    expect(await figureOf(metrics, 'tidegate_requests_total{operation="Campaigns",layer="at hand"}')).toBe(2)
    expect(await figureOf(metrics, 'tidegate_requests_total{operation="Campaigns",layer="l2"}')).toBe(1)
    expect(await figureOf(metrics, 'tidegate_tenant_requests_total{tenant="acme",layer="l2"}')).toBeNaN()
    for (const status of [200, 304, 401]) expect(await figureOf(metrics, `tidegate_http_responses_total{status="${status}"}`)).toBe(1)
  })

  it('show whether Redis is available and accepts writes', async () => {
    expect([await figureOf(metrics, 'tidegate_redis_up'), await figureOf(metrics, 'tidegate_redis_writable')]).toEqual([1, 0])
  })
})

describe('a scrape of the metrics that reaches one of several workers', () => {
  it('returns the sums over all workers, and the worst value of gauges that cannot be added', async () => {
    const { first, second, third } = startWorkers(3)
    for (const { metrics } of [first, second, second, third, third, third]) countAtHand(metrics, 200)
    for (const { metrics } of [first, second, third]) expect(await figureOf(metrics, HITS)).toBe(6)
    expect(await figureOf(first.metrics, 'tidegate_cache_memory_bytes')).toBe(300)
    expect(await figureOf(first.metrics, 'tidegate_cache_lag_seconds')).toBe(3)
  })

  it('computes hit ratios from the sums over all workers, and not from the ratios of the workers', async () => {
    const { first, second } = startWorkers(3)
    const policy = 'Campaign'
    first.metrics.onCacheEvent({ type: 'read', policy, layer: 'l1', count: 90, savedMs: 0 })
    first.metrics.onCacheEvent({ type: 'read', policy, layer: 'origin', count: 10, savedMs: 0 })
    first.metrics.onCacheEvent({ type: 'miss', policy, cause: 'expired', count: 10 })
    second.metrics.onCacheEvent({ type: 'read', policy, layer: 'origin', count: 20, savedMs: 0 })
    second.metrics.onCacheEvent({ type: 'miss', policy, cause: 'cold', count: 20 })
    for (const { metrics } of [first, second]) {
      expect(await figureOf(metrics, `tidegate_cache_hit_ratio{policy="${policy}"}`)).toBe(0.75)
      expect(await figureOf(metrics, `tidegate_cache_reachable_hit_ratio{policy="${policy}"}`)).toBeCloseTo(1 - 20 / 120, 12)
      expect(await figureOf(metrics, `tidegate_cache_misses_total{policy="${policy}",cause="cold"}`)).toBe(20)
    }
  })

  it('includes the counters of workers that have exited, but not the gauges of such workers', async () => {
    const { first, second } = startWorkers(3)
    countAtHand(second.metrics, 200)
    expect(await figureOf(first.metrics, HITS)).toBe(1)
    second.end()
    expect(await figureOf(first.metrics, HITS)).toBe(1)
    expect(await figureOf(first.metrics, 'tidegate_cache_memory_bytes')).toBe(200)
  })

  it('uses the last known counts of a worker that does not respond', async () => {
    const { first, second, timers } = startWorkers(3)
    countAtHand(second.metrics, 200)
    expect(await figureOf(first.metrics, HITS)).toBe(1)
    second.isSuspended = true
    const scraped = figureOf(first.metrics, HITS)
    await expect.poll(() => timers.length).toBe(2)
    // The timeout of the primary process expires before that of the worker.
    timers.at(-1)?.()
    expect(await scraped).toBe(1)
  })

  it('fails if the primary process does not respond, because missing metrics are better than incomplete sums', async () => {
    const { first, timers } = startWorkers(3)
    first.isSuspended = true
    const scraped = first.metrics.read()
    await expect.poll(() => timers.length).toBe(1)
    timers[0]?.()
    await expect(scraped).rejects.toThrow('did not send the other workers')
  })
})

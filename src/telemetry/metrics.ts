import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CacheEvent } from '../cache/events.ts'
import { type AnswerAtHand, answerMetrics } from './answer-metrics.ts'
import { figuresOf, type OtherProcesses, textOf } from './figures.ts'

export interface CacheStats {
  readonly lagMs: number
  readonly memoryEntries: number
  readonly memoryBytes: number
  readonly loadsInFlight: number
  readonly unwatched: readonly string[]
}

export interface RedisState {
  readonly isReady: boolean
  readonly isWritable: boolean
}

export interface MetricsOptions {
  readonly cacheStats: () => CacheStats
  /** undefined where there is no Redis. */
  readonly redisState: (() => RedisState) | undefined
  /** Processes that share the port; undefined where this is the only one. */
  readonly others: OtherProcesses | undefined
}

export interface Metrics {
  /** The metrics of all processes that share the port, in Prometheus' text format. @throws when the others do not answer. */
  read(): Promise<{ readonly contentType: string; readonly text: string }>
  onCacheEvent(event: CacheEvent): void
  /** A load was observed. @param undeclared Tables that it read and that its field does not depend on. */
  onObservedLoad(field: string, undeclared: readonly string[]): void
  /** An operation was answered by bytes that this process had. */
  onAnswerAtHand(answer: AnswerAtHand): void
  /** Any other request was answered. */
  onResponse(status: number): void
  onOperation(operation: {
    readonly kind: string
    readonly cache: string
    readonly errorCodes: readonly string[]
    readonly durationMs: number
  }): void
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** The figures of one app, in a registry of its own. */
export function createMetrics({ cacheStats, redisState, others }: MetricsOptions): Metrics {
  const registers = [new Registry()] as const
  const [registry] = registers
  collectDefaultMetrics({ register: registry })
  const { operations, reads, onAnswerAtHand, onResponse } = answerMetrics(registry, SECONDS)
  const failures = new Counter({
    name: 'tidegate_operation_errors_total',
    help: 'Errors in answers, by code.',
    labelNames: ['code'],
    registers: [...registers],
  })
  const loads = new Histogram({
    name: 'tidegate_cache_load_duration_seconds',
    help: 'Time of loads from the database.',
    labelNames: ['policy'],
    buckets: SECONDS,
    registers: [...registers],
  })
  const loaded = new Counter({
    name: 'tidegate_cache_loaded_total',
    help: 'Values loaded from the database, by outcome.',
    labelNames: ['policy', 'outcome'],
    registers: [...registers],
  })
  const syncs = new Histogram({
    name: 'tidegate_cache_sync_duration_seconds',
    help: 'Time of a look at the invalidation log.',
    buckets: SECONDS,
    registers: [...registers],
  })
  const syncFailures = new Counter({
    name: 'tidegate_cache_sync_failures_total',
    help: 'Looks at the invalidation log that failed.',
    registers: [...registers],
  })
  const barriers = new Histogram({
    name: 'tidegate_cache_barrier_duration_seconds',
    help: 'Time that a write waited for its barrier.',
    labelNames: ['outcome'],
    buckets: SECONDS,
    registers: [...registers],
  })
  const invalidations = new Counter({ name: 'tidegate_cache_invalidated_tags_total', help: 'Tags invalidated.', registers: [...registers] })
  const resets = new Counter({
    name: 'tidegate_cache_resets_total',
    help: 'Times that everything cached became void.',
    registers: [...registers],
  })
  const shared = new Counter({
    name: 'tidegate_cache_shared_reads_total',
    help: 'Entries asked of Redis, by outcome.',
    labelNames: ['outcome'],
    registers: [...registers],
  })
  const sharedSeconds = new Histogram({
    name: 'tidegate_cache_shared_read_duration_seconds',
    help: 'Time of reads from Redis.',
    buckets: SECONDS,
    registers: [...registers],
  })
  const sharedFailures = new Counter({
    name: 'tidegate_cache_shared_errors_total',
    help: 'Failed operations of Redis.',
    labelNames: ['operation'],
    registers: [...registers],
  })
  const breaker = new Gauge({
    name: 'tidegate_cache_breaker_open',
    help: 'Processes that do not ask Redis because it keeps failing.',
    registers: [...registers],
  })
  const evictions = new Counter({
    name: 'tidegate_cache_evictions_total',
    help: 'Entries that left the process for lack of room.',
    registers: [...registers],
  })
  const reloads = new Counter({
    name: 'tidegate_cache_reloads_total',
    help: 'Loads that an invalidation caused, by whether the value was another one (needed) or the same (needless). Counted with CACHE_MEASURE_RELOADS=on.',
    labelNames: ['policy', 'outcome'],
    registers: [...registers],
  })
  const refreshes = new Counter({
    name: 'tidegate_cache_refreshes_total',
    help: 'Values loaded anew in the background, by the reason.',
    labelNames: ['policy', 'reason'],
    registers: [...registers],
  })
  const shed = new Counter({
    name: 'tidegate_cache_shed_total',
    help: 'Values that were not loaded because whoever waited for them had left.',
    labelNames: ['policy'],
    registers: [...registers],
  })
  const probes = new Counter({
    name: 'tidegate_cache_probes_total',
    help: 'Comparisons of invalidated values with the database. The outcome `stale` must never appear.',
    labelNames: ['outcome', 'after_ms'],
    registers: [...registers],
  })
  const observed = new Counter({
    name: 'tidegate_cache_observed_loads_total',
    help: 'Loads whose tables were compared with @cache(depends:), in production: see CACHE_DEPENDENCY_CHECK_RATE.',
    registers: [...registers],
  })
  const undeclared = new Counter({
    name: 'tidegate_cache_undeclared_reads_total',
    help: 'Observed loads that read a table which their @cache(depends:) does not name. Must never appear: its changes do not invalidate the field.',
    labelNames: ['field', 'table'],
    registers: [...registers],
  })
  const gauge = (name: string, help: string, value: () => number, aggregator: 'sum' | 'max' | 'min' = 'sum') =>
    new Gauge({
      name,
      help,
      aggregator,
      registers: [...registers],
      collect() {
        this.set(value())
      },
    })
  gauge('tidegate_cache_lag_seconds', 'Age of the newest sync with the invalidation log.', () => cacheStats().lagMs / 1000, 'max')
  gauge('tidegate_cache_memory_bytes', 'Estimated bytes of the values kept in memory.', () => cacheStats().memoryBytes)
  gauge('tidegate_cache_memory_entries', 'Values kept in memory.', () => cacheStats().memoryEntries)
  gauge('tidegate_cache_loads_in_flight', 'Keys that are being loaded.', () => cacheStats().loadsInFlight)
  gauge(
    'tidegate_cache_unwatched_types',
    'Types that are not cached because their changes do not reach the log.',
    () => cacheStats().unwatched.length,
    'max',
  )
  if (redisState) {
    gauge('tidegate_redis_up', '1 while the connection to Redis is up.', () => Number(redisState().isReady), 'min')
    gauge('tidegate_redis_writable', '0 while Redis refuses writes because it is a replica.', () => Number(redisState().isWritable), 'min')
  }
  others?.provide(() => figuresOf(registry))

  return {
    onObservedLoad: (field, tables) => {
      observed.inc()
      for (const table of tables) undeclared.inc({ field, table })
    },
    onAnswerAtHand,
    onResponse,
    read: async () => {
      if (!others) return { contentType: registry.contentType, text: await registry.metrics() }
      const own = await figuresOf(registry)
      return { contentType: registry.contentType, text: await textOf([own, ...(await others.ask(own))]) }
    },
    onOperation: ({ kind, cache, errorCodes, durationMs }) => {
      operations.series({ kind, cache }).observe(durationMs / 1000)
      for (const code of errorCodes) failures.inc({ code })
    },
    onCacheEvent: (event) => {
      switch (event.type) {
        case 'read':
          reads.inc({ policy: event.policy, layer: event.layer }, event.count)
          break
        case 'load':
          loads.observe({ policy: event.policy }, event.durationMs / 1000)
          loaded.inc({ policy: event.policy, outcome: 'loaded' }, event.count - event.failed)
          if (event.failed > 0) loaded.inc({ policy: event.policy, outcome: 'failed' }, event.failed)
          break
        case 'sync':
          syncs.observe(event.durationMs / 1000)
          break
        case 'sync-failed':
          syncFailures.inc()
          break
        case 'barrier':
          barriers.observe({ outcome: event.succeeded ? 'reached' : 'failed' }, event.durationMs / 1000)
          break
        case 'invalidated':
          invalidations.inc(event.tags.length)
          break
        case 'reset':
          resets.inc()
          break
        case 'tier-read':
          shared.inc({ outcome: 'hit' }, event.hits)
          shared.inc({ outcome: 'miss' }, event.misses)
          shared.inc({ outcome: 'rejected' }, event.rejected)
          sharedSeconds.observe(event.durationMs / 1000)
          break
        case 'tier-error':
          sharedFailures.inc({ operation: event.operation })
          break
        case 'breaker':
          breaker.set(event.state === 'closed' ? 0 : 1)
          break
        case 'reload':
          reloads.inc({ policy: event.policy, outcome: 'needed' }, event.count - event.needless)
          reloads.inc({ policy: event.policy, outcome: 'needless' }, event.needless)
          break
        case 'refresh':
          refreshes.inc({ policy: event.policy, reason: event.reason }, event.count)
          break
        case 'shed':
          shed.inc({ policy: event.policy }, event.count)
          break
        case 'probe':
          probes.inc({ outcome: event.outcome, after_ms: String(event.afterMs) })
          break
        case 'evicted':
          evictions.inc(event.count)
          break
      }
    },
  }
}

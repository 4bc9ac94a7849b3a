import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CacheEvent } from '../../engine/cache/model/events.ts'
import type { WarmingEvent } from '../warming/warming.ts'
import { type AnswerAtHand, answerMetrics } from './answer-metrics.ts'
import { figuresOf, type OtherProcesses, textOf } from './figures.ts'
import { warmingMetrics } from './warming-metrics.ts'

export interface CacheStats {
  readonly lagMs: number
  readonly memoryEntries: number
  readonly memoryBytes: number
  readonly loadsInFlight: number
  readonly peakLoads: number
  readonly unwatched: readonly string[]
}

export interface RedisState {
  readonly isReady: boolean
  readonly isWritable: boolean
}

export interface MetricsOptions {
  readonly cacheStats: () => CacheStats
  /** Returns the state of Redis; undefined if no Redis is configured. */
  readonly redisState: (() => RedisState) | undefined
  /** The other processes that share the port; undefined if no other process does. */
  readonly others: OtherProcesses | undefined
}

export interface Metrics {
  /**
   * Returns the metrics of all processes that share the port, in Prometheus' text format. Rejects if the metrics of the other processes do
   * not arrive in time.
   */
  read(): Promise<{ readonly contentType: string; readonly text: string }>
  onCacheEvent(event: CacheEvent): void
  onWarmingEvent(event: WarmingEvent): void
  /**
   * Counts a load whose database reads were observed.
   * @param undeclared Tables that the load read although its field does not declare them as dependencies.
   */
  onObservedLoad(field: string, undeclared: readonly string[]): void
  /** Counts an operation whose response was cached in the memory of this process. */
  onAnswerAtHand(answer: AnswerAtHand): void
  /** Counts a response that did not come from the memory of this process. */
  onResponse(status: number): void
  onOperation(operation: {
    readonly kind: string
    readonly cache: string
    readonly errorCodes: readonly string[]
    readonly durationMs: number
  }): void
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Creates the metrics of one app. They are in a registry of their own, so one process may contain several apps. */
export function createMetrics({ cacheStats, redisState, others }: MetricsOptions): Metrics {
  const registers = [new Registry()] as const
  const [registry] = registers
  collectDefaultMetrics({ register: registry })
  const { operations, reads, onAnswerAtHand, onResponse } = answerMetrics(registry, SECONDS)
  const failures = new Counter({
    name: 'tidegate_operation_errors_total',
    help: 'Errors in GraphQL responses, by code.',
    labelNames: ['code'],
    registers: [...registers],
  })
  const loads = new Histogram({
    name: 'tidegate_cache_load_duration_seconds',
    help: 'Duration of loads from the database, by cache policy.',
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
    help: 'Duration of invalidation-log syncs.',
    buckets: SECONDS,
    registers: [...registers],
  })
  const syncFailures = new Counter({
    name: 'tidegate_cache_sync_failures_total',
    help: 'Failed invalidation-log syncs.',
    registers: [...registers],
  })
  const barriers = new Histogram({
    name: 'tidegate_cache_barrier_duration_seconds',
    help: 'Time that writes waited for the barrier (until the instance has applied the log up to the write), by outcome.',
    labelNames: ['outcome'],
    buckets: SECONDS,
    registers: [...registers],
  })
  const invalidations = new Counter({ name: 'tidegate_cache_invalidated_tags_total', help: 'Invalidated tags.', registers: [...registers] })
  const resets = new Counter({
    name: 'tidegate_cache_resets_total',
    help: 'Full cache resets.',
    registers: [...registers],
  })
  const shared = new Counter({
    name: 'tidegate_cache_shared_reads_total',
    help: 'Reads of entries from Redis, by outcome: hit, miss or rejected.',
    labelNames: ['outcome'],
    registers: [...registers],
  })
  const sharedSeconds = new Histogram({
    name: 'tidegate_cache_shared_read_duration_seconds',
    help: 'Duration of reads from Redis.',
    buckets: SECONDS,
    registers: [...registers],
  })
  const sharedFailures = new Counter({
    name: 'tidegate_cache_shared_errors_total',
    help: 'Failed Redis operations, by operation.',
    labelNames: ['operation'],
    registers: [...registers],
  })
  const breaker = new Gauge({
    name: 'tidegate_cache_breaker_open',
    help: 'Processes whose circuit breaker for Redis is open, so they do not use Redis.',
    registers: [...registers],
  })
  const evictions = new Counter({
    name: 'tidegate_cache_evictions_total',
    help: 'Entries evicted from memory because it was full.',
    registers: [...registers],
  })
  const reloads = new Counter({
    name: 'tidegate_cache_reloads_total',
    help: 'Reloads after an invalidation, by whether the value had changed (needed) or not (needless). Counted only with CACHE_MEASURE_RELOADS=on.',
    labelNames: ['policy', 'outcome'],
    registers: [...registers],
  })
  const refreshes = new Counter({
    name: 'tidegate_cache_refreshes_total',
    help: 'Values reloaded in the background, by reason.',
    labelNames: ['policy', 'reason'],
    registers: [...registers],
  })
  const shed = new Counter({
    name: 'tidegate_cache_shed_total',
    help: 'Loads dropped because all their readers had given up.',
    labelNames: ['policy'],
    registers: [...registers],
  })
  const probes = new Counter({
    name: 'tidegate_cache_probes_total',
    help: 'Stale-read probes: cached values compared with the database after an invalidation, by outcome. `stale` must stay 0.',
    labelNames: ['outcome', 'after_ms'],
    registers: [...registers],
  })
  const observed = new Counter({
    name: 'tidegate_cache_observed_loads_total',
    help: 'Loads whose tables were compared with @cache(depends:) in production. See CACHE_DEPENDENCY_CHECK_RATE.',
    registers: [...registers],
  })
  const undeclared = new Counter({
    name: 'tidegate_cache_undeclared_reads_total',
    help: 'Observed loads that read a table which their @cache(depends:) does not name. Must stay 0: changes of the table do not invalidate the field.',
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
  gauge('tidegate_cache_lag_seconds', 'Time since the last successful invalidation-log sync.', () => cacheStats().lagMs / 1000, 'max')
  gauge('tidegate_cache_memory_bytes', 'Estimated size of the entries in memory.', () => cacheStats().memoryBytes)
  gauge('tidegate_cache_memory_entries', 'Entries in memory.', () => cacheStats().memoryEntries)
  gauge('tidegate_cache_loads_in_flight', 'Keys that are being loaded (loads in flight).', () => cacheStats().loadsInFlight)
  gauge(
    'tidegate_cache_peak_loads',
    'Highest number of loads from the database that ran at the same time since the process started. Never above CACHE_CONCURRENT_LOADS.',
    () => cacheStats().peakLoads,
    'max',
  )
  gauge(
    'tidegate_cache_unwatched_types',
    'Types that are not cached because the triggers on their tables do not emit all declared tags.',
    () => cacheStats().unwatched.length,
    'max',
  )
  if (redisState) {
    gauge('tidegate_redis_up', '1 if the connection to Redis is up, 0 if not.', () => Number(redisState().isReady), 'min')
    gauge(
      'tidegate_redis_writable',
      '1 if Redis accepts writes, 0 if it refuses them because it is a replica.',
      () => Number(redisState().isWritable),
      'min',
    )
  }
  others?.provide(() => figuresOf(registry))

  return {
    onWarmingEvent: warmingMetrics(registry),
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

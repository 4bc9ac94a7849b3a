import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { CacheEvent } from '../../engine/cache/model/events.ts'
import { FirstNames } from './first-names.ts'
import { createGauge } from './gauge.ts'
import { LightHistogram } from './light-histogram.ts'

export interface CacheStats {
  readonly lagMs: number
  readonly memoryEntries: number
  readonly memoryBytes: number
  readonly loadsInFlight: number
  readonly peakLoads: number
  readonly unwatched: readonly string[]
}

export interface CacheMetricsOptions {
  readonly registry: Registry
  readonly stats: () => CacheStats
  /** Upper bounds of the buckets of durations, s. */
  readonly seconds: number[]
}

/** Maximum number of policies whose loads have a histogram of their own. */
const MAX_POLICIES = 100

/** Creates the metrics of the cache. Returns the listener that counts the events of the cache. */
export function cacheMetrics({ registry, stats, seconds }: CacheMetricsOptions): (event: CacheEvent) => void {
  const registers = [registry]
  const loads = new LightHistogram('tidegate_cache_load_duration_seconds', 'Duration of loads from the database, by cache policy.', seconds)
  loads.register(registry)
  const named = new FirstNames(MAX_POLICIES)
  const syncs = new Histogram({
    name: 'tidegate_cache_sync_duration_seconds',
    help: 'Duration of invalidation-log syncs.',
    buckets: seconds,
    registers,
  })
  const syncFailures = new Counter({
    name: 'tidegate_cache_sync_failures_total',
    help: 'Failed invalidation-log syncs.',
    registers,
  })
  const barriers = new Histogram({
    name: 'tidegate_cache_barrier_duration_seconds',
    help: 'Time that writes waited for the barrier (until the instance has applied the log up to the write), by outcome.',
    labelNames: ['outcome'],
    buckets: seconds,
    registers,
  })
  const invalidations = new Counter({ name: 'tidegate_cache_invalidated_tags_total', help: 'Invalidated tags.', registers })
  const lag = new Histogram({
    name: 'tidegate_cache_invalidation_lag_seconds',
    help: 'Time from a committed write until this process applied its invalidations, by the clock of the database. Without track_commit_timestamp it counts from the last statement of the transaction.',
    buckets: seconds,
    registers,
  })
  const resets = new Counter({
    name: 'tidegate_cache_resets_total',
    help: 'Full cache resets.',
    registers,
  })
  const shared = new Counter({
    name: 'tidegate_cache_shared_reads_total',
    help: 'Reads of entries from Redis, by outcome: hit, miss or rejected.',
    labelNames: ['outcome'],
    registers,
  })
  const sharedSeconds = new Histogram({
    name: 'tidegate_cache_shared_read_duration_seconds',
    help: 'Duration of reads from Redis.',
    buckets: seconds,
    registers,
  })
  const sharedFailures = new Counter({
    name: 'tidegate_cache_shared_errors_total',
    help: 'Failed Redis operations, by operation.',
    labelNames: ['operation'],
    registers,
  })
  const breaker = new Gauge({
    name: 'tidegate_cache_breaker_open',
    help: 'Processes whose circuit breaker for Redis is open, so they do not use Redis.',
    registers,
  })
  const evictions = new Counter({
    name: 'tidegate_cache_evictions_total',
    help: 'Entries evicted from memory because it was full.',
    registers,
  })
  const refreshes = new Counter({
    name: 'tidegate_cache_refreshes_total',
    help: 'Values reloaded in the background, by reason.',
    labelNames: ['policy', 'reason'],
    registers,
  })
  const shed = new Counter({
    name: 'tidegate_cache_shed_total',
    help: 'Loads dropped because all their readers had given up.',
    labelNames: ['policy'],
    registers,
  })
  const turns = new Counter({
    name: 'tidegate_cache_load_waits_total',
    help: 'Loads that waited for the same load in another process, by outcome. `spared`: the value came, and nothing was loaded here. With any other outcome the wait ended without a value.',
    labelNames: ['policy', 'outcome'],
    registers,
  })
  const shadows = new Counter({
    name: 'tidegate_cache_shadow_reads_total',
    help: 'Shadow mode: values that were served from copies and compared with a newly loaded value, by outcome. `violation` must stay 0.',
    labelNames: ['outcome'],
    registers,
  })
  // A counter that appears with the value 1 shows no increase, so the first violation would raise no alert.
  for (const outcome of ['equal', 'within bound', 'violation', 'undecided']) shadows.inc({ outcome }, 0)
  createGauge(
    registry,
    'tidegate_cache_lag_seconds',
    'Time since the last successful invalidation-log sync.',
    () => stats().lagMs / 1000,
    'max',
  )
  createGauge(registry, 'tidegate_cache_memory_bytes', 'Estimated size of the entries in memory.', () => stats().memoryBytes)
  createGauge(registry, 'tidegate_cache_memory_entries', 'Entries in memory.', () => stats().memoryEntries)
  createGauge(registry, 'tidegate_cache_loads_in_flight', 'Keys that are being loaded (loads in flight).', () => stats().loadsInFlight)
  createGauge(
    registry,
    'tidegate_cache_peak_loads',
    'Highest number of loads from the database that ran at the same time since the process started. Never above CACHE_CONCURRENT_LOADS.',
    () => stats().peakLoads,
    'max',
  )
  createGauge(
    registry,
    'tidegate_cache_unwatched_types',
    'Types that are not cached because the triggers on their tables do not emit all declared tags.',
    () => stats().unwatched.length,
    'max',
  )

  return (event) => {
    switch (event.type) {
      case 'load':
        loads.series({ policy: named.label(event.policy) }).observe(event.durationMs / 1000)
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
        if (event.lagMs !== undefined) lag.observe(event.lagMs / 1000)
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
      case 'refresh':
        refreshes.inc({ policy: named.label(event.policy), reason: event.reason }, event.count)
        break
      case 'shed':
        shed.inc({ policy: named.label(event.policy) }, event.count)
        break
      case 'turn':
        turns.inc({ policy: named.label(event.policy), outcome: event.outcome }, event.count)
        break
      case 'shadow':
        shadows.inc({ outcome: event.outcome })
        break
      case 'evicted':
        evictions.inc(event.count)
        break
    }
  }
}

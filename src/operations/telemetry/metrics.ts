import { Counter, collectDefaultMetrics, Registry } from 'prom-client'
import type { CacheEvent } from '../../engine/cache/model/events.ts'
import type { AnswerCounter, AnswersAtHand } from '../../gateway/graphql/endpoint/answer-counter.ts'
import type { OperationEvent } from '../../gateway/graphql/endpoint/response-plugin.ts'
import type { LiveEvent } from '../../gateway/live/live-options.ts'
import type { EdgeState } from '../purging/edge-purger.ts'
import type { PurgingEvent } from '../purging/purging-event.ts'
import type { WarmingEvent } from '../warming/warming.ts'
import { answerMetrics } from './answer-metrics.ts'
import { armMetrics } from './arm-metrics.ts'
import { type CacheStats, cacheMetrics } from './cache-metrics.ts'
import { figuresOf, type OtherProcesses, textOf } from './figures.ts'
import { createGauge } from './gauge.ts'
import { type LiveCounts, liveMetrics } from './live-metrics.ts'
import { purgingMetrics } from './purging-metrics.ts'
import { type Resources, resourceMetrics } from './resource-metrics.ts'
import type { UsageFigures } from './usage.ts'
import { UsageMeter } from './usage-meter.ts'
import { usageMetrics } from './usage-metrics.ts'
import { warmingMetrics } from './warming-metrics.ts'

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
  /** Whether figures by tenant are included. Default false. */
  readonly withTenants?: boolean
  /** Returns the state of each CDN that is purged. Default: none. */
  readonly edges?: () => readonly EdgeState[]
  /** Returns the numbers of open streams of live queries, and of the groups that share their executions. Default: none. */
  readonly live?: () => LiveCounts
  /** The servers that the gateway uses; undefined if their figures are not wanted. */
  readonly resources?: Resources
}

export interface Metrics {
  /**
   * Returns the metrics of all processes that share the port, in Prometheus' text format. Rejects if the metrics of the other processes do
   * not arrive in time.
   */
  read(): Promise<{ readonly contentType: string; readonly text: string }>
  onCacheEvent(event: CacheEvent): void
  onWarmingEvent(event: WarmingEvent): void
  onPurgingEvent(event: PurgingEvent): void
  onLiveEvent(event: LiveEvent): void
  /**
   * Counts a load whose database reads were observed.
   * @param undeclared Tables that the load read although its field does not declare them as dependencies.
   */
  onObservedLoad(field: string, undeclared: readonly string[]): void
  /** Creates the counter of an operation whose responses come from the memory of this process. */
  counterOf(answers: AnswersAtHand): AnswerCounter
  /** Counts a response that did not come from the memory of this process. */
  onResponse(status: number): void
  /** Counts a response from memory to a request that was recognised by its bytes. */
  readonly onRecognised: () => void
  /** Counts any other operation. */
  onOperation(operation: OperationEvent): void
  /** Counts a request that the GraphQL endpoint did not report: it was refused before, or failed. @param tenant Tenant of the caller; undefined if it is not known. */
  onRefused(tenant: string | undefined): void
  /** Returns the usage figures of this process since its start. */
  usage(): UsageFigures
  /** Returns how many answers of this process were cached, of those that could have been, since its start. */
  shareOfHits(): { readonly hits: number; readonly answers: number }
  /** Returns the operations that read values of a cache policy, those with most requests first. @param max Maximum number. */
  readersOf(policy: string, max: number): readonly string[]
  /** Returns the policies that each operation reads, of the operations that this process knows. */
  policiesByOperation(): ReadonlyMap<string, readonly string[]>
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Creates the metrics of one app. They are in a registry of their own, so one process may contain several apps. */
export function createMetrics({
  cacheStats,
  redisState,
  others,
  resources,
  edges = () => [],
  live = () => ({ streams: 0, groups: 0, bytes: 0 }),
  withTenants = false,
}: MetricsOptions): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const meter = new UsageMeter()
  const { operations, onHitDuration, onRecognised, onResponse } = answerMetrics(registry, SECONDS, () => meter.atHand())
  const failures = new Counter({
    name: 'tidegate_operation_errors_total',
    help: 'Errors in GraphQL responses, by code.',
    labelNames: ['code'],
    registers,
  })
  const observed = new Counter({
    name: 'tidegate_cache_observed_loads_total',
    help: 'Loads whose tables were compared with @cache(depends:) in production. See CACHE_DEPENDENCY_CHECK_RATE.',
    registers,
  })
  const undeclared = new Counter({
    name: 'tidegate_cache_undeclared_reads_total',
    help: 'Observed loads that read a table which their @cache(depends:) does not name. Must stay 0: changes of the table do not invalidate the field.',
    labelNames: ['field', 'table'],
    registers,
  })
  if (redisState) {
    createGauge(registry, 'tidegate_redis_up', '1 if the connection to Redis is up, 0 if not.', () => Number(redisState().isReady), 'min')
    createGauge(
      registry,
      'tidegate_redis_writable',
      '1 if Redis accepts writes, 0 if it refuses them because it is a replica.',
      () => Number(redisState().isWritable),
      'min',
    )
  }
  usageMetrics({ registry, meter, withTenants })
  if (resources) resourceMetrics(registry, resources)
  const countArm = armMetrics(registry)
  const countEvent = cacheMetrics({ registry, stats: cacheStats, seconds: SECONDS })
  others?.provide(() => figuresOf(registry))

  return {
    onWarmingEvent: warmingMetrics(registry),
    onPurgingEvent: purgingMetrics(registry, edges),
    onLiveEvent: liveMetrics(registry, live),
    onObservedLoad: (field, tables) => {
      observed.inc()
      for (const table of tables) undeclared.inc({ field, table })
    },
    counterOf: (answers) => meter.counterOf(answers, onHitDuration),
    onRecognised,
    onResponse,
    onRefused: (tenant) => meter.onRefused(tenant),
    usage: () => meter.figures(),
    shareOfHits: () => meter.shareOfHits(),
    policiesByOperation: () => meter.policiesByOperation(),
    readersOf: (policy, max) => meter.readersOf(policy, max),
    read: async () => {
      if (!others) return { contentType: registry.contentType, text: await registry.metrics() }
      const own = await figuresOf(registry)
      return { contentType: registry.contentType, text: await textOf([own, ...(await others.ask(own))]) }
    },
    onOperation: (operation) => {
      const { kind, cache, errorCodes, durationMs } = operation
      meter.onOperation(operation)
      operations.series({ kind, cache }).observe(durationMs / 1000)
      for (const code of errorCodes) failures.inc({ code })
    },
    onCacheEvent: (event) => {
      const ofField = countArm(event)
      meter.onCacheEvent(ofField)
      countEvent(ofField)
    },
  }
}

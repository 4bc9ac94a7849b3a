import type { Counters } from '../gateway/observer.ts'
import type { MetricRegistry } from '../metrics/registry.ts'

/**
 * Costs that the load caused in the gateway, its database and its Redis. A value is undefined if the counter behind it could not be read.
 */
export interface Costs {
  readonly requests: number
  readonly requestsPerSecond: number
  /** Mean latency, ms. If a threshold limits the latency of a scenario other than the warm-up, only requests of this scenario count. */
  readonly meanMs: number | undefined
  /** 95th percentile of the latency of the same requests, ms. */
  readonly p95Ms: number | undefined
  /** Share of the requests that got no response, a status other than 200, or GraphQL errors. */
  readonly errorRate: number | undefined
  /** Iterations that did not begin because no virtual user was free. */
  readonly dropped: number
  readonly requestsPerCoreSecond: number | undefined
  readonly databaseTransactionsPerRequest: number | undefined
  readonly databaseLoadsPerRequest: number | undefined
  /** Time that the database's sessions spent on statements, per request, ms. */
  readonly databaseMsPerRequest: number | undefined
  readonly redisBytesPerRequest: number | undefined
  /** Number of responses with data older than the gateway promises. */
  readonly wrongAnswers: number
  /** Share of cache hits among the responses that used the cache; undefined if no response used it. */
  readonly hitRate: number | undefined
  readonly hitRateL1: number | undefined
  /** Share of hits in Redis among the responses that were not hits in the gateway's memory. */
  readonly hitRateL2: number | undefined
  /** Mean duration of a barrier, ms. At a barrier, a write waits until the gateway has applied the invalidation log up to the write. */
  readonly barrierMs: number | undefined
  /** Share of the barriers that took at most 10 ms. */
  readonly quickBarriers: number | undefined
  /** Maximum size of the cache entries in the memory of all gateways during the run, MiB. The next five fields are maxima, too. */
  readonly cacheMegabytes: number | undefined
  readonly cacheEntries: number | undefined
  readonly residentMegabytes: number | undefined
  readonly redisMegabytes: number | undefined
  readonly redisKeys: number | undefined
  readonly connections: number | undefined
  /** Maximum time by which an iteration started late because the load generator was busy, ms. */
  readonly generatorLagMs: number
}

export interface CostParams {
  /** Readings in the order of time: the first before the run, the last after it. */
  readonly readings: readonly Counters[]
  /** Requests between the first reading and the last one. */
  readonly requests: number
  readonly durationMs: number
  readonly registry: MetricRegistry
  readonly generatorLagMs: number
}

const MEGABYTE = 2 ** 20
/** Text in the name of every scenario that only fills the cache. */
const WARM_UP = 'warm_up'

export function costsOf({ readings, requests, durationMs, registry, generatorLagMs }: CostParams): Costs {
  const [before, after] = [readings[0], readings.at(-1)]
  const rise = (part: keyof Counters) => {
    const [from, to] = [before?.[part], after?.[part]]
    return from === undefined || to === undefined ? undefined : to - from
  }
  const highest = (part: keyof Counters) => {
    const levels = readings.flatMap((reading) => reading[part] ?? [])
    return levels.length === 0 ? undefined : Math.max(...levels)
  }
  const megabytes = (part: keyof Counters) => dividedBy(highest(part), MEGABYTE)
  const perRequest = (total: number | undefined) => dividedBy(total, requests)
  const statistic = (name: string, of: string) => {
    const metric = registry.all().find((candidate) => candidate.name === name)
    return metric?.isObserved ? metric.sink.statistic(of, durationMs) : undefined
  }
  const latency = latencyMetric(registry)
  const barriers = rise('barriers')
  const databaseSeconds = rise('databaseSeconds')
  const barrierSeconds = dividedBy(rise('barrierSeconds'), barriers)
  return {
    requests,
    requestsPerSecond: (requests * 1000) / durationMs,
    meanMs: statistic(latency, 'avg'),
    p95Ms: statistic(latency, 'p(95)'),
    errorRate: statistic('errors', 'rate'),
    dropped: statistic('dropped_iterations', 'count') ?? 0,
    requestsPerCoreSecond: dividedBy(requests, rise('cpuSeconds')),
    databaseTransactionsPerRequest: perRequest(rise('transactions')),
    databaseLoadsPerRequest: perRequest(rise('loads')),
    databaseMsPerRequest: dividedBy(databaseSeconds, requests / 1000),
    redisBytesPerRequest: perRequest(rise('redisBytes')),
    wrongAnswers: statistic('stale_answers', 'count') ?? 0,
    hitRate: statistic('hit_rate', 'rate'),
    hitRateL1: statistic('hit_rate_l1', 'rate'),
    hitRateL2: statistic('hit_rate_l2', 'rate'),
    barrierMs: barrierSeconds === undefined ? undefined : barrierSeconds * 1000,
    quickBarriers: dividedBy(rise('quickBarriers'), barriers),
    cacheMegabytes: megabytes('cacheBytes'),
    cacheEntries: highest('cacheEntries'),
    residentMegabytes: megabytes('residentBytes'),
    redisMegabytes: megabytes('redisMemoryBytes'),
    redisKeys: highest('redisKeys'),
    connections: highest('connections'),
    generatorLagMs,
  }
}

/**
 * Returns the name of the metric with the latency to report. If a threshold limits the latency of a scenario other than the warm-up, the
 * metric contains the requests of this scenario. Otherwise the metric contains all requests.
 */
function latencyMetric(registry: MetricRegistry): string {
  const parts = registry.all().filter(({ name, isObserved }) => isObserved && name.startsWith('http_req_duration{scenario:'))
  return parts.find(({ name }) => !name.includes(WARM_UP))?.name ?? 'http_req_duration'
}

function dividedBy(value: number | undefined, divisor: number | undefined): number | undefined {
  return value === undefined || divisor === undefined || divisor <= 0 ? undefined : value / divisor
}

const LINES: readonly (readonly [keyof Costs, string, string])[] = [
  ['requestsPerSecond', 'requests', '/s'],
  ['meanMs', 'mean latency', ' ms'],
  ['p95Ms', '95th percentile of the latency', ' ms'],
  ['errorRate', 'errors', '%'],
  ['dropped', 'dropped iterations', ''],
  ['requestsPerCoreSecond', 'requests per core-second of the gateway', ''],
  ['databaseTransactionsPerRequest', 'database transactions per request', ''],
  ['databaseLoadsPerRequest', 'database loads of the cache per request', ''],
  ['databaseMsPerRequest', 'time of the database per request', ' ms'],
  ['redisBytesPerRequest', 'bytes written to Redis per request', ''],
  ['wrongAnswers', 'wrong answers', ''],
  ['hitRate', 'hit rate', '%'],
  ['hitRateL1', 'hit rate of L1', '%'],
  ['hitRateL2', 'hit rate of L2 (of what L1 missed)', '%'],
  ['barrierMs', 'mean time until a write has invalidated', ' ms'],
  ['quickBarriers', 'writes that have invalidated within 10 ms', '%'],
  ['cacheMegabytes', 'cache memory of the gateway, at most', ' MiB'],
  ['cacheEntries', 'entries in it, at most', ''],
  ['residentMegabytes', 'resident memory of the gateway, at most', ' MiB'],
  ['redisMegabytes', 'memory of Redis, at most', ' MiB'],
  ['redisKeys', 'keys in Redis, at most', ''],
  ['connections', 'connections to the database, at most', ''],
  ['generatorLagMs', 'longest delay of the load generator itself', ' ms'],
]

/** Returns the costs as rows of a name and a value, formatted for people to read. */
export function costRows(costs: Costs): readonly (readonly [string, string])[] {
  return LINES.map(([key, name, unit]) => {
    const value = costs[key]
    if (value === undefined) return [name, 'not measured']
    return [name, `${shortened(unit === '%' ? value * 100 : value)}${unit}`]
  })
}

function shortened(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3)
}

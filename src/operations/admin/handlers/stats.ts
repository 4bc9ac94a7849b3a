import type { Cache } from '../../../engine/cache/cache.ts'
import type { History } from '../../history/history.ts'
import { ratesOf } from '../../history/rates.ts'
import { MINUTE_MS, type StoredFigures } from '../../history/read-figures.ts'
import { NO_ANSWERS, NO_MISSES, NO_READS } from '../../telemetry/usage.ts'
import { tenantOf } from '../access.ts'
import type { Stats } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { figuresIn, requireHistory } from '../figures/history-reader.ts'
import { maxShare } from '../figures/max-share.ts'
import { percentileMs } from '../figures/percentiles.ts'
import { added, answerRates, isoRange, ofTenant, rangeOf, shown, sumOf } from '../figures/read-figures.ts'
import type { ServerFigures } from '../figures/server-figures.ts'
import { ALIVE_MS, type InstanceRegistry, type KnownInstance, type ShadowCounts } from '../instances/instance-registry.ts'
import { stats, statsQuery } from '../schemas/figures.ts'

export interface StatsOptions {
  readonly cache: Pick<Cache, 'stats' | 'now'>
  readonly history: History | undefined
  readonly registry: Pick<InstanceRegistry, 'list'>
  readonly servers: ServerFigures
  readonly stalenessBoundMs: number
}

/** GET /stats: what the cache, Redis and PostgreSQL do. */
export function statsEndpoint({ cache, history, registry, servers, stalenessBoundMs }: StatsOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/stats',
    summary: 'Shows the figures of the cache',
    description:
      'Answers from cache, field hit rate, reachable field hit rate, layers and causes of misses of all processes in a time range, and the state of the processes. For one tenant, only whole answers are counted.',
    query: statsQuery,
    answer: stats,
    handle: async ({ caller, query }) => {
      const tenant = tenantOf(caller, query.tenant)
      const now = cache.now()
      const range = rangeOf(query, now)
      const stored = await figuresIn(history, range)
      const seen = tenant === undefined ? stored.operations : stored.tenants.filter((row) => row.tenant === tenant)
      const answers = seen.reduce((sum, row) => added(sum, row.answers), NO_ANSWERS)
      const { lagMs, memoryEntries, memoryBytes } = cache.stats()
      const [own] = seen
      const isOperator = caller.role === 'OPERATOR'
      const known = await registry.list()
      const alive = known.filter(({ silentMs }) => silentMs < ALIVE_MS)
      const [redis, postgres] = isOperator ? await Promise.all([servers.redis(alive), servers.postgres(alive)]) : [null, null]
      return {
        at: new Date(now).toISOString(),
        tenant: tenant ?? null,
        range: isoRange(stored.range),
        figures: tenant === undefined ? shown(sumOf(stored.fields)) : ofTenant({ savedMs: own?.savedMs ?? 0 }),
        answers,
        answersFromCache: answerRates(answers).share,
        requests: seen.reduce((sum, { requests }) => sum + requests, 0),
        requestErrors: seen.reduce((sum, { errors }) => sum + errors, 0),
        ...(await ratesNow(requireHistory(history), now, tenant)),
        latency: isOperator ? latencyOf(stored) : null,
        lag: {
          nowMs: Number.isFinite(lagMs) ? lagMs : null,
          worstMs: (await history?.worstLagMs(stored.range)) ?? null,
          boundMs: stalenessBoundMs,
        },
        ...fleetOf(known, alive),
        memory: isOperator ? { entries: memoryEntries, bytes: memoryBytes } : null,
        redis,
        postgres,
      }
    },
  })
}

/** Returns the rates of the minute that is running and the one before it. One of them alone would be short, or old. */
async function ratesNow(history: History, now: number, tenant: string | undefined) {
  const from = Math.floor(now / MINUTE_MS) * MINUTE_MS - MINUTE_MS
  const [answers, reads] = [
    await history.answers({ from, to: now }, { stepMs: MINUTE_MS, tenant }),
    tenant === undefined ? await history.series({ from, to: now }, { stepMs: MINUTE_MS }) : undefined,
  ]
  const passedMs = now - from
  const savedMs = (reads ?? answers).reduce((sum, point) => sum + point.savedMs, 0)
  const layers = answers.reduce((sum, point) => added(sum, point.answers), NO_ANSWERS)
  const rates = ratesOf({
    reads: (reads ?? []).reduce((sum, point) => added(sum, point.reads), NO_READS),
    misses: (reads ?? []).reduce((sum, point) => added(sum, point.misses), NO_MISSES),
  })
  return {
    requestsPerSecond: (1000 * answers.reduce((sum, { requests }) => sum + requests, 0)) / passedMs,
    savedMsPerMinute: (MINUTE_MS * savedMs) / passedMs,
    now: { answersFromCache: answerRates(layers).share, hitRate: rates.hitRate, reachableHitRate: rates.reachableHitRate },
  }
}

function latencyOf({ latency }: StoredFigures): Stats['latency'] {
  return {
    hitP50Ms: percentileMs(latency, 'hit', 0.5),
    hitP99Ms: percentileMs(latency, 'hit', 0.99),
    missP50Ms: percentileMs(latency, 'miss', 0.5),
    missP99Ms: percentileMs(latency, 'miss', 0.99),
  }
}

const BREAKER_STATES = ['open', 'half-open', 'closed'] as const

/** Sums up what the processes report about themselves. */
function fleetOf(known: readonly KnownInstance[], alive: readonly KnownInstance[]): Pick<Stats, 'breakers' | 'shadow' | 'instances'> {
  const worst = BREAKER_STATES.find((state) => alive.some(({ details }) => details.breaker === state))
  const sum = (name: keyof ShadowCounts) => alive.reduce((all, { details }) => all + (details.shadow?.[name] ?? 0), 0)
  const [equal, withinBound, violations] = [sum('equal'), sum('withinBound'), sum('violations')]
  // A value that differed within the bound may hide another difference, so it shows nothing about violations.
  const compared = equal + violations
  return {
    breakers: worst ? [{ name: 'redis', state: worst }] : [],
    shadow: {
      compared,
      withinBound,
      violations,
      undecided: sum('undecided'),
      maxViolationShare: compared === 0 ? null : maxShare(violations, compared),
    },
    instances: { alive: alive.length, known: known.length },
  }
}

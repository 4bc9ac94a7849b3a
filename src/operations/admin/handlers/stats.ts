import type { Cache } from '../../../engine/cache/cache.ts'
import type { History } from '../../history/history.ts'
import { tenantOf } from '../access.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { figuresIn } from '../figures/history-reader.ts'
import type { LatencyMeter } from '../figures/latency-meter.ts'
import { isoRange, ofTenant, rangeOf, shown, sumOf } from '../figures/read-figures.ts'
import type { ServerFigures } from '../figures/server-figures.ts'
import { stats, statsQuery } from '../schemas/figures.ts'

export interface StatsOptions {
  readonly cache: Pick<Cache, 'stats' | 'now'>
  readonly history: History | undefined
  readonly latency: { readonly hits: LatencyMeter; readonly misses: LatencyMeter }
  readonly servers: ServerFigures
  readonly stalenessBoundMs: number
}

/** GET /stats: what the cache, Redis and PostgreSQL do. */
export function statsEndpoint({ cache, history, latency, servers, stalenessBoundMs }: StatsOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/stats',
    summary: 'Shows the figures of the cache',
    description:
      'Hit rate, reachable hit rate, layers and causes of misses of all processes in a time range, and the state of the processes. For one tenant, the figures count whole answers, and neither causes of misses nor loads.',
    query: statsQuery,
    answer: stats,
    handle: async ({ caller, query }) => {
      const tenant = tenantOf(caller, query.tenant)
      const now = cache.now()
      const range = rangeOf(query, now)
      const stored = await figuresIn(history, range)
      const seen = tenant === undefined ? stored.operations : stored.tenants.filter((row) => row.tenant === tenant)
      const answers: Record<string, number> = {}
      for (const row of seen) for (const [layer, count] of Object.entries(row.answers)) answers[layer] = (answers[layer] ?? 0) + count
      const { lagMs, memoryEntries, memoryBytes } = cache.stats()
      const [own] = seen
      const isOperator = caller.role === 'OPERATOR'
      const [redis, postgres] = isOperator ? await Promise.all([servers.redis(), servers.postgres()]) : [null, null]
      return {
        at: new Date(now).toISOString(),
        tenant: tenant ?? null,
        range: isoRange(stored.range),
        figures:
          tenant === undefined
            ? shown(sumOf(stored.fields))
            : ofTenant({ savedMs: own?.savedMs ?? 0, answers: { ...NO_ANSWERS, ...answers } }),
        answers,
        requests: seen.reduce((sum, { requests }) => sum + requests, 0),
        requestErrors: seen.reduce((sum, { errors }) => sum + errors, 0),
        latency: isOperator
          ? {
              hitP50Ms: latency.hits.percentile(0.5),
              hitP99Ms: latency.hits.percentile(0.99),
              missP50Ms: latency.misses.percentile(0.5),
              missP99Ms: latency.misses.percentile(0.99),
            }
          : null,
        lag: {
          nowMs: Number.isFinite(lagMs) ? lagMs : null,
          worstMs: (await history?.worstLagMs(stored.range)) ?? null,
          boundMs: stalenessBoundMs,
        },
        memory: isOperator ? { entries: memoryEntries, bytes: memoryBytes } : null,
        redis,
        postgres,
      }
    },
  })
}

const NO_ANSWERS = {
  'at hand': 0,
  l1: 0,
  l2: 0,
  coalesced: 0,
  stale: 0,
  parts: 0,
  origin: 0,
  bypassed: 0,
  shed: 0,
  refused: 0,
}

import type { Cache } from '../../../engine/cache/cache.ts'
import type { Env } from '../../../engine/cache/model/env.ts'
import type { Principal } from '../../../gateway/identity/principal.ts'
import type { History } from '../../history/history.ts'
import type { RunStatement } from '../../history/run-statement.ts'
import { tenantOf } from '../access.ts'
import type { SeriesInput } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { completeUntil, findFalls, shownFall } from '../figures/drops.ts'
import { requireHistory, storeNow } from '../figures/history-reader.ts'
import { readMarks } from '../figures/marks.ts'
import { isoRange, rangeOf } from '../figures/read-figures.ts'
import { stepMsOf } from '../figures/time-steps.ts'
import { readTimeline } from '../figures/timeline.ts'
import { RequestProblem } from '../request-problem.ts'
import { series, seriesQuery } from '../schemas/series.ts'

export interface SeriesOptions {
  readonly cache: Pick<Cache, 'now' | 'recentInvalidations'>
  /** Runs a statement that reads, apart from the requests. */
  readonly read: RunStatement
  readonly history: History | undefined
  readonly env: Pick<Env, 'monotonic'>
}

/** GET /series: what happened in each step of a time range, and why the hit rate fell. */
export function seriesEndpoint({ cache, read, history: source, env }: SeriesOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/series',
    summary: 'Shows figures in steps, with the events that explain changes',
    description:
      'Answers, field hit rate and misses of all processes in each step of a time range, marks of deploys, purges, resets, bulk invalidations and policy changes, and the falls of the field hit rate with their reasons. Of one operation or field, or of one tenant. For an operation or a tenant, only whole answers are counted.',
    query: seriesQuery,
    answer: series,
    handle: async ({ caller, query }) => {
      const history = requireHistory(source)
      const tenant = tenantOf(caller, query.tenant)
      const { operation, field } = checkedSubject(caller, query)
      const now = cache.now()
      const wanted = rangeOf(query, now)
      const stepMs = stepMsOf(query.step, wanted, now)
      await storeNow(history)
      const { range, points, rates } = await readTimeline(history, wanted, stepMs, { operation, field, tenant })
      const isWhole = operation === undefined && field === undefined
      const falls = isWhole ? await findFalls(rates, now, { history, env, stepMs, isExplained: tenant === undefined }) : []
      const rate = tenant === undefined ? 'field hit rate' : 'share of answers from cache'
      return {
        at: new Date(now).toISOString(),
        tenant: tenant ?? null,
        range: isoRange(range),
        stepMs,
        completeUntil: new Date(completeUntil(now)).toISOString(),
        points: [...points],
        marks: isWhole ? await readMarks({ read, history, recent: () => cache.recentInvalidations().all() }, range, tenant) : [],
        drops: falls.map((fall) => shownFall(fall, stepMs, rate)),
      }
    },
  })
}

function checkedSubject({ role }: Principal, { operation, field, tenant }: SeriesInput) {
  const item = operation === undefined ? 'field' : 'operation'
  if (operation === undefined && field === undefined) return { operation, field }
  if (role !== 'OPERATOR')
    throw new RequestProblem('FORBIDDEN', item, 'operations and fields are not counted by tenant, so only an OPERATOR may see them.')
  if (operation !== undefined && field !== undefined)
    throw new RequestProblem('BAD_USER_INPUT', 'field', 'expected an operation or a field, got both: leave one of them out.')
  if (tenant !== undefined)
    throw new RequestProblem('BAD_USER_INPUT', 'tenant', 'operations and fields are not counted by tenant: leave the tenant out.')
  return { operation, field }
}

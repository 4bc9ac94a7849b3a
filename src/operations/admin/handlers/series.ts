import type { Cache } from '../../../engine/cache/cache.ts'
import type { Env } from '../../../engine/cache/model/env.ts'
import type { Principal } from '../../../gateway/identity/principal.ts'
import type { History } from '../../history/history.ts'
import { percent } from '../../history/rates.ts'
import { HOUR_MS, MINUTE_MS, type TimeRange } from '../../history/read-figures.ts'
import type { RunStatement } from '../../history/run-statement.ts'
import { tenantOf } from '../access.ts'
import type { SeriesDrop, SeriesInput } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { COMPARED_STEPS, type Fall, fallsOf } from '../figures/falls.ts'
import { requireHistory, storeNow } from '../figures/history-reader.ts'
import { readMarks } from '../figures/marks.ts'
import { isoRange, rangeOf } from '../figures/read-figures.ts'
import { stepMsOf } from '../figures/time-steps.ts'
import { readTimeline } from '../figures/timeline.ts'
import { RequestProblem } from '../request-problem.ts'
import { series, seriesQuery } from '../schemas/series.ts'

export interface SeriesOptions {
  readonly cache: Pick<Cache, 'now'>
  /** Runs a statement that reads, apart from the requests. */
  readonly read: RunStatement
  readonly history: History | undefined
  readonly env: Pick<Env, 'monotonic'>
}

const MAX_DROPS = 3
/** Time after which no further drop is explained, ms. Each explanation takes several statements. */
const EXPLAINING_MS = 5000

/** GET /series: what happened in each step of a time range, and why the hit rate fell. */
export function seriesEndpoint({ cache, read, history: source, env }: SeriesOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/series',
    summary: 'Shows figures in steps, with the events that explain changes',
    description:
      'Answers, hit rate and misses of all processes in each step of a time range, marks of deploys, purges, resets, bulk invalidations and policy changes, and the falls of the hit rate with their reasons. Of one operation or field, or of one tenant. For a tenant, the figures count whole answers.',
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
      const falls = isWhole ? fallsOf(rates, MAX_DROPS).toSorted((a, b) => a.at - b.at) : []
      const drops: SeriesDrop[] = []
      const startedAt = env.monotonic()
      for (const fall of falls) {
        const isExplained = tenant === undefined && env.monotonic() - startedAt < EXPLAINING_MS
        drops.push(await dropOf(fall, { history, range, stepMs, isExplained }))
      }
      return {
        at: new Date(now).toISOString(),
        tenant: tenant ?? null,
        range: isoRange(range),
        stepMs,
        points: [...points],
        marks: isWhole ? await readMarks({ read, history }, range, tenant) : [],
        drops,
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

interface DropOptions {
  readonly history: History
  readonly range: TimeRange
  readonly stepMs: number
  /** False for a tenant: the reasons are known for all tenants together only, and would tell a tenant what others do. */
  readonly isExplained: boolean
}

/** Describes a fall, and explains it if that is wanted. */
async function dropOf({ at, until, before, after }: Fall, { history, range, stepMs, isExplained }: DropOptions): Promise<SeriesDrop> {
  const windowMs = Math.min(6 * HOUR_MS, Math.max(COMPARED_STEPS * MINUTE_MS, COMPARED_STEPS * stepMs))
  const drop = isExplained ? await history.explainDrop(at, windowMs) : null
  return {
    at: new Date(at).toISOString(),
    until: new Date(until ?? range.to).toISOString(),
    hitRateBefore: drop?.hitRateBefore ?? before,
    hitRateAfter: drop?.hitRateAfter ?? after,
    sentence: drop?.sentence ?? `The hit rate fell from ${percent(before)} to ${percent(after)} at ${new Date(at).toISOString()}.`,
    field: drop?.worst?.field ?? null,
    cause: drop?.worst?.cause ?? null,
    write: drop?.write?.cause ?? null,
  }
}

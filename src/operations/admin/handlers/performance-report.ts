import type { Cache } from '../../../engine/cache/cache.ts'
import type { PolicyRegistry } from '../../../gateway/policies/policy-registry.ts'
import type { Drop } from '../../history/drop-analysis.ts'
import type { History } from '../../history/history.ts'
import { percent, ratesOf } from '../../history/rates.ts'
import { HOUR_MS, MINUTE_MS, type TimeRange } from '../../history/read-figures.ts'
import type { Report } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { advise } from '../figures/advice.ts'
import { fallsOf } from '../figures/falls.ts'
import { figuresIn, requireHistory } from '../figures/history-reader.ts'
import { isoRange, rangeOf, shown, sumOf } from '../figures/read-figures.ts'
import { costsIn } from '../figures/write-costs.ts'
import { RequestProblem } from '../request-problem.ts'
import { report, reportQuery } from '../schemas/figures.ts'

export interface ReportOptions {
  readonly cache: Pick<Cache, 'now' | 'inventory'>
  readonly history: History | undefined
  readonly policies: Pick<PolicyRegistry, 'rules'>
  readonly memoryBytes: number
}

/** Maximum number of kinds of writes whose costs are reported. */
const MAX_WRITES = 5
const MINUTES_UNTIL_MS = 6 * HOUR_MS

/** GET /performance-report: why the hit rate is what it is, and what to change. */
export function reportEndpoint({ cache, history, policies, memoryBytes }: ReportOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/performance-report',
    summary: 'Reports what to change',
    description:
      'Explains a fall of the hit rate, names the writes that cost most, and recommends changes with their evidence. It covers all tenants, so only an OPERATOR may see it.',
    roles: ['OPERATOR'],
    query: reportQuery,
    answer: report,
    handle: async ({ query }) => {
      if (query.tenant !== undefined) throw new RequestProblem('BAD_USER_INPUT', 'tenant', 'fields are not counted by tenant.')
      const now = cache.now()
      const range = rangeOf(query, now)
      const { fields, tags, range: covered } = await figuresIn(history, range)
      const total = shown(sumOf(fields))
      const source = requireHistory(history)
      const at = query.at === undefined ? await momentOfFall(source, range) : Date.parse(query.at)
      const drop = at === undefined ? null : await source.explainDrop(at)
      return {
        at: new Date(now).toISOString(),
        tenant: null,
        range: isoRange(covered),
        hitRate: total.hitRate,
        reachableHitRate: total.reachableHitRate,
        summary: summaryOf(total),
        drop: drop && shownDrop(drop),
        writes: (await costsIn(source, cache.inventory, range)).writes.slice(0, MAX_WRITES),
        recommendations: advise({ fields, tags, memoryBytes, valuesOf: (field) => policies.rules.get(field)?.values }),
      }
    },
  })
}

/** Returns the moment at which the hit rate fell most; undefined if no fall is notable. */
async function momentOfFall(history: History, range: TimeRange): Promise<number | undefined> {
  const stepMs = range.to - range.from <= MINUTES_UNTIL_MS ? MINUTE_MS : HOUR_MS
  const points = await history.series(range, { stepMs }).catch(() => [])
  const [largest] = fallsOf(
    points.map((point) => ({ at: point.at, ...ratesOf(point) })),
    1,
  )
  return largest?.at
}

function shownDrop({ at, hitRateBefore, hitRateAfter, sentence, worst, write }: Drop): NonNullable<Report['drop']> {
  return {
    at: new Date(at).toISOString(),
    hitRateBefore,
    hitRateAfter,
    sentence,
    field: worst?.field ?? null,
    cause: worst?.cause ?? null,
    write: write?.cause ?? null,
  }
}

function summaryOf({ reads, hitRate, reachableHitRate, misses }: ReturnType<typeof shown>): string {
  if (hitRate === null || reachableHitRate === null) return 'Nothing was read in this time.'
  const [cause, count] = Object.entries(misses).reduce((most, one) => (one[1] > most[1] ? one : most))
  const all = Object.values(misses).reduce((sum, one) => sum + one, 0)
  const part = count === all ? `All ${all.toLocaleString('en')}` : `${percent(count / all)} of ${all.toLocaleString('en')}`
  const rest =
    count === 0 ? 'No misses were counted.' : `${part} misses have the cause “${cause}”${count === all ? '' : ', the largest share'}.`
  return `${percent(hitRate)} of ${reads.toLocaleString('en')} reads were hits, and ${percent(reachableHitRate)} could be. ${rest}`
}

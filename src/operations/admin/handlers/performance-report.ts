import type { Env } from '../../../engine/cache/model/env.ts'
import type { Drop } from '../../history/drop-analysis.ts'
import type { History } from '../../history/history.ts'
import { percent, ratesOf } from '../../history/rates.ts'
import type { TimeRange } from '../../history/read-figures.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { NamedByFall } from '../figures/advice-options.ts'
import { type CurrentAdviceOptions, currentAdvice } from '../figures/current-advice.ts'
import { type ExplainedFall, explainMoment, findFalls, shownComparison, shownFall } from '../figures/drops.ts'
import { figuresIn, requireHistory } from '../figures/history-reader.ts'
import { missingPoints } from '../figures/missing-points.ts'
import { isoRange, rangeOf, shown, sumOf } from '../figures/read-figures.ts'
import { stepMsOf } from '../figures/time-steps.ts'
import { type CostSources, costsIn } from '../figures/write-costs.ts'
import { RequestProblem } from '../request-problem.ts'
import { report, reportQuery } from '../schemas/figures.ts'

export interface ReportOptions extends CurrentAdviceOptions {
  readonly cache: CurrentAdviceOptions['cache'] & { readonly inventory: CostSources['inventory'] }
  readonly env: Pick<Env, 'monotonic'>
  readonly history: History | undefined
  readonly readersOf: CostSources['readersOf']
}

/** Maximum number of kinds of writes whose costs are reported. */
const MAX_WRITES = 5

/** GET /performance-report: why the field hit rate is what it is, and what to change. */
export function reportEndpoint(options: ReportOptions): Endpoint {
  const { cache, history, memoryBytes, isWarming } = options
  return endpoint({
    method: 'GET',
    path: '/performance-report',
    summary: 'Reports what to change',
    description:
      'Explains a fall of the field hit rate, names the writes that cost most, and recommends changes with their evidence, their gain and their cost. It covers all tenants, so only an OPERATOR may see it.',
    roles: ['OPERATOR'],
    query: reportQuery,
    answer: report,
    handle: async ({ query }) => {
      if (query.tenant !== undefined) throw new RequestProblem('BAD_USER_INPUT', 'tenant', 'fields are not counted by tenant.')
      const now = cache.now()
      const range = rangeOf(query, now)
      const figures = await figuresIn(history, range)
      const { fields, range: covered } = figures
      const total = shown(sumOf(fields))
      const { falls, stepMs } = await fallsIn(range, now, options)
      const at = query.at === undefined ? undefined : Date.parse(query.at)
      const asked = at === undefined ? null : await explainMoment(requireHistory(history), at)
      const curve = cache.inventory.missRatioCurve()
      const named = [...falls.map(({ reason }) => reason), asked].flatMap(namedBy)
      const recommendations = [...(await currentAdvice(figures, named, options))]
      const found = byPoints(falls).map((fall) => shownFall(fall, stepMs, 'field hit rate'))
      return {
        at: new Date(now).toISOString(),
        tenant: null,
        range: isoRange(covered),
        hitRate: total.hitRate,
        reachableHitRate: total.reachableHitRate,
        summary: summaryOf(total),
        drop: at === undefined ? (found[0] ?? null) : asked && shownComparison(asked, at),
        falls: found,
        writes: (
          await costsIn({ history: requireHistory(history), inventory: cache.inventory, readersOf: options.readersOf }, range)
        ).writes.slice(0, MAX_WRITES),
        recommendations,
        missing: missingPoints({ fields, recommendations, isWarming }),
        memory: curve?.points.map(({ scale, missRatio }) => ({ bytes: Math.round(scale * memoryBytes), missRatio })) ?? null,
      }
    },
  })
}

/** Finds the largest falls of the field hit rate, in the same steps as the chart of the same time range. */
async function fallsIn(range: TimeRange, now: number, { history, env }: ReportOptions) {
  const source = requireHistory(history)
  const stepMs = stepMsOf('auto', range, now)
  const points = await source.series(range, { stepMs })
  const rates = points.map((point) => ({ at: point.at, ...ratesOf(point) })).filter(({ reads }) => reads > 0)
  return { stepMs, falls: await findFalls(rates, now, { history: source, env, stepMs, isExplained: true }) }
}

/** Returns the falls in the order of their points. */
function byPoints(falls: readonly ExplainedFall[]): readonly ExplainedFall[] {
  return falls.toSorted((a, b) => b.fall.before - b.fall.lowest - (a.fall.before - a.fall.lowest))
}

/** Returns the field that a fall names; nothing if none stands out. */
function namedBy(reason: Drop | null): readonly NamedByFall[] {
  const { worst, write } = reason ?? {}
  return worst ? [{ ...worst, write: write?.cause, tags: write?.tags ?? [] }] : []
}

function summaryOf({ reads, hitRate, reachableHitRate, misses }: ReturnType<typeof shown>): string {
  if (hitRate === null || reachableHitRate === null) return 'No field was read in this time.'
  const [cause, count] = Object.entries(misses).reduce((most, one) => (one[1] > most[1] ? one : most))
  const all = Object.values(misses).reduce((sum, one) => sum + one, 0)
  const part = count === all ? `All ${all.toLocaleString('en')}` : `${percent(count / all)} of ${all.toLocaleString('en')}`
  const rest =
    count === 0 ? 'No misses were counted.' : `${part} misses have the cause “${cause}”${count === all ? '' : ', the largest share'}.`
  return `${percent(hitRate)} of ${reads.toLocaleString('en')} reads of fields were hits, and ${percent(reachableHitRate)} could be. ${rest}`
}

import type { Cache } from '../../../engine/cache/cache.ts'
import type { History } from '../../history/history.ts'
import { ratesOf } from '../../history/rates.ts'
import { HOUR_MS, hasMinutes, inSteps, MINUTE_MS, type StoredFigures, type TimeRange } from '../../history/read-figures.ts'
import { NO_ANSWERS, type OperationFigures } from '../../telemetry/usage.ts'
import type { QueryStats } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { figuresIn, requireHistory } from '../figures/history-reader.ts'
import { answerRates, isoRange, rangeOf, shown } from '../figures/read-figures.ts'
import { RequestProblem } from '../request-problem.ts'
import { queryStats, queryStatsQuery } from '../schemas/figures.ts'

export interface QueryStatsOptions {
  readonly cache: Pick<Cache, 'now'>
  readonly history: History | undefined
}

type Field = Omit<QueryStats['fields'][number], 'trend'>
type Operation = Omit<QueryStats['operations'][number], 'trend'>
type AnswerLayer = keyof typeof NO_ANSWERS

/** GET /query-stats: the figures of each operation or field. */
export function queryStatsEndpoint({ cache, history }: QueryStatsOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/query-stats',
    summary: 'Shows the figures of each operation or field',
    description: 'Figures of all processes in a time range. They are not counted by tenant, so only an OPERATOR may see them.',
    roles: ['OPERATOR'],
    query: queryStatsQuery,
    answer: queryStats,
    handle: async ({ query }) => {
      const { by, sort } = query
      if (query.tenant !== undefined)
        throw new RequestProblem('BAD_USER_INPUT', 'tenant', 'operations and fields are not counted by tenant.')
      if (by === 'operation' && (sort === 'changeRate' || sort === 'gain'))
        throw new RequestProblem('BAD_USER_INPUT', 'sort', `${sort} is known by field: use \`by=field\`, or another column.`)
      const now = cache.now()
      const wanted = rangeOf(query, now)
      const figures = await figuresIn(history, wanted)
      const rows = by === 'field' ? fieldRows(figures) : operationRows(figures)
      const part = query.name?.toLowerCase() ?? ''
      const found = rows.filter(({ name }) => name.toLowerCase().includes(part)).toSorted((a, b) => b.keys[sort] - a.keys[sort])
      const page = found.slice(query.offset, query.offset + query.limit)
      const names = page.map(({ name }) => name)
      const trends = query.trend === 'true' ? await trendsOf(requireHistory(history), { names, by, range: wanted, now }) : undefined
      return {
        range: isoRange(figures.range),
        total: found.length,
        operations: page.flatMap(({ name, operation }) => (operation ? [{ ...operation, trend: trends?.get(name) ?? null }] : [])),
        fields: page.flatMap(({ name, field }) => (field ? [{ ...field, trend: trends?.get(name) ?? null }] : [])),
      }
    },
  })
}

/** Number of values of a trend. More would not be visible in a line of the size of a word. */
const TREND_VALUES = 24

interface TrendOptions {
  readonly names: readonly string[]
  readonly by: 'operation' | 'field'
  readonly range: TimeRange
  readonly now: number
}

/** Returns the rates of some operations or fields in equal steps, oldest first; null for a step without answers or reads. */
async function trendsOf(history: History, { names, by, range, now }: TrendOptions): Promise<ReadonlyMap<string, (number | null)[]>> {
  const unit = hasMinutes(range, now) && range.to - range.from < TREND_VALUES * HOUR_MS ? MINUTE_MS : HOUR_MS
  const stepMs = Math.ceil((range.to - range.from) / TREND_VALUES / unit) * unit
  const { from, to } = inSteps(range, stepMs)
  const trends = await history.trends(range, { stepMs, subject: by, keys: names })
  return new Map(
    names.map((name) => {
      const values: (number | null)[] = Array((to - from) / stepMs).fill(null)
      for (const point of trends.get(name) ?? [])
        values[(point.at - from) / stepMs] = by === 'field' ? ratesOf(point).hitRate : answerRates(point.answers).share
      return [name, values]
    }),
  )
}

interface Row {
  readonly name: string
  /** Values by which rows are sorted. */
  readonly keys: Readonly<Record<'requests' | 'misses' | 'durationMs' | 'loadMs' | 'savedMs' | 'gain' | 'changeRate', number>>
  readonly operation?: Operation
  readonly field?: Field
}

function fieldRows({ fields, range }: StoredFigures): readonly Row[] {
  const minutes = (range.to - range.from) / MINUTE_MS
  const rows = fields.map((figures) => ({ field: figures.field, ...shown(figures) }))
  const all = rows.reduce((sum, { reads }) => sum + reads, 0)
  return rows.map((row): Row => {
    const { reads, hits, loadMs, savedMs, misses } = row
    const gained = Math.max(0, (row.reachableHitRate ?? 0) - (row.hitRate ?? 0)) * reads
    const gain = all === 0 ? 0 : gained / all
    const changeRate = misses.invalidated / minutes
    return {
      name: row.field,
      keys: { requests: reads, misses: reads - hits, durationMs: loadMs, loadMs, savedMs, gain, changeRate },
      field: { ...row, gain, changeRate },
    }
  })
}

function operationRows({ operations }: StoredFigures): readonly Row[] {
  const all = operations.reduce((sum, figures) => sum + answerRates(figures.answers).reads, 0)
  return operations.map((figures): Row => {
    const { operation, requests, answers, layerMs, errors, durationMs, savedMs, bytes } = figures
    const { share, reads, hits } = answerRates(answers)
    const misses = reads - hits
    const missShare = all === 0 ? 0 : misses / all
    const loadMs = layerMs.origin
    const means = LAYERS.filter((layer) => answers[layer] > 0).map((layer) => [layer, layerMs[layer] / answers[layer]])
    return {
      name: operation,
      keys: { requests, misses, durationMs, loadMs, savedMs, gain: 0, changeRate: 0 },
      operation: {
        operation,
        requests,
        answers,
        answersFromCache: share,
        errors,
        missShare,
        durationMs,
        loadMs,
        hitMs: meanOf(figures, HIT_LAYERS),
        missMs: meanOf(figures, MISS_LAYERS),
        layerMs: Object.fromEntries(means),
        savedMs,
        bytes,
      },
    }
  })
}

const LAYERS = Object.keys(NO_ANSWERS) as readonly AnswerLayer[]
const HIT_LAYERS: readonly AnswerLayer[] = ['at hand', 'l1', 'l2', 'stale', 'parts']
const MISS_LAYERS: readonly AnswerLayer[] = ['coalesced', 'origin']

/** Returns the mean duration of the answers of some layers, ms; null if there are none. */
function meanOf({ answers, layerMs }: Pick<OperationFigures, 'answers' | 'layerMs'>, layers: readonly AnswerLayer[]): number | null {
  const count = layers.reduce((sum, layer) => sum + answers[layer], 0)
  return count === 0 ? null : layers.reduce((sum, layer) => sum + layerMs[layer], 0) / count
}

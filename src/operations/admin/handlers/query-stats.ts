import type { Cache } from '../../../engine/cache/cache.ts'
import type { History } from '../../history/history.ts'
import { MINUTE_MS, type StoredFigures } from '../../history/read-figures.ts'
import { NO_ANSWERS, type OperationFigures } from '../../telemetry/usage.ts'
import type { QueryStats } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { figuresIn } from '../figures/history-reader.ts'
import { isoRange, ofTenant, rangeOf, shown } from '../figures/read-figures.ts'
import { RequestProblem } from '../request-problem.ts'
import { queryStats, queryStatsQuery } from '../schemas/figures.ts'

export interface QueryStatsOptions {
  readonly cache: Pick<Cache, 'now'>
  readonly history: History | undefined
}

type Field = QueryStats['fields'][number]
type Operation = QueryStats['operations'][number]
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
      if (by === 'operation' && sort === 'changeRate')
        throw new RequestProblem('BAD_USER_INPUT', 'sort', 'changes are counted by field: use `by=field`, or another column.')
      const figures = await figuresIn(history, rangeOf(query, cache.now()))
      const rows = by === 'field' ? fieldRows(figures) : operationRows(figures)
      const part = query.name?.toLowerCase() ?? ''
      const found = rows.filter(({ name }) => name.toLowerCase().includes(part)).toSorted((a, b) => b.keys[sort] - a.keys[sort])
      const page = found.slice(query.offset, query.offset + query.limit)
      return {
        range: isoRange(figures.range),
        total: found.length,
        operations: page.flatMap(({ operation }) => operation ?? []),
        fields: page.flatMap(({ field }) => field ?? []),
      }
    },
  })
}

interface Row {
  readonly name: string
  /** Values by which rows are sorted. */
  readonly keys: Readonly<Record<'requests' | 'misses' | 'durationMs' | 'loadMs' | 'savedMs' | 'impact' | 'changeRate', number>>
  readonly operation?: Operation
  readonly field?: Field
}

function fieldRows({ fields, range }: StoredFigures): readonly Row[] {
  const minutes = (range.to - range.from) / MINUTE_MS
  const rows = fields.map((figures) => ({ field: figures.field, ...shown(figures) }))
  const all = rows.reduce((sum, { reads }) => sum + reads, 0)
  return rows.map((row): Row => {
    const { reads, hits, loadMs, savedMs, misses } = row
    const gain = Math.max(0, (row.reachableHitRate ?? 0) - (row.hitRate ?? 0)) * reads
    const impact = all === 0 ? 0 : gain / all
    const changeRate = misses.invalidated / minutes
    return {
      name: row.field,
      keys: { requests: reads, misses: reads - hits, durationMs: loadMs, loadMs, savedMs, impact, changeRate },
      field: { ...row, impact, changeRate },
    }
  })
}

function operationRows({ operations }: StoredFigures): readonly Row[] {
  const all = operations.reduce((sum, figures) => sum + ofTenant(figures).reads, 0)
  return operations.map((figures): Row => {
    const { operation, requests, answers, layerMs, errors, durationMs, savedMs, bytes } = figures
    const { hitRate, reads, hits } = ofTenant(figures)
    const misses = reads - hits
    const impact = all === 0 ? 0 : misses / all
    const loadMs = layerMs.origin
    const means = LAYERS.filter((layer) => answers[layer] > 0).map((layer) => [layer, layerMs[layer] / answers[layer]])
    return {
      name: operation,
      keys: { requests, misses, durationMs, loadMs, savedMs, impact, changeRate: 0 },
      operation: {
        operation,
        requests,
        answers,
        hitRate,
        errors,
        impact,
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

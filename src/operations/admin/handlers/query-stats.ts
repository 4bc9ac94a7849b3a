import type { Cache } from '../../../engine/cache/cache.ts'
import type { History } from '../../history/history.ts'
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
      if (query.tenant !== undefined)
        throw new RequestProblem('BAD_USER_INPUT', 'tenant', 'operations and fields are not counted by tenant.')
      const { fields, operations, range } = await figuresIn(history, rangeOf(query, cache.now()))
      const empty = { range: isoRange(range), operations: [], fields: [] }
      if (query.by === 'field') {
        const all = fields.reduce((sum, { reads }) => sum + Object.values(reads).reduce((part, count) => part + count, 0), 0)
        const rows = fields.map((figures): Field => {
          const one = shown(figures)
          const gain = Math.max(0, (one.reachableHitRate ?? 0) - (one.hitRate ?? 0)) * one.reads
          return { field: figures.field, ...one, impact: all === 0 ? 0 : gain / all }
        })
        const key = (row: Field) =>
          ({
            requests: row.reads,
            misses: row.reads - row.hits,
            durationMs: row.loadMs,
            savedMs: row.savedMs,
            impact: row.impact,
          })[query.sort]
        return { ...empty, fields: rows.toSorted((a, b) => key(b) - key(a)).slice(0, query.limit) }
      }
      const rows = operations.map((figures): Operation & { misses: number } => {
        const { operation, requests, answers, errors, durationMs, savedMs, bytes } = figures
        const { hitRate, reads, hits } = ofTenant(figures)
        return { operation, requests, answers, hitRate, errors, durationMs, savedMs, bytes, misses: reads - hits }
      })
      const key = (row: (typeof rows)[number]) => (query.sort === 'impact' ? row.misses : row[query.sort])
      const sorted = rows.toSorted((a, b) => key(b) - key(a)).slice(0, query.limit)
      return { ...empty, operations: sorted.map(({ misses: _, ...row }) => row) }
    },
  })
}

import type { QueryStats } from '../../../../src/operations/admin/contract.ts'
import { bytes, count, duration, perSecond, UNKNOWN } from '../../format/format.ts'
import type { Column } from '../../parts/data-table.tsx'
import { RateBar } from '../../parts/rate-bar.tsx'
import { Link } from '../../router/location.tsx'
import { HistorySpark } from './history-spark.tsx'

export type OperationRow = QueryStats['operations'][number]
export type FieldRow = QueryStats['fields'][number]

interface ColumnsOptions {
  readonly lengthMs: number
  readonly window: string
  readonly until: string | undefined
}

const OPERATION_IMPACT =
  'Points of all answers that would be hits if this operation missed nothing. Some misses are unavoidable, so the sum is more than the gap to the reachable hit rate.'
const FIELD_IMPACT = 'Points of all reads that would be hits if this field reached its reachable hit rate.'

/** Columns of a table of operations. */
export function operationColumns({ lengthMs, window, until }: ColumnsOptions): readonly Column<OperationRow>[] {
  return [
    {
      id: 'operation',
      title: 'Operation',
      isHead: true,
      cell: ({ operation }) => <Link to={`/operations/${encodeURIComponent(operation)}`}>{nameOf(operation)}</Link>,
      sortBy: ({ operation }) => operation,
    },
    {
      id: 'requests',
      title: 'Req/s',
      isNumeric: true,
      cell: ({ requests }) => <span title={`${count(requests)} requests`}>{perSecond((1000 * requests) / lengthMs)}</span>,
      sortBy: ({ requests }) => requests,
    },
    { id: 'rate', title: 'Hit rate', cell: ({ hitRate }) => <RateBar rate={hitRate} />, sortBy: ({ hitRate }) => hitRate },
    { ...impactColumn, hint: OPERATION_IMPACT, isWideOnly: false },
    {
      id: 'latency',
      title: 'Hit / miss',
      hint: 'Mean duration of an answer without and with a read of the database.',
      isNumeric: true,
      isWideOnly: true,
      cell: ({ hitMs, missMs }) => `${duration(hitMs)} / ${duration(missMs)}`,
      sortBy: ({ missMs }) => missMs,
    },
    loadColumn,
    savedColumn,
    {
      id: 'bytes',
      title: 'Sent',
      isNumeric: true,
      isWideOnly: true,
      cell: (row) => bytes(row.bytes),
      sortBy: (row) => row.bytes,
    },
    {
      id: 'history',
      title: 'Trend',
      hint: 'Hit rate over the time range.',
      isWideOnly: true,
      cell: ({ operation }) => <HistorySpark subject={{ operation }} window={window} until={until} />,
    },
  ]
}

/** Columns of a table of fields. */
export function fieldColumns({ lengthMs, window, until }: ColumnsOptions): readonly Column<FieldRow>[] {
  return [
    {
      id: 'field',
      title: 'Field',
      isHead: true,
      cell: ({ field }) => <Link to={`/operations/field/${encodeURIComponent(field)}`}>{field}</Link>,
      sortBy: ({ field }) => field,
    },
    {
      id: 'requests',
      title: 'Reads/s',
      isNumeric: true,
      cell: ({ reads }) => <span title={`${count(reads)} reads`}>{perSecond((1000 * reads) / lengthMs)}</span>,
      sortBy: ({ reads }) => reads,
    },
    {
      id: 'rate',
      title: 'Hit rate of reachable',
      cell: ({ hitRate, reachableHitRate }) => <RateBar rate={hitRate} reachable={reachableHitRate} />,
      sortBy: ({ hitRate }) => hitRate,
    },
    { ...impactColumn, hint: FIELD_IMPACT },
    loadColumn,
    savedColumn,
    {
      id: 'changeRate',
      title: 'Invalidated',
      hint: 'Reads a minute that missed because a write had invalidated the copy.',
      isNumeric: true,
      isWideOnly: true,
      cell: ({ changeRate }) => `${perSecond(changeRate)}/min`,
      sortBy: ({ changeRate }) => changeRate,
    },
    {
      id: 'needless',
      title: 'Needless',
      hint: 'Share of the reloads that returned the value that had been invalidated.',
      isNumeric: true,
      isWideOnly: true,
      cell: ({ reloads, needlessReloads }) => (reloads === 0 ? UNKNOWN : `${Math.round((100 * needlessReloads) / reloads)} %`),
      sortBy: ({ reloads, needlessReloads }) => (reloads === 0 ? null : needlessReloads / reloads),
    },
    {
      id: 'history',
      title: 'Trend',
      hint: 'Hit rate over the time range.',
      isWideOnly: true,
      cell: ({ field }) => <HistorySpark subject={{ field }} window={window} until={until} />,
    },
  ]
}

/** Name of an operation as the pages show it. A hash of an operation without a name is shortened. */
export function nameOf(operation: string): string {
  return /^[0-9a-f]{32,}$/.test(operation) ? `${operation.slice(0, 12)}…` : operation
}

const impactColumn = {
  id: 'impact',
  title: 'Impact',
  isNumeric: true,
  isWideOnly: true,
  cell: ({ impact }: { readonly impact: number }) => (impact === 0 ? '0' : impact < 0.0005 ? '< 0.1' : `+${(100 * impact).toFixed(1)}`),
  sortBy: ({ impact }: { readonly impact: number }) => impact,
}

const loadColumn = {
  id: 'loadMs',
  title: 'DB spent',
  hint: 'Time of what read the database: the answers of an operation, the loads of a field.',
  isNumeric: true,
  isWideOnly: true,
  cell: ({ loadMs }: { readonly loadMs: number }) => duration(loadMs),
  sortBy: ({ loadMs }: { readonly loadMs: number }) => loadMs,
}

const savedColumn = {
  id: 'savedMs',
  title: 'DB saved',
  hint: 'Time of reads of the database that cached copies saved.',
  isNumeric: true,
  isWideOnly: true,
  cell: ({ savedMs }: { readonly savedMs: number }) => duration(savedMs),
  sortBy: ({ savedMs }: { readonly savedMs: number }) => savedMs,
}

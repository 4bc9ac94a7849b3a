import type { QueryStats } from '../../../../src/operations/admin/contract.ts'
import { bytes, count, duration, fewPoints, perSecond, UNKNOWN } from '../../format/format.ts'
import type { Column } from '../../parts/data-table.tsx'
import { RateBar } from '../../parts/rate-bar.tsx'
import { Sparkline } from '../../parts/sparkline.tsx'
import { Link } from '../../router/location.tsx'

export type OperationRow = QueryStats['operations'][number]
export type FieldRow = QueryStats['fields'][number]

interface ColumnsOptions {
  readonly lengthMs: number
}

const MISSES = 'Answers of this operation that did not come from the cache, in points of all answers. The rows add up to all that did not.'
const GAIN =
  'Points of the field hit rate, of the reads of all fields, if this field reached its reachable rate. The rows add up to the distance to the reachable rate.'

/** Columns of a table of operations. */
export function operationColumns({ lengthMs }: ColumnsOptions): readonly Column<OperationRow>[] {
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
      isWideOnly: true,
      cell: ({ requests }) => <span title={`${count(requests)} requests`}>{perSecond((1000 * requests) / lengthMs)}</span>,
      sortBy: ({ requests }) => requests,
    },
    {
      id: 'rate',
      title: 'From cache',
      hint: 'Answers from cache: the share of its answers that did not wait for the database.',
      cell: ({ answersFromCache }) => <RateBar rate={answersFromCache} />,
      sortBy: ({ answersFromCache }) => answersFromCache,
    },
    {
      id: 'misses',
      title: 'Misses, pts',
      hint: MISSES,
      isNumeric: true,
      cell: ({ missShare }) => fewPoints(100 * missShare),
      sortBy: ({ missShare }) => missShare,
    },
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
      hint: 'Answers from cache over the time range.',
      isWideOnly: true,
      cell: ({ trend }) => <Sparkline values={trend ?? []} />,
    },
  ]
}

/** Columns of a table of fields. */
export function fieldColumns({ lengthMs }: ColumnsOptions): readonly Column<FieldRow>[] {
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
      title: 'Field hit rate',
      hint: 'Hits of its reads, of what it could reach if nothing expired, was evicted, bypassed or shed.',
      cell: ({ hitRate, reachableHitRate }) => <RateBar rate={hitRate} reachable={reachableHitRate} />,
      sortBy: ({ hitRate }) => hitRate,
    },
    {
      id: 'gain',
      title: 'Left to reach, pts',
      hint: GAIN,
      isNumeric: true,
      isWideOnly: true,
      cell: ({ gain }) => fewPoints(100 * gain),
      sortBy: ({ gain }) => gain,
    },
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
      hint: 'Field hit rate over the time range.',
      isWideOnly: true,
      cell: ({ trend }) => <Sparkline values={trend ?? []} />,
    },
  ]
}

/** Name of an operation as the pages show it. A hash of an operation without a name is shortened. */
export function nameOf(operation: string): string {
  return /^[0-9a-f]{32,}$/.test(operation) ? `${operation.slice(0, 12)}…` : operation
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

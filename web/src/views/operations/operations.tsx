import type { QueryStatsInput } from '../../../../src/operations/admin/contract.ts'
import { useSignedIn } from '../../api/session.tsx'
import { useApi } from '../../api/use-api.ts'
import { Card } from '../../parts/card.tsx'
import { Choice } from '../../parts/choice.tsx'
import { type Column, DataTable, useTablePlace } from '../../parts/data-table.tsx'
import { EmptyState, OperatorOnly } from '../../parts/empty-state.tsx'
import { Problem } from '../../parts/problem.tsx'
import { TimeRange, useTimeRange } from '../../parts/time-range.tsx'
import { ViewHead } from '../../parts/view-head.tsx'
import { useParam } from '../../router/location.tsx'
import type { ViewProps } from '../../shell/view-props.ts'
import { fieldColumns, operationColumns } from './operation-columns.tsx'
import { SearchField } from './search-field.tsx'
import { SubjectPage } from './subject-page.tsx'

type Sort = NonNullable<QueryStatsInput['sort']>

const KINDS = { operation: 'Operations', field: 'Fields' } as const
type Kind = keyof typeof KINDS
/** Maximum number of rows that the management API returns at once. */
const PAGE = 100
/** Orders that the management API knows, by the column of the table. A table with few rows is sorted by the page itself. */
const SHARED_SORTS = { requests: 'requests', loadMs: 'loadMs', savedMs: 'savedMs' } as const
const SORTS: Readonly<Record<Kind, Readonly<Record<string, Sort>>>> = {
  operation: { ...SHARED_SORTS, misses: 'misses' },
  field: { ...SHARED_SORTS, gain: 'gain', changeRate: 'changeRate' },
}
/** First order of each table: what costs most first. */
const FIRST_ORDER = { operation: '-misses', field: '-gain' } as const

/** Operations and fields: a table, or the page of one of them. */
export default function Operations({ rest }: ViewProps) {
  const { isOperator } = useSignedIn()
  if (!isOperator)
    return (
      <>
        <ViewHead title="Operations and fields" />
        <Card title="Operations">
          <OperatorOnly why="Operations and fields are not counted by tenant." />
        </Card>
      </>
    )
  const [first, second] = rest
  if (first === 'field' && second !== undefined) return <SubjectPage kind="field" name={second} />
  if (first !== undefined) return <SubjectPage kind="operation" name={first} />
  return <List />
}

function List() {
  const [by, setBy] = useParam('by', 'operation')
  const [name, setName] = useParam('name', '')
  const [, setPage] = useParam('page', '1')
  const range = useTimeRange()
  const { window, until, everyMs } = range
  const kind = by === 'field' ? 'field' : 'operation'
  const { order, page } = useTablePlace(FIRST_ORDER[kind])
  const sort = SORTS[kind][order.column] ?? (kind === 'field' ? 'gain' : 'misses')
  const { data, failure, isLoading } = useApi(
    '/query-stats',
    { window, until, by: kind, sort, trend: 'true', name: name === '' ? undefined : name, offset: page * PAGE, limit: PAGE },
    everyMs === undefined ? {} : { everyMs },
  )
  const find = (text: string) => {
    setPage('1')
    setName(text)
  }
  const total = data?.total ?? 0
  const isRemote = total > PAGE
  const table = {
    order: FIRST_ORDER[kind],
    pageSize: PAGE,
    empty: (
      <EmptyState title={name === '' ? 'Nothing was counted in this time.' : `No name contains “${name}” in this time.`}>
        {name === '' ? 'Send a query to /graphql, or choose a longer time.' : 'Search for a part of the name, or choose a longer time.'}
      </EmptyState>
    ),
    ...(isRemote ? { remote: { total } } : {}),
  }
  return (
    <>
      <ViewHead title="Operations and fields">
        <SearchField label="Search by name" value={name} onChange={find} />
        <Choice label="Rows" options={KINDS} value={kind} onChoose={setBy} />
        <TimeRange />
      </ViewHead>
      <Card title={KINDS[kind]} note="a row leads to its history" isLoading={isLoading}>
        <Problem failure={failure} />
        {data && kind === 'operation' ? (
          <DataTable
            {...table}
            caption="Operations"
            columns={sortable(operationColumns(range), isRemote, kind)}
            rows={data.operations}
            keyOf={(row) => row.operation}
          />
        ) : null}
        {data && kind === 'field' ? (
          <DataTable
            {...table}
            caption="Fields"
            columns={sortable(fieldColumns(range), isRemote, kind)}
            rows={data.fields}
            keyOf={(row) => row.field}
          />
        ) : null}
      </Card>
    </>
  )
}

/** Leaves out the orders that the server does not know, if it sorts the rows. */
function sortable<Row>(columns: readonly Column<Row>[], isRemote: boolean, kind: Kind): readonly Column<Row>[] {
  return isRemote ? columns.map(({ sortBy, ...column }) => (column.id in SORTS[kind] && sortBy ? { ...column, sortBy } : column)) : columns
}

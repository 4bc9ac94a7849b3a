import { useSignedIn } from '../../api/session.tsx'
import { useApi } from '../../api/use-api.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { EmptyState, OperatorOnly } from '../../parts/empty-state.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useTimeRange } from '../../parts/time-range.tsx'
import { Link } from '../../router/location.tsx'
import { operationColumns } from '../operations/operation-columns.tsx'

const ROWS = 8

/** Operations with most of the answers that did not come from the cache. */
export function TopOperations() {
  const { isOperator } = useSignedIn()
  const { window, until, lengthMs, everyMs } = useTimeRange()
  const { data, failure, isLoading } = useApi(
    isOperator ? '/query-stats' : null,
    { window, until, by: 'operation', sort: 'misses', trend: 'true', limit: ROWS },
    everyMs === undefined ? {} : { everyMs },
  )
  if (!isOperator)
    return (
      <Card title="Operations">
        <OperatorOnly why="Operations are not counted by tenant." />
      </Card>
    )
  const shown = ['operation', 'requests', 'rate', 'misses', 'loadMs', 'savedMs', 'history']
  return (
    <Card title="Operations" note="of all tenants: those whose misses are most points of all answers" isLoading={isLoading}>
      <Problem failure={failure} />
      {data ? (
        <DataTable
          caption="Operations by misses"
          columns={operationColumns({ lengthMs }).filter(({ id }) => shown.includes(id))}
          rows={data.operations}
          keyOf={({ operation }) => operation}
          order="-misses"
          prefix="top-"
          empty={<EmptyState title="No operation was counted in this time.">Send a query to /graphql, or choose a longer time.</EmptyState>}
        />
      ) : null}
      <Link to="/operations" className="more">
        All operations and fields
      </Link>
    </Card>
  )
}

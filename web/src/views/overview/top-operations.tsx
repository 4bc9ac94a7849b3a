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

/** Operations whose misses cost the overall hit rate most. */
export function TopOperations() {
  const { isOperator } = useSignedIn()
  const { window, until, lengthMs, everyMs } = useTimeRange()
  const { data, failure, isLoading } = useApi(
    isOperator ? '/query-stats' : null,
    { window, until, by: 'operation', sort: 'impact', limit: ROWS },
    everyMs === undefined ? {} : { everyMs },
  )
  if (!isOperator)
    return (
      <Card title="Operations">
        <OperatorOnly why="Operations are not counted by tenant." />
      </Card>
    )
  const shown = ['operation', 'requests', 'rate', 'impact', 'loadMs', 'savedMs', 'history']
  return (
    <Card title="Operations" note="of all tenants, by impact: the points of all answers that are its misses" isLoading={isLoading}>
      <Problem failure={failure} />
      {data ? (
        <DataTable
          caption="Operations by impact"
          columns={operationColumns({ lengthMs, window, until }).filter(({ id }) => shown.includes(id))}
          rows={data.operations}
          keyOf={({ operation }) => operation}
          order="-impact"
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

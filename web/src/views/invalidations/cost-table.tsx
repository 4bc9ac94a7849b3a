import { count, duration } from '../../format/format.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Link } from '../../router/location.tsx'
import { type CauseCost, UNKNOWN_CAUSE } from './costs.ts'

const ROWS = 8

/** Cost of each mutation, operator or program. */
export function CostTable({ costs }: { readonly costs: readonly CauseCost[] }) {
  return (
    <DataTable
      caption="Cost of each write"
      columns={[
        {
          id: 'cause',
          title: 'Cause',
          isHead: true,
          sortBy: ({ cause }) => cause,
          cell: ({ cause }) =>
            cause === UNKNOWN_CAUSE ? cause : <Link to={`/invalidations?${new URLSearchParams({ cause })}`}>{cause}</Link>,
        },
        { id: 'writes', title: 'Writes', isNumeric: true, sortBy: ({ writes }) => writes, cell: ({ writes }) => count(writes) },
        {
          id: 'tags',
          title: 'Tags each',
          isNumeric: true,
          hint: 'Tags that one write emits on average',
          sortBy: ({ tags, writes }) => tags / writes,
          cell: ({ tags, writes }) => count(tags / writes),
        },
        {
          id: 'lag',
          title: 'Worst lag',
          isNumeric: true,
          sortBy: ({ worstLagMs }) => worstLagMs,
          cell: ({ worstLagMs }) => duration(worstLagMs),
        },
      ]}
      rows={costs}
      keyOf={({ cause }) => cause}
      order="-writes"
      prefix="cost-"
      pageSize={ROWS}
      empty={<p className="soft">No write is shown.</p>}
    />
  )
}

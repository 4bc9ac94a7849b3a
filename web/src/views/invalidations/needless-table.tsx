import { useApi } from '../../api/use-api.ts'
import { count, percent, shareOf } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Problem } from '../../parts/problem.tsx'
import { TimeRange, useTimeRange } from '../../parts/time-range.tsx'
import { Link } from '../../router/location.tsx'

const MAX_FIELDS = 200

/** Fields whose reloads returned the value that had been invalidated: their dependencies are wider than what their values use. */
export function NeedlessTable({ tenant }: { readonly tenant: string | undefined }) {
  const { window, until, everyMs } = useTimeRange()
  const { data, failure, isLoading } = useApi(
    '/query-stats',
    { by: 'field', sort: 'misses', window, until, tenant, limit: MAX_FIELDS },
    everyMs === undefined ? {} : { everyMs },
  )
  const rows = (data?.fields ?? []).filter(({ reloads }) => reloads > 0)
  return (
    <Card
      title="Needless invalidations"
      note="reloads that returned the value that had been invalidated"
      isLoading={isLoading}
      controls={<TimeRange />}
    >
      <Problem failure={failure} />
      {data === undefined ? null : (
        <DataTable
          caption="Needless invalidations by field"
          columns={[
            { id: 'field', title: 'Field', isHead: true, sortBy: ({ field }) => field, cell: ({ field }) => <FieldName field={field} /> },
            {
              id: 'reloads',
              title: 'Reloads',
              isNumeric: true,
              hint: 'Loads after an invalidation',
              sortBy: ({ reloads }) => reloads,
              cell: ({ reloads }) => count(reloads),
            },
            {
              id: 'needless',
              title: 'Needless',
              isNumeric: true,
              sortBy: ({ needlessReloads }) => needlessReloads,
              cell: ({ needlessReloads }) => count(needlessReloads),
            },
            {
              id: 'share',
              title: 'Share',
              isNumeric: true,
              hint: '0 is perfect',
              sortBy: ({ needlessReloads, reloads }) => needlessReloads / reloads,
              cell: ({ needlessReloads, reloads }) => shareOf(needlessReloads, reloads),
            },
            {
              id: 'rate',
              title: 'Field hit rate',
              isNumeric: true,
              isWideOnly: true,
              sortBy: ({ hitRate }) => hitRate,
              cell: ({ hitRate }) => percent(hitRate),
            },
          ]}
          rows={rows}
          keyOf={({ field }) => field}
          order="-needless"
          prefix="needless-"
          pageSize={10}
          empty={<p className="soft">Nothing was reloaded after an invalidation in this time range.</p>}
        />
      )}
      <p className="soft">
        The <Link to="/advice">advice</Link> says which dependency to narrow.
      </p>
    </Card>
  )
}

/** Name of a field. A whole answer is counted under the name Response. */
function FieldName({ field }: { readonly field: string }) {
  return (
    <>
      <code>{field}</code>
      {field === 'Response' ? <small> whole answers, voided with their parts</small> : null}
    </>
  )
}

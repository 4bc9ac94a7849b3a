import { useApi } from '../../api/use-api.ts'
import { count } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Link } from '../../router/location.tsx'

const ROWS = 200
const SHOWN = 8

/** Writes that invalidated values of a field lately, and the tables on which the field depends. */
export function InvalidatedBy({ field }: { readonly field: string }) {
  const namespaces = useApi('/namespaces', {})
  const log = useApi('/invalidations', { limit: ROWS })
  const types = namespaces.data?.namespaces.filter(({ policies }) => policies.includes(field)) ?? []
  const tables = new Set(types.map(({ table }) => table))
  const writes = log.data?.invalidations.filter((row) => row.tables.some((table) => tables.has(table))) ?? []
  const byCause = [...Map.groupBy(writes, ({ causes }) => causes[0] ?? 'unknown')].toSorted(
    ([, one], [, other]) => other.length - one.length,
  )
  const isRead = namespaces.data !== undefined && log.data !== undefined
  return (
    <Card title="What invalidates it" note={`of the last ${ROWS} log rows`}>
      <Problem failure={namespaces.failure ?? log.failure} />
      {types.length === 0 ? null : (
        <p className="soft">
          It depends on {types.map(({ type, table }) => (table === '' ? type : `${type} (table ${table})`)).join(', ')}.
        </p>
      )}
      {isRead && byCause.length === 0 ? <EmptyState title="No write invalidated it lately." /> : null}
      <ul className="tail">
        {byCause.slice(0, SHOWN).map(([cause, rows]) => (
          <li key={cause}>
            {rows[0] ? <Moment at={rows[0].at} /> : null}
            <Link to={`/invalidations?cause=${encodeURIComponent(cause)}`} className="cause">
              {cause}
            </Link>
            <span className="number soft">
              {count(rows.length)} {rows.length === 1 ? 'row' : 'rows'}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

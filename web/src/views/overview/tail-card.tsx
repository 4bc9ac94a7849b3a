import type { Invalidation } from '../../../../src/operations/admin/contract.ts'
import { useApi } from '../../api/use-api.ts'
import { count } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Link } from '../../router/location.tsx'
import { useTenant } from '../filters/tenant-filter.tsx'

const LIVE_MS = 5000
const ROWS = 7
const SHOWN_TAGS = 2

/** End of the invalidation log, live. */
export function TailCard() {
  const tenant = useTenant()
  const { data, failure } = useApi('/invalidations', { tenant, limit: ROWS }, { everyMs: LIVE_MS })
  return (
    <Card title="Invalidations" note="live">
      <Problem failure={failure} />
      {data?.invalidations.length === 0 ? (
        <EmptyState title="Nothing was invalidated yet.">A mutation, a purge or a write with psql appears here.</EmptyState>
      ) : (
        <ul className="tail">
          {data?.invalidations.map((row) => (
            <Row key={`${row.epoch} ${row.clock}`} row={row} />
          ))}
        </ul>
      )}
      <Link to="/invalidations" className="more">
        All invalidations
      </Link>
    </Card>
  )
}

function Row({ row: { at, causes, tags, tagCount } }: { readonly row: Invalidation }) {
  const [cause = 'unknown', ...others] = causes
  const shown = tags.slice(0, SHOWN_TAGS)
  return (
    <li>
      <Moment at={at} />
      <span className="cause">
        {cause}
        {others.length === 0 ? null : <small> and {count(others.length)} more</small>}
      </span>
      <span className="number soft">
        {count(tagCount)} {tagCount === 1 ? 'tag' : 'tags'}
      </span>
      {shown.length === 0 ? null : (
        <code>
          {shown.join(' ')}
          {tagCount > shown.length ? ' …' : ''}
        </code>
      )}
    </li>
  )
}

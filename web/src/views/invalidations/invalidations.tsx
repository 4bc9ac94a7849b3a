import './invalidations.css'
import { useState } from 'react'
import { useSignedIn } from '../../api/session.tsx'
import { useApi } from '../../api/use-api.ts'
import { count } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useTimeRange } from '../../parts/time-range.tsx'
import { ViewHead } from '../../parts/view-head.tsx'
import { Link, useParam } from '../../router/location.tsx'
import { TenantFilter, useTenant } from '../filters/tenant-filter.tsx'
import { TextFilter } from '../filters/text-filter.tsx'
import { CostCard } from './cost-card.tsx'
import { costsByCause, costsOf, topTags } from './costs.ts'
import { idOf } from './follow.ts'
import { InvalidationRow } from './invalidation-row.tsx'
import { NeedlessTable } from './needless-table.tsx'
import { TagLegend } from './tag-legend.tsx'
import { TopTags } from './top-tags.tsx'
import { useTail } from './use-tail.ts'

const MAX_TOP_TAGS = 10
const MAX_COSTS = 500
const MAX_OFFERS = 20

/** View `/invalidations`: which writes invalidated what, as it happens, and what each kind of write costs. */
export default function InvalidationsView() {
  const { isOperator } = useSignedIn()
  const [tag] = useParam('tag', '')
  const [cause] = useParam('cause', '')
  const [open] = useParam('open', '')
  const tenant = useTenant()
  const [isFollowing, setIsFollowing] = useState(true)
  const { tail, failure, isLoading } = useTail({ tag: tag || undefined, cause: cause || undefined, tenant }, isFollowing)
  const { window, until, everyMs } = useTimeRange()
  const hasCosts = isOperator && tenant === undefined
  const reading = useApi(
    hasCosts ? '/write-costs' : null,
    { window, until, cause: cause || undefined, limit: MAX_COSTS },
    everyMs === undefined ? {} : { everyMs },
  )
  const costs = hasCosts ? (reading.data ? costsOf(reading.data) : []) : costsByCause(tail.rows)
  const costOf = new Map(costs.map((cost) => [cost.cause, cost]))
  const tags = topTags(tail.rows, MAX_TOP_TAGS)
  const shown = `of the last ${count(tail.rows.length)} ${tail.rows.length === 1 ? 'invalidation' : 'invalidations'}`
  const isFiltered = tag !== '' || cause !== '' || tenant !== undefined
  return (
    <>
      <ViewHead title="Invalidations" note="Which write invalidated what, and what it cost.">
        <TenantFilter />
        <TextFilter
          label="Cause"
          name="cause"
          placeholder="mutation placeBid"
          offers={costs.map((one) => one.cause).slice(0, MAX_OFFERS)}
        />
        <TextFilter label="Tag" name="tag" placeholder="acme:Campaign:42" offers={tags.map((one) => one.tag)} />
      </ViewHead>
      <CostCard costs={costs} reading={hasCosts ? reading : undefined} shownRows={tail.rows.length} />
      <div className="columns">
        <Card
          title="Live"
          note={isFollowing ? 'follows the invalidation log' : 'paused'}
          isLoading={isLoading}
          controls={
            <button type="button" aria-pressed={!isFollowing} onClick={() => setIsFollowing(!isFollowing)}>
              {isFollowing ? 'Pause' : 'Follow'}
            </button>
          }
        >
          <Problem failure={failure} />
          <p className="visually-hidden" role="status">
            {tail.added > 0 ? `${count(tail.added)} new ${tail.added === 1 ? 'invalidation' : 'invalidations'}` : ''}
          </p>
          {tail.rows.length > 0 ? (
            <ol className="log">
              {tail.rows.map((row) => (
                <InvalidationRow key={idOf(row)} row={row} isOpen={idOf(row) === open} costOf={costOf} />
              ))}
            </ol>
          ) : isLoading || failure ? null : (
            <NoRows isFiltered={isFiltered} />
          )}
        </Card>
        <div className="stack">
          <Card title="Top tags" note={shown}>
            <TopTags tags={tags} />
          </Card>
          <TagLegend />
        </div>
      </div>
      {isOperator ? <NeedlessTable tenant={tenant} /> : null}
    </>
  )
}

function NoRows({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState title="No known invalidation matches these filters.">
      A cause and a tag are compared as a whole. <Link to="/invalidations?tag=&cause=&tenant=">Show all</Link>.
    </EmptyState>
  ) : (
    <EmptyState title="No write has invalidated anything yet.">
      Send a mutation, or change a row with psql: it appears here within a second.
    </EmptyState>
  )
}

import { useSignedIn } from '../../api/session.tsx'
import { useApi } from '../../api/use-api.ts'
import { TimeRange, useTimeRange } from '../../parts/time-range.tsx'
import { ViewHead } from '../../parts/view-head.tsx'
import { TenantFilter, useTenant } from '../filters/tenant-filter.tsx'
import { AnswersCard } from './answers-card.tsx'
import { CausesCard } from './causes-card.tsx'
import { TailCard } from './tail-card.tsx'
import { TopOperations } from './top-operations.tsx'

/** Overview: who answered, why the hit rate fell, why misses happened, and what happens now. */
export default function Overview() {
  const { isOperator, claims } = useSignedIn()
  const tenant = useTenant()
  const shown = isOperator ? tenant : claims.tenant
  const { window, until, everyMs } = useTimeRange()
  const series = useApi('/series', { window, until, tenant }, everyMs === undefined ? {} : { everyMs })
  return (
    <>
      <ViewHead title="Overview" note={shown === undefined ? 'All tenants and processes' : `Tenant ${shown}, all processes`}>
        <TenantFilter />
        <TimeRange />
      </ViewHead>
      <AnswersCard reading={series} />
      <div className="columns">
        <TopOperations />
        <TailCard />
      </div>
      <CausesCard />
    </>
  )
}

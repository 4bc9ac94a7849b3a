import './advice.css'
import type { Report } from '../../../../src/operations/admin/contract.ts'
import { useSignedIn } from '../../api/session.tsx'
import { useApi } from '../../api/use-api.ts'
import { percent, windowText } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { EmptyState, OperatorOnly } from '../../parts/empty-state.tsx'
import { Sentence } from '../../parts/moment.tsx'
import { Problem } from '../../parts/problem.tsx'
import { TimeRange, useTimeRange } from '../../parts/time-range.tsx'
import { ViewHead } from '../../parts/view-head.tsx'
import { TenantFilter, useTenant } from '../filters/tenant-filter.tsx'
import { AdviceCard } from './advice-card.tsx'
import { MissingCard } from './missing-card.tsx'

/** View `/advice`: what to change so that more reads are hits, with what shows it, what it would bring and what it costs. */
export default function AdviceView() {
  const { isOperator } = useSignedIn()
  return (
    <>
      <ViewHead title="Advice" note="What to change, why, and what it costs.">
        {isOperator ? (
          <>
            <TenantFilter />
            <TimeRange />
          </>
        ) : null}
      </ViewHead>
      {isOperator ? <Recommendations /> : <OperatorOnly why="Advice is about the schema and the configuration, which all tenants share." />}
    </>
  )
}

function Recommendations() {
  const { window, until, everyMs } = useTimeRange()
  const tenant = useTenant()
  const { data, failure } = useApi('/performance-report', { window, until, tenant }, everyMs === undefined ? {} : { everyMs })
  if (!data) return failure ? <Problem failure={failure} /> : <p className="waiting">Reading the history …</p>
  return (
    <>
      <Problem failure={failure} />
      <Summary report={data} window={window} />
      <MissingCard missing={data.missing} />
      {data.recommendations.length === 0 ? (
        <Card title="Nothing to change">
          <EmptyState title="No figure of this time range suggests a change.">
            Advice needs at least 100 reads of a field. Choose a longer time range, or come back after more traffic.
          </EmptyState>
        </Card>
      ) : (
        <ol className="recommendations" aria-label="Recommendations, those that gain most points first">
          {data.recommendations.map((recommendation) => (
            <AdviceCard key={`${recommendation.code} ${recommendation.subject}`} recommendation={recommendation} />
          ))}
        </ol>
      )}
    </>
  )
}

interface SummaryProps {
  readonly report: Report
  /** Time range of the report, such as `24h`. */
  readonly window: string
}

function Summary({ report: { summary, hitRate, reachableHitRate, falls }, window }: SummaryProps) {
  return (
    <Card title="Field hit rate" note={`${percent(hitRate)} of ${percent(reachableHitRate)} reachable, ${windowText(window)}`}>
      <p>
        <Sentence text={summary} />
      </p>
      {falls.map(({ at, sentence }) => (
        <p key={at} className="note-box">
          <Sentence text={sentence} />
        </p>
      ))}
    </Card>
  )
}

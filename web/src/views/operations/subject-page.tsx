import type { Series } from '../../../../src/operations/admin/contract.ts'
import { useApi } from '../../api/use-api.ts'
import { answerPoints, answerRatePoints, finishedPoints, LAYERS, ratePoints } from '../../charts/layers.ts'
import { RateChart } from '../../charts/rate-chart.tsx'
import { StackedArea } from '../../charts/stacked-area.tsx'
import { perSecond, short } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Problem } from '../../parts/problem.tsx'
import { TimeRange, useTimeRange } from '../../parts/time-range.tsx'
import { ViewHead } from '../../parts/view-head.tsx'
import { Link } from '../../router/location.tsx'
import { AdviceOf } from './advice-of.tsx'
import { FieldFacts } from './field-facts.tsx'
import { InvalidatedBy } from './invalidated-by.tsx'
import { nameOf } from './operation-columns.tsx'
import { OperationFacts } from './operation-facts.tsx'

interface SubjectPageProps {
  readonly kind: 'operation' | 'field'
  readonly name: string
}

/** Page of an operation or a field: its figures, their history, what invalidates it, and what to change. */
export function SubjectPage({ kind, name }: SubjectPageProps) {
  const { window, until, everyMs } = useTimeRange()
  const every = everyMs === undefined ? {} : { everyMs }
  const stats = useApi('/query-stats', { window, until, by: kind, name, limit: 200 }, every)
  const series = useApi('/series', { window, until, ...(kind === 'field' ? { field: name } : { operation: name }) }, every)
  const operation = stats.data?.operations.find((row) => row.operation === name)
  const field = stats.data?.fields.find((row) => row.field === name)
  const isKnown = operation !== undefined || field !== undefined
  return (
    <>
      <ViewHead title={nameOf(name)} note={<Link to={`/operations?by=${kind}`}>{kind === 'field' ? 'All fields' : 'All operations'}</Link>}>
        <TimeRange />
      </ViewHead>
      <Card title="Figures" isLoading={stats.isLoading}>
        <Problem failure={stats.failure} />
        {operation ? <OperationFacts row={operation} /> : null}
        {field ? <FieldFacts row={field} /> : null}
        {stats.data && !isKnown ? (
          <EmptyState title={`The ${kind} ${name} was not counted in this time.`}>Choose a longer time.</EmptyState>
        ) : null}
      </Card>
      <Card title={kind === 'field' ? 'Reads by layer' : 'Answers by layer'} note="per second" isLoading={series.isLoading}>
        <Problem failure={series.failure} />
        {series.data ? <History series={series.data} kind={kind} /> : null}
      </Card>
      {kind === 'field' ? (
        <div className="columns even">
          <InvalidatedBy field={name} />
          <AdviceOf subject={name} />
        </div>
      ) : (
        <div className="columns even">
          <AdviceOf subject={name} />
          <Card title="Why its answers are old">
            <p className="soft">
              Figures are counted by the name of the operation. Which parts an answer has, how old each is and which write changed it last
              depends on its document and its variables.
            </p>
            <Link to="/keys/explain?of=operation" className="more">
              Explain an answer
            </Link>
          </Card>
        </div>
      )}
    </>
  )
}

function History({ series, kind }: { readonly series: Series; readonly kind: SubjectPageProps['kind'] }) {
  const title = kind === 'field' ? 'Field hit rate' : 'Answers from cache'
  const { stepMs } = series
  const points = finishedPoints(series)
  if (points.every(({ requests }) => requests === 0)) return <EmptyState title="Nothing was counted in this time." />
  return (
    <>
      <StackedArea
        title="Answers by layer"
        series={LAYERS}
        points={answerPoints(points, stepMs)}
        stepMs={stepMs}
        format={(value) => `${perSecond(value)}/s`}
        formatTick={short}
      />
      <h3 className="chart-title">{title}</h3>
      <RateChart title={title} points={kind === 'field' ? ratePoints(points) : answerRatePoints(points)} stepMs={stepMs} />
    </>
  )
}

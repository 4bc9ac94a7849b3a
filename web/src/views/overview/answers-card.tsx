import type { Series, SeriesDrop } from '../../../../src/operations/admin/contract.ts'
import type { Reading } from '../../api/use-api.ts'
import { answerPoints, answerRatePoints, finishedPoints, LAYERS, ratePoints } from '../../charts/layers.ts'
import type { Mark } from '../../charts/marks.ts'
import { RateChart } from '../../charts/rate-chart.tsx'
import { StackedArea } from '../../charts/stacked-area.tsx'
import { perSecond, pointsBetween, short } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Problem } from '../../parts/problem.tsx'
import { DropNote } from './drop-note.tsx'
import { marksOf } from './series-marks.ts'

/** Answers by layer and the field hit rate over time, with the events that can explain a change. */
export function AnswersCard({ reading: { data, failure, isLoading } }: { readonly reading: Reading<Series> }) {
  return (
    <Card title="Answers by layer" note="per second" isLoading={isLoading}>
      <Problem failure={failure} />
      {data ? <Charts series={data} /> : failure ? null : <div className="chart-space" />}
    </Card>
  )
}

function Charts({ series }: { readonly series: Series }) {
  const { stepMs, drops, tenant } = series
  const points = finishedPoints(series)
  if (points.every(({ requests }) => requests === 0))
    return (
      <EmptyState title="No requests were counted in this time.">
        Choose a longer time, or send a query to <code>/graphql</code>. Figures appear after ten seconds.
      </EmptyState>
    )
  // Reads of fields are not counted by tenant.
  const title = tenant === null ? 'Field hit rate' : 'Answers from cache'
  const end = Date.parse(points.at(-1)?.at ?? '') + stepMs
  const bands = drops.map(({ at, until }) => ({ from: Date.parse(at), to: until === null ? end : Date.parse(until) }))
  return (
    <>
      <StackedArea
        title="Answers by layer"
        series={LAYERS}
        points={answerPoints(points, stepMs)}
        stepMs={stepMs}
        format={(value) => `${perSecond(value)}/s`}
        formatTick={short}
        marks={marksOf(series, end)}
        bands={bands}
      />
      <h3 className="chart-title">{title}</h3>
      <RateChart
        title={title}
        points={tenant === null ? ratePoints(points) : answerRatePoints(points)}
        stepMs={stepMs}
        marks={drops.map(markOf)}
        bands={bands}
      />
      {drops.map((drop) => (
        <DropNote key={drop.at} drop={drop} />
      ))}
    </>
  )
}

/** Returns the mark of a fall. */
function markOf({ at, before, after, rate }: SeriesDrop): Mark {
  const fall = pointsBetween(before, after)
  return { at: Date.parse(at), kind: 'drop', text: `−${fall} points`, sentence: `The ${rate} fell by ${fall} points.` }
}

import type { Series } from '../../../../src/operations/admin/contract.ts'
import type { Reading } from '../../api/use-api.ts'
import { answerPoints, finishedPoints, LAYERS, ratePoints } from '../../charts/layers.ts'
import type { Mark } from '../../charts/marks.ts'
import { RateChart } from '../../charts/rate-chart.tsx'
import { StackedArea } from '../../charts/stacked-area.tsx'
import { perSecond, short } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Problem } from '../../parts/problem.tsx'
import { DropNote } from './drop-note.tsx'

/** Answers by layer and the hit rate over time, with the events that can explain a change. */
export function AnswersCard({ reading: { data, failure, isLoading } }: { readonly reading: Reading<Series> }) {
  return (
    <Card title="Answers by layer" note="per second" isLoading={isLoading}>
      <Problem failure={failure} />
      {data ? <Charts series={data} /> : failure ? null : <div className="chart-space" />}
    </Card>
  )
}

function Charts({ series }: { readonly series: Series }) {
  const { stepMs, drops } = series
  const points = finishedPoints(series)
  if (points.every(({ requests }) => requests === 0))
    return (
      <EmptyState title="No requests were counted in this time.">
        Choose a longer time, or send a query to <code>/graphql</code>. Figures appear after ten seconds.
      </EmptyState>
    )
  return (
    <>
      <StackedArea
        title="Answers by layer"
        series={LAYERS}
        points={answerPoints(points, stepMs)}
        stepMs={stepMs}
        format={(value) => `${perSecond(value)}/s`}
        formatTick={short}
        marks={marksOf(series)}
      />
      <h3 className="chart-title">Hit rate</h3>
      <RateChart title="Hit rate" points={ratePoints(points)} stepMs={stepMs} />
      {drops.map((drop) => (
        <DropNote key={drop.at} drop={drop} />
      ))}
    </>
  )
}

/** Returns the events of the series, and its falls of the hit rate, for the chart. */
function marksOf({ marks, drops }: Series): readonly Mark[] {
  return [
    ...marks.map(({ at, kind, text }) => ({ at: Date.parse(at), kind, text: shortText(kind, text), sentence: text })),
    ...drops.map(({ at, hitRateBefore, hitRateAfter }) => {
      const points = (100 * (hitRateBefore - hitRateAfter)).toFixed(0)
      return { at: Date.parse(at), kind: 'drop', text: `−${points} points`, sentence: `The hit rate fell by ${points} points.` }
    }),
  ]
}

/** Returns the text of a mark above the chart. A deploy names its version. */
function shortText(kind: string, sentence: string): string {
  const version = kind === 'deploy' ? /^Version (\S+)/.exec(sentence)?.[1] : undefined
  return version === undefined ? kind : `${kind} ${version}`
}

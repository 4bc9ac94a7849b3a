import { area, curveStepAfter, line } from 'd3-shape'
import { percent } from '../format/format.ts'
import { type Band, type ChartPoint, type ChartSeries, withEnd } from './chart-data.ts'
import { ChartFrame } from './chart-frame.tsx'
import type { Mark } from './marks.ts'

interface RateChartProps {
  readonly title: string
  /** Rate and reachable rate, 0 to 1. */
  readonly points: readonly { readonly at: number; readonly rate: number | null; readonly reachable: number | null }[]
  readonly stepMs: number
  /** Falls of the rate: their beginnings, and the time that they took. */
  readonly marks?: readonly Mark[]
  readonly bands?: readonly Band[]
}

const REACHABLE: ChartSeries = {
  id: 'reachable',
  title: 'Reachable',
  meaning: 'if nothing expired, was evicted, bypassed or shed',
  color: 'c-reachable',
}
const HEIGHT = 150

/**
 * Rate over time below what could be reached. The area between them is what a change of the configuration could gain. Each value is drawn over
 * its whole step, so that a fall begins where its first step begins, and not in the step before it.
 */
export function RateChart({ title, points, stepMs, marks = [], bands = [] }: RateChartProps) {
  const rateSeries: ChartSeries = { id: 'rate', title, color: 'c-rate' }
  const hasReachable = points.some(({ reachable }) => reachable !== null)
  const series = hasReachable ? [rateSeries, REACHABLE] : [rateSeries]
  const own: readonly ChartPoint[] = points.map(({ at, rate, reachable }) => ({ at, values: hasReachable ? [rate, reachable] : [rate] }))
  const drawn = withEnd(own, stepMs)
  const known = points.flatMap(({ rate }) => (rate === null ? [] : [rate]))
  const low = known.length === 0 ? 0 : Math.max(0, Math.floor(Math.min(...known) * 10 - 0.2) / 10)
  return (
    <ChartFrame
      title={title}
      series={series}
      points={own}
      stepMs={stepMs}
      format={percent}
      formatTick={(value) => `${Math.round(value * 100)} %`}
      domain={[low, 1]}
      marks={marks}
      bands={bands}
      height={HEIGHT}
    >
      {({ x, y }) => {
        const between = area<ChartPoint>()
          .defined(({ values: [rate, reachable] }) => typeof rate === 'number' && typeof reachable === 'number')
          .x(({ at }) => x(at))
          .y0(({ values: [rate] }) => y(rate ?? 0))
          .y1(({ values: [, reachable] }) => y(reachable ?? 0))
          .curve(curveStepAfter)
        const lineOf = (place: number) =>
          line<ChartPoint>()
            .defined(({ values }) => typeof values[place] === 'number')
            .x(({ at }) => x(at))
            .y(({ values }) => y(values[place] ?? 0))
            .curve(curveStepAfter)(drawn) ?? ''
        return (
          <>
            {hasReachable ? <path className="gap" d={between(drawn) ?? ''} /> : null}
            {hasReachable ? <path className="line line-reachable" d={lineOf(1)} /> : null}
            <path className="line line-rate" d={lineOf(0)} />
          </>
        )
      }}
    </ChartFrame>
  )
}

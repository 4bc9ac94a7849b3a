import { area, line } from 'd3-shape'
import { percent } from '../format/format.ts'
import type { ChartPoint, ChartSeries } from './chart-data.ts'
import { ChartFrame } from './chart-frame.tsx'

interface RateChartProps {
  readonly title: string
  /** Hit rate and reachable hit rate, 0 to 1. */
  readonly points: readonly { readonly at: number; readonly rate: number | null; readonly reachable: number | null }[]
  readonly stepMs: number
}

const RATE: ChartSeries = { id: 'rate', title: 'Hit rate', color: 'c-rate' }
const REACHABLE: ChartSeries = {
  id: 'reachable',
  title: 'Reachable',
  meaning: 'if nothing expired, was evicted, bypassed or shed',
  color: 'c-reachable',
}
const HEIGHT = 150

/** Hit rate over time below what could be reached. The area between them is what a change of the configuration could gain. */
export function RateChart({ title, points, stepMs }: RateChartProps) {
  const hasReachable = points.some(({ reachable }) => reachable !== null)
  const series = hasReachable ? [RATE, REACHABLE] : [RATE]
  const own: readonly ChartPoint[] = points.map(({ at, rate, reachable }) => ({ at, values: hasReachable ? [rate, reachable] : [rate] }))
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
      height={HEIGHT}
    >
      {({ x, y }) => {
        const between = area<ChartPoint>()
          .defined(({ values: [rate, reachable] }) => typeof rate === 'number' && typeof reachable === 'number')
          .x(({ at }) => x(at))
          .y0(({ values: [rate] }) => y(rate ?? 0))
          .y1(({ values: [, reachable] }) => y(reachable ?? 0))
        const lineOf = (place: number) =>
          line<ChartPoint>()
            .defined(({ values }) => typeof values[place] === 'number')
            .x(({ at }) => x(at))
            .y(({ values }) => y(values[place] ?? 0))(own) ?? ''
        return (
          <>
            {hasReachable ? <path className="gap" d={between(own) ?? ''} /> : null}
            {hasReachable ? <path className="line line-reachable" d={lineOf(1)} /> : null}
            <path className="line line-rate" d={lineOf(0)} />
          </>
        )
      }}
    </ChartFrame>
  )
}

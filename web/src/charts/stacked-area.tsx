import { area, curveMonotoneX, stack } from 'd3-shape'
import { type Band, type ChartContent, withEnd } from './chart-data.ts'
import { ChartFrame } from './chart-frame.tsx'
import type { Mark } from './marks.ts'

interface StackedAreaProps extends ChartContent {
  readonly formatTick: (value: number) => string
  readonly marks?: readonly Mark[]
  readonly bands?: readonly Band[]
}

const HEIGHT = 260

/** Values over time, one above the other: the upper edge is their sum. Series without any value are left out. */
export function StackedArea({ title, series, points, stepMs, format, formatTick, marks = [], bands = [] }: StackedAreaProps) {
  const used = series.map((one, place) => ({ one, place })).filter(({ place }) => points.some(({ values }) => (values[place] ?? 0) > 0))
  const shown = used.map(({ one }) => one)
  const own = points.map(({ at, values }) => ({ at, values: used.map(({ place }) => values[place] ?? 0) }))
  const sums = own.map(({ values }) => values.reduce((sum, value) => sum + value, 0))
  const layers = stack<(typeof own)[number], number>()
    .keys(shown.keys())
    .value(({ values }, place) => values[place] ?? 0)(withEnd(own, stepMs))
  return (
    <ChartFrame
      title={title}
      series={shown}
      points={own}
      stepMs={stepMs}
      format={format}
      formatTick={formatTick}
      domain={[0, Math.max(...sums) * 1.04 || 1]}
      marks={marks}
      bands={bands}
      height={HEIGHT}
      hasSum
    >
      {({ x, y }) => {
        const path = area<(typeof layers)[number][number]>()
          .x(({ data }) => x(data.at))
          .y0(([low]) => y(low))
          .y1(([, high]) => y(high))
          .curve(curveMonotoneX)
        return layers.map((layer) => <path key={layer.key} className={`area ${shown[layer.key]?.color}`} d={path(layer) ?? ''} />)
      }}
    </ChartFrame>
  )
}

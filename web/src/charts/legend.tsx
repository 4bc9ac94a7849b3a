import type { ReactNode } from 'react'
import type { ChartSeries } from './chart-data.ts'

interface LegendProps {
  readonly series: readonly ChartSeries[]
  /** Returns an addition to the title of a series. */
  readonly noteOf?: (series: ChartSeries) => ReactNode
}

/** Names of the colours of a chart. */
export function Legend({ series, noteOf }: LegendProps) {
  return (
    <ul className="legend">
      {series.map((one) => (
        <li key={one.id}>
          <i className={`swatch ${one.color}`} aria-hidden="true" /> {one.title}
          {noteOf ? <> {noteOf(one)}</> : null}
        </li>
      ))}
    </ul>
  )
}

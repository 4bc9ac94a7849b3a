import type { ChartSeries } from './chart-data.ts'

/** Names of the colours of a chart. */
export function Legend({ series }: { readonly series: readonly ChartSeries[] }) {
  return (
    <ul className="legend">
      {series.map((one) => (
        <li key={one.id}>
          <i className={`swatch ${one.color}`} aria-hidden="true" /> {one.title}
          {one.meaning === undefined ? null : `, ${one.meaning}`}
        </li>
      ))}
    </ul>
  )
}

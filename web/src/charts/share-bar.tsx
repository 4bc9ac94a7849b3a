import { count, shareOf } from '../format/format.ts'
import type { ChartSeries } from './chart-data.ts'

interface ShareBarProps {
  readonly parts: readonly { readonly series: ChartSeries; readonly count: number; readonly note?: string }[]
}

/** Whole as a bar that is divided into its parts, with a list of the parts, greatest first. Parts without a count are left out. */
export function ShareBar({ parts }: ShareBarProps) {
  const shown = parts.filter((part) => part.count > 0).toSorted((one, other) => other.count - one.count)
  const all = shown.reduce((sum, part) => sum + part.count, 0)
  return (
    <>
      <div className="share-bar" aria-hidden="true">
        {shown.map(({ series, count: part }) => (
          <i key={series.id} className={`swatch ${series.color}`} style={{ width: `${(100 * part) / all}%` }} />
        ))}
      </div>
      <ul className="shares">
        {shown.map(({ series, count: part, note }) => (
          <li key={series.id}>
            <i className={`swatch ${series.color}`} aria-hidden="true" />
            <span>
              {series.title}
              {note === undefined ? null : <small> ({note})</small>}
            </span>
            <span className="number">{shareOf(part, all)}</span>
            <span className="number soft">{count(part)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

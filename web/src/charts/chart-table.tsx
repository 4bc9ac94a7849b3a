import { useState } from 'react'
import { stepTime } from '../format/format.ts'
import type { ChartContent } from './chart-data.ts'
import type { Mark } from './marks.ts'

interface ChartTableProps extends ChartContent {
  readonly rangeMs: number
  readonly marks: readonly Mark[]
}

/** Values of a chart as a table, newest first, which is rendered when it is opened. */
export function ChartTable({ title, series, points, stepMs, format, rangeMs, marks }: ChartTableProps) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <details className="chart-table" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Show as a table</summary>
      {isOpen ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        <section className="scroll" aria-label={`${title}, as a table`} tabIndex={0}>
          <table>
            <caption className="visually-hidden">{title}</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ id, title: name }) => (
                  <th key={id} scope="col" className="number">
                    {name}
                  </th>
                ))}
                {marks.length > 0 ? <th scope="col">Events</th> : null}
              </tr>
            </thead>
            <tbody>
              {points.toReversed().map((point) => (
                <tr key={point.at}>
                  <th scope="row">{stepTime(point.at, stepMs, rangeMs)}</th>
                  {series.map(({ id }, place) => (
                    <td key={id} className="number">
                      {format(point.values[place] ?? null)}
                    </td>
                  ))}
                  {marks.length > 0 ? (
                    <td>
                      {marks
                        .filter(({ at }) => at >= point.at && at < point.at + stepMs)
                        .map(({ sentence }) => sentence)
                        .join(' ')}
                    </td>
                  ) : null}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
    </details>
  )
}

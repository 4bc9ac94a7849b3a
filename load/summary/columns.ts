import type { Metric } from '../metrics/registry.ts'
import { humanize } from './humanize.ts'

/** A metric with its statistics, as one line of the summary shows them. */
export interface Row {
  readonly name: string
  readonly type: Metric['type']
  readonly contains: Metric['contains']
  readonly values: Readonly<Record<string, number>>
}

const INDENT = 4
/** Minimum number of dots that follow the name of a metric. */
const MIN_DOTS = 3

/** Formats each metric as one line of a table with aligned columns. Returns the lines by the name of the metric. */
export function alignedLines(rows: readonly Row[], trendStats: readonly string[]): ReadonlyMap<string, string> {
  const cells = new Map(rows.map((row) => [row.name, cellsOf(row, trendStats)]))
  const labels = new Map(rows.map(({ name }) => [name, labelOf(name)]))
  const labelWidth = Math.max(0, ...[...labels.values()].map((label) => label.length))
  const trends = rows.filter(({ type }) => type === 'trend')
  const trendWidths = widthsOf(trends.map(({ name }) => cells.get(name) ?? []))
  const otherWidths = widthsOf(rows.filter(({ type }) => type !== 'trend').map(({ name }) => cells.get(name) ?? []))
  return new Map(
    rows.map(({ name, type }) => {
      const label = labels.get(name) ?? name
      const dots = '.'.repeat(labelWidth - label.length + MIN_DOTS)
      const text = type === 'trend' ? padded(cells.get(name) ?? [], trendWidths) : paddedButLast(cells.get(name) ?? [], otherWidths)
      return [name, `${' '.repeat(INDENT)}${label}${dots}: ${text}`]
    }),
  )
}

/** Returns the label of a metric. A submetric `metric{tag:value}` is shown as `{ tag:value }`, indented below its metric. */
function labelOf(name: string): string {
  const brace = name.indexOf('{')
  return brace < 0 ? name : `  { ${name.slice(brace + 1, -1)} }`
}

function cellsOf(row: Row, trendStats: readonly string[]): readonly string[] {
  const { values, type } = row
  const text = (statistic: string) => humanize(values[statistic] ?? 0, row)
  switch (type) {
    case 'counter':
      return [text('count'), `${text('rate')}/s`]
    case 'gauge':
      return [text('value'), `min=${text('min')}`, `max=${text('max')}`]
    case 'rate':
      return [text('rate'), `${values['passes']} out of ${(values['passes'] ?? 0) + (values['fails'] ?? 0)}`]
    case 'trend':
      return trendStats.map((statistic) => `${statistic}=${statistic === 'count' ? values['count'] : text(statistic)}`)
  }
}

function widthsOf(rows: readonly (readonly string[])[]): readonly number[] {
  const count = Math.max(0, ...rows.map((cells) => cells.length))
  return Array.from({ length: count }, (_, index) => Math.max(...rows.map((cells) => cells[index]?.length ?? 0)))
}

function padded(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' ')
}

/**
 * Joins the cells of a line. Each cell is padded to the width of its column. There is one exception: in a line with only two cells, the
 * second cell is not padded.
 */
function paddedButLast(cells: readonly string[], widths: readonly number[]): string {
  const [first = '', ...extras] = cells
  const rest = extras.length === 1 ? extras : extras.map((cell, index) => cell.padEnd(widths[index + 1] ?? 0))
  return [first.padEnd(widths[0] ?? 0), ...rest].join(' ')
}

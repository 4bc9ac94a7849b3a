import { costRows } from '../../load/report/costs.ts'
import type { Second } from '../../load/report/timeline.ts'
import type { Report } from '../../load/report/write-report.ts'

export interface Column {
  readonly title: string
  readonly report: Report
}

const LAST_SECONDS = 60

/** Returns a Markdown table with a column for each run. */
export function figuresTable(columns: readonly Column[]): string {
  const rows = columns.map(({ report }) => [...costRows(report.costs), ...lastRows(report.seconds)])
  const names = rows[0]?.map(([name]) => name) ?? []
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(['', ...columns.map(({ title }) => title)]),
    line(['---', ...columns.map(() => '---')]),
    ...names.map((name, index) => line([name, ...rows.map((row) => row[index]?.[1] ?? '')])),
  ].join('\n')
}

/** Returns the hit rates of the last minute, when a run no longer suffers from its cold start. */
function lastRows(seconds: readonly Second[]): readonly (readonly [string, string])[] {
  const last = seconds.slice(-LAST_SECONDS)
  const sum = (layer: keyof Second['answers']) => last.reduce((total, { answers }) => total + answers[layer], 0)
  const all = sum('l1') + sum('l2') + sum('miss') + sum('stale')
  const percent = (part: number, whole: number) => (whole === 0 ? 'not measured' : `${((part / whole) * 100).toFixed(1)}%`)
  return [
    ['hit rate in the last minute', percent(sum('l1') + sum('l2'), all)],
    ['hit rate of L1 in the last minute', percent(sum('l1'), all)],
    ['hit rate of L2 in the last minute', percent(sum('l2'), all - sum('l1'))],
  ]
}

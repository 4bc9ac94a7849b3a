import type { Row } from './measure.ts'

/** The rows as a Markdown table, whose columns are those of all rows in the order in which they first appear. */
export function table(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [columns, columns.map(() => '---'), ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

import type { Row } from './measure.ts'

/** Formats rows as a Markdown table. The table has every column of every row, in the order in which the columns first appear. */
export function table(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [columns, columns.map(() => '---'), ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

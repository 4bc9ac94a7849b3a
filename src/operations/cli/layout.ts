import { stripVTControlCharacters } from 'node:util'

/** A column of a table. */
export interface Column {
  readonly title: string
  /** Numbers are aligned at the right. Default: left. */
  readonly align?: 'left' | 'right'
  /** Whether the column is shortened if the table is too wide. The last such column is shortened first. */
  readonly isFlexible?: boolean
}

const GAP = '  '
const MIN_FLEXIBLE = 12

/** Returns the lines of a table with aligned columns. Each line begins with the indentation and fits into the width. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number, indent = '  '): readonly string[] {
  const all = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, index) => Math.max(...all.map((row) => lengthOf(row[index] ?? ''))))
  let surplus = indent.length + widths.reduce((sum, one) => sum + one, 0) + GAP.length * (columns.length - 1) - width
  for (let index = columns.length - 1; index >= 0 && surplus > 0; index--) {
    const full = widths[index] ?? 0
    if (!columns[index]?.isFlexible || full <= MIN_FLEXIBLE) continue
    const kept = Math.max(MIN_FLEXIBLE, full - surplus)
    widths[index] = kept
    surplus -= full - kept
  }
  return all.map((row) => {
    const cells = columns.map(({ align }, index) => {
      const [cellWidth, text] = [widths[index] ?? 0, row[index] ?? '']
      const cell = columns[index]?.isFlexible ? shorten(text, cellWidth) : text
      const padding = ' '.repeat(Math.max(0, cellWidth - lengthOf(cell)))
      return align === 'right' ? padding + cell : cell + padding
    })
    return `${indent}${cells.join(GAP)}`.trimEnd()
  })
}

/** Returns the lines of a text that is wrapped between words. The first line begins with `first`, the other lines with `rest`. */
export function paragraph(text: string, width: number, first = '', rest = ' '.repeat(lengthOf(first))): readonly string[] {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of text.split(' ')) {
    if (!isEmpty && lengthOf(line) + 1 + lengthOf(word) > width) {
      lines.push(line)
      line = rest
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}

/** Returns pairs of a name and a value, one on each line, with aligned values. A long value is wrapped. */
export function facts(pairs: readonly (readonly [name: string, value: string])[], width: number, indent = '  '): readonly string[] {
  const longest = Math.max(0, ...pairs.map(([name]) => lengthOf(name)))
  return pairs.flatMap(([name, value]) => paragraph(value, width, `${indent}${name}${' '.repeat(longest - lengthOf(name))}${GAP}`))
}

function shorten(text: string, width: number): string {
  return lengthOf(text) <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length
}

import { stripVTControlCharacters } from 'node:util'

const GAP = '  '

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

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length
}

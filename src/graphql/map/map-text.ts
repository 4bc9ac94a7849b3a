import type { CacheMap, MapValue } from './cache-map.ts'

const UNITS = [
  ['day', 24 * 60 * 60],
  ['h', 60 * 60],
  ['min', 60],
] as const

/** A duration in the largest unit that it is a whole number of: `15 min`. */
export function durationText(seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => seconds >= size && seconds % size === 0) ?? ['s', 1]
  return `${seconds / size} ${unit}`
}

/** The map for a terminal: a paragraph for each cached type and field. */
export function mapText({ values }: CacheMap): string {
  return `${values.map(paragraph).join('\n\n')}\n`
}

function paragraph(value: MapValue): string {
  const { coordinate, tags } = value
  const lines: readonly (readonly [string, string])[] = [
    ['policy', `${value.scope}, ${lifeText(value)}`],
    ['tags', tags.join('\n             ') || 'none'],
    ['columns', columnTexts(value).join('; ') || 'none'],
    ['mutations', mutationTexts(value).join(', ') || 'none'],
  ]
  return [coordinate, ...lines.map(([name, text]) => `  ${name.padEnd(11)}${text}`)].join('\n')
}

/** Such as `l1 1 min, l2 15 min, staleIfError 5 min`. */
export function lifeText({ l1, l2, staleWhileRevalidate, staleIfError }: MapValue): string {
  const durations = Object.entries({ l1, l2, staleWhileRevalidate, staleIfError }).filter(
    ([name, seconds]) => seconds > 0 || name.startsWith('l'),
  )
  return durations.map(([name, seconds]) => `${name} ${durationText(seconds)}`).join(', ')
}

/** Such as `bids (call_id, status)`. */
export function columnTexts({ tables, columns }: MapValue): readonly string[] {
  return tables.map((table) => {
    const names = columns[table]
    return names ? `${table} (${names.join(', ')})` : table
  })
}

/** The names of the mutations; in parentheses those that change no more than the row of the parent. */
export function mutationTexts({ invalidatedBy }: MapValue): readonly string[] {
  return Object.entries(invalidatedBy).map(([name, reason]) => (reason === 'parent' ? `(${name})` : name))
}

import type { CacheMap, MapValue } from './cache-map.ts'

const UNITS = [
  ['day', 24 * 60 * 60],
  ['h', 60 * 60],
  ['min', 60],
] as const

/** Formats a duration in the largest unit of time in which it is a whole number, such as `15 min`. */
export function durationText(seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => seconds >= size && seconds % size === 0) ?? ['s', 1]
  return `${seconds / size} ${unit}`
}

/** Returns the cache map as text for a terminal, with a paragraph for each cached type and field. */
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

/** Formats the durations for which a value is cached, such as `l1 1 min, l2 15 min, staleIfError 5 min`. */
function lifeText({ l1, l2, staleWhileRevalidate, staleIfError }: MapValue): string {
  const durations = Object.entries({ l1, l2, staleWhileRevalidate, staleIfError }).filter(
    ([name, seconds]) => seconds > 0 || name.startsWith('l'),
  )
  return durations.map(([name, seconds]) => `${name} ${durationText(seconds)}`).join(', ')
}

/** Formats the tables and columns whose changes invalidate a value, such as `bids (call_id, status)`. */
export function columnTexts({ tables, columns }: MapValue): readonly string[] {
  return tables.map((table) => {
    const names = columns[table]
    return names ? `${table} (${names.join(', ')})` : table
  })
}

/**
 * Returns the names of the mutations that invalidate a value. A name is in parentheses if the mutation only changes the row of the value's
 * parent.
 */
export function mutationTexts({ invalidatedBy }: MapValue): readonly string[] {
  return Object.entries(invalidatedBy).map(([name, reason]) => (reason === 'parent' ? `(${name})` : name))
}

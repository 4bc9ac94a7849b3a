import type { CacheMap, MapValue } from './cache-map.ts'
import { durationText } from './map-text.ts'
import { circle, line, type Place, pill, rectangle, text } from './picture-parts.ts'

const MARGIN = 28
const ROW = 24
const GROUP = 38
const CELL = 32
/** Horizontal positions at which the columns of the picture begin, in SVG units. */
const COLUMNS = { value: MARGIN + 14, scope: 296, life: 372, apart: 484, cells: 800 }
/** Height of the title, the legend and the slanted names of the mutations together, in SVG units. */
const HEAD = 232
const SCOPES = { PUBLIC: '#1a7f37', TENANT: '#57606a', ROLE: '#9a6700', USER: '#8250df' } as const
/** Colours of the database tables, used one after the other. Each is dark enough for text. */
const COLORS = ['#0550ae', '#a0410b', '#1a7f37', '#8250df', '#bf3989', '#0e7490', '#7d4e00', '#b3261e', '#3f5b8c', '#4d7c0f']

interface Group {
  readonly table: string
  readonly color: string
  readonly values: readonly MapValue[]
}

/**
 * Returns the cache map as an SVG picture. It has a row for each cached type and field, a column for each mutation, and a dot where the
 * mutation invalidates the values of the type or field.
 */
export function mapPicture({ mutations, values }: CacheMap): string {
  const groups = groupsOf(values)
  const width = COLUMNS.cells + mutations.length * CELL + 60
  const height = HEAD + groups.length * GROUP + values.length * ROW + MARGIN
  const parts = [rectangle({ x: 0, y: 0 }, width, height, '#ffffff'), ...head(mutations)]
  let y = HEAD
  for (const group of groups) {
    parts.push(...groupHead(group, y, width))
    y += GROUP
    for (const [index, value] of group.values.entries()) {
      if (index % 2 === 0) parts.push(rectangle({ x: MARGIN, y }, width - 60 - MARGIN, ROW, '#f6f8fa'))
      parts.push(...row(value, group, y + ROW / 2, mutations))
      y += ROW
    }
  }
  const rules = mutations.map((_, index) => line(cell(index, HEAD - 6), cell(index, height - MARGIN), '#eaeef2'))
  // The lines are drawn after the backgrounds of the rows and before the dots, so that the dots stay on top.
  const isDot = (part: string) => part.startsWith('<circle')
  const body = [...parts.filter((part) => !isDot(part)), ...rules, ...parts.filter(isDot)]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, -apple-system, 'Segoe UI', 'Open Sans', sans-serif" role="img" aria-label="What is cached, and which mutation invalidates it">\n${body.join('\n')}\n</svg>\n`
}

function groupsOf(values: readonly MapValue[]): readonly Group[] {
  const groups = Map.groupBy(values, ({ tables: [main] }) => main ?? '')
  return [...groups].map(([table, members], index) => ({ table, color: COLORS[index % COLORS.length] ?? '#000000', values: members }))
}

function head(mutations: readonly string[]): readonly string[] {
  const title = { size: 22, weight: 600 }
  const plain = { size: 13, color: '#57606a' }
  const labels = { size: 12, color: '#57606a', weight: 600 }
  const legend = 128
  return [
    text({ x: MARGIN, y: 46 }, 'What is cached, and what invalidates it', title),
    text(
      { x: MARGIN, y: 72 },
      'Each row is a cached type or field, under the table that it is read from. Each column is a mutation.',
      plain,
    ),
    text({ x: MARGIN, y: 92 }, 'A write from outside invalidates by the same triggers.', plain),
    circle({ x: MARGIN + 6, y: legend }, 6, '#24292f', true),
    text({ x: MARGIN + 22, y: legend }, 'invalidates it: the rows or lists that it is made of change', plain),
    circle({ x: MARGIN + 6, y: legend + 22 }, 6, '#24292f', false),
    text({ x: MARGIN + 22, y: legend + 22 }, 'invalidates it, because the row of its parent changes', plain),
    text({ x: COLUMNS.value, y: HEAD - 14 }, 'type or field', labels),
    text({ x: COLUMNS.scope, y: HEAD - 14 }, 'shared by', labels),
    text({ x: COLUMNS.life, y: HEAD - 14 }, 'lives (l1 / l2)', labels),
    text({ x: COLUMNS.apart, y: HEAD - 14 }, 'told apart by', labels),
    ...mutations.map((name, index) => text(cell(index, HEAD - 14), name, { size: 13, weight: 500, turn: -50, isCode: true })),
  ]
}

function groupHead({ table, color }: Group, y: number, width: number): readonly string[] {
  const middle = y + GROUP - 13
  return [
    line({ x: MARGIN, y: y + GROUP - 1 }, { x: width - 60, y: y + GROUP - 1 }, color),
    text({ x: MARGIN, y: middle }, table === '' ? 'no table: computed from the arguments alone' : table, { size: 14, weight: 600, color }),
  ]
}

function row(value: MapValue, { table, color }: Group, y: number, mutations: readonly string[]): readonly string[] {
  const { coordinate, scope, l1, l2, toldApartBy, tables, columns, invalidatedBy } = value
  const isRow = !coordinate.includes('.')
  const others = tables.filter((other) => other !== table && !columns[other]?.includes('*'))
  const apart = [toldApartBy.join(' › ') || (tables.length > 0 ? 'nothing' : '–'), ...others.map((other) => `and ${other}`)].join(', ')
  return [
    text({ x: COLUMNS.value, y }, coordinate, { size: 13, weight: isRow ? 600 : 400, isCode: true }),
    ...pill({ x: COLUMNS.scope, y }, scope, SCOPES[scope]),
    text({ x: COLUMNS.life, y }, `${durationText(l1)} / ${durationText(l2)}`, { size: 12, color: '#57606a' }),
    text({ x: COLUMNS.apart, y }, apart, { size: 12, color: '#57606a' }),
    ...mutations.flatMap((name, index) => {
      const reason = invalidatedBy[name]
      return reason ? [circle(cell(index, y), 6, color, reason === 'depends')] : []
    }),
  ]
}

function cell(index: number, y: number): Place {
  return { x: COLUMNS.cells + index * CELL + CELL / 2, y }
}

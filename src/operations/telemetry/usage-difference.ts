import { type FigureRow, OTHER, type UsageFigures } from './usage.ts'

/**
 * Returns what was counted between two readings of the figures of one process. Rows in which nothing was counted are left out. The figures
 * of a row that was lost in the meantime went to the row `other`; only the part that the earlier reading did not have yet is counted there.
 */
export function differenceOf(before: UsageFigures, after: UsageFigures): UsageFigures {
  return {
    fields: rowsBetween(before.fields, after.fields, ({ field }) => field),
    operations: rowsBetween(before.operations, after.operations, ({ operation }) => operation),
    tenants: rowsBetween(before.tenants, after.tenants, ({ tenant }) => tenant),
    tags: rowsBetween(before.tags, after.tags, ({ field }) => field),
    writes: rowsBetween(before.writes, after.writes, ({ field }) => field),
    latency: rowsBetween(before.latency, after.latency, ({ upToMs }) => upToMs),
  }
}

function rowsBetween<Row extends FigureRow>(before: readonly Row[], after: readonly Row[], nameOf: (row: Row) => string): readonly Row[] {
  const earlier = new Map(before.map((row) => [row.row, row]))
  const differences = after.map((row) => {
    const known = earlier.get(row.row)
    earlier.delete(row.row)
    return known ? minus(row, known) : row
  })
  const lost = [...earlier.values()]
  return differences.map((row) => (nameOf(row) === OTHER ? lost.reduce(minus, row) : row)).filter(isCounted)
}

/** Subtracts all numbers of a row, also in its records, except the number of the row. */
function minus<Row extends FigureRow>(row: Row, known: Row): Row {
  return { ...subtracted(row, known), row: row.row } as Row
}

function subtracted(value: object, known: object): object {
  const earlier = new Map<string, unknown>(Object.entries(known))
  return Object.fromEntries(
    Object.entries(value).map(([name, now]: [string, unknown]) => {
      const then = earlier.get(name)
      if (typeof now === 'number') return [name, now - (typeof then === 'number' ? then : 0)]
      return [name, isRecord(now) && isRecord(then) ? subtracted(now, then) : now]
    }),
  )
}

function isCounted({ row: _, ...figures }: FigureRow): boolean {
  return numbersOf(figures).some((number) => number !== 0)
}

function numbersOf(value: object): readonly number[] {
  return Object.values(value).flatMap((part: unknown) => (typeof part === 'number' ? [part] : isRecord(part) ? numbersOf(part) : []))
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

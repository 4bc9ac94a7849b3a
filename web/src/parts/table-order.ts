/** Value by which rows are sorted. null stands for a value that is not known, and comes last in either order. */
export type SortValue = number | string | null | undefined

export interface Order {
  readonly column: string
  readonly isDescending: boolean
}

/** Returns the order that a text such as `-requests` (descending) or `operation` names. */
export function readOrder(text: string): Order {
  return text.startsWith('-') ? { column: text.slice(1), isDescending: true } : { column: text, isDescending: false }
}

export function writeOrder({ column, isDescending }: Order): string {
  return `${isDescending ? '-' : ''}${column}`
}

/** Returns the order after a click on the head of a column: descending first for numbers, ascending first for texts, then reversed. */
export function nextOrder(order: Order, column: string, isNumeric: boolean): Order {
  return order.column === column ? { column, isDescending: !order.isDescending } : { column, isDescending: isNumeric }
}

/** Returns the rows in order. Rows with equal values keep their places. */
export function sorted<Row>(rows: readonly Row[], sortBy: (row: Row) => SortValue, isDescending: boolean): readonly Row[] {
  const sign = isDescending ? -1 : 1
  return rows.toSorted((one, other) => {
    const [a, b] = [sortBy(one), sortBy(other)]
    if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1
    if (b === null || b === undefined) return -1
    const difference = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true })
    return sign * difference
  })
}

/** Rows of one page of a table, and where they are in the whole. */
export interface PageOfRows<Row> {
  readonly rows: readonly Row[]
  /** Number of the page, from 0. */
  readonly page: number
  readonly pages: number
  /** Number of the first row and of the last row, from 1; both 0 without rows. */
  readonly first: number
  readonly last: number
}

/** Returns a page of the rows. A number beyond the last page gives the last page. */
export function pageOf<Row>(rows: readonly Row[], wanted: number, size: number): PageOfRows<Row> {
  const pages = Math.max(1, Math.ceil(rows.length / size))
  const page = Math.min(pages - 1, Math.max(0, Math.trunc(wanted) || 0))
  const shown = rows.slice(page * size, (page + 1) * size)
  return { rows: shown, page, pages, first: shown.length === 0 ? 0 : page * size + 1, last: page * size + shown.length }
}

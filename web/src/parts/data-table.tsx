import { type KeyboardEvent, type ReactNode, useMemo } from 'react'
import { count } from '../format/format.ts'
import { useParam } from '../router/location.tsx'
import { nextOrder, type Order, pageOf, readOrder, type SortValue, sorted, writeOrder } from './table-order.ts'

export interface Column<Row> {
  readonly id: string
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** Returns the value by which rows are sorted; undefined if the table cannot be sorted by the column. */
  readonly sortBy?: (row: Row) => SortValue
  /** Whether the values are numbers, which stand at the right. */
  readonly isNumeric?: boolean
  /** Whether the cells name their row. One column of a table should. */
  readonly isHead?: boolean
  /** Whether the column is left out on narrow screens. What it shows must then also be on the page of the row. */
  readonly isWideOnly?: boolean
  /** Explains the column in a tooltip of its head. */
  readonly hint?: string
}

interface DataTableProps<Row> {
  /** Name of the table for screen readers, and for the address if the view has several tables. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  /** First order, such as `-requests`. */
  readonly order: string
  /** Beginning of the names of the table's parameters in the address. Needed if a view has several tables. */
  readonly prefix?: string
  /** Rows on a page. Default: 50. */
  readonly pageSize?: number
  /** Shown in place of the table if it has no rows. */
  readonly empty: ReactNode
  /**
   * Set if the server sorts the rows, descending, and divides them into pages. Then `rows` is the shown page, and only columns by which the
   * server sorts may have `sortBy`. Default: the table does both with all rows.
   */
  readonly remote?: { readonly total: number }
}

/** Returns the order and the page of a table that the address contains. */
export function useTablePlace(order: string, prefix = ''): { readonly order: Order; readonly page: number } {
  const [text] = useParam(`${prefix}order`, order)
  const [page] = useParam(`${prefix}page`, '1')
  return { order: readOrder(text), page: Math.max(0, Number.parseInt(page, 10) - 1 || 0) }
}

/**
 * Table that can be sorted by its heads. Its order and page are part of the address. It divides the rows into pages, so that ten thousand
 * rows stay usable. The arrow keys move between the links of the rows.
 */
export function DataTable<Row>({ caption, columns, rows, keyOf, order, prefix = '', pageSize = 50, empty, remote }: DataTableProps<Row>) {
  const place = useTablePlace(order, prefix)
  const [, setOrder] = useParam(`${prefix}order`, order)
  const [, setPage] = useParam(`${prefix}page`, '1')
  const ordered = useMemo(() => {
    const sortBy = columns.find(({ id }) => id === place.order.column)?.sortBy
    return sortBy && !remote ? sorted(rows, sortBy, place.order.isDescending) : rows
  }, [rows, columns, place.order.column, place.order.isDescending, remote])
  if (rows.length === 0 && (remote?.total ?? 0) === 0) return empty
  const page = remote ? remotePage(rows, place.page, pageSize, remote.total) : pageOf(ordered, place.page, pageSize)
  const sort = (column: Column<Row>) => {
    const next = remote ? { column: column.id, isDescending: true } : nextOrder(place.order, column.id, column.isNumeric ?? false)
    setOrder(writeOrder(next))
    setPage('1')
  }
  const total = remote?.total ?? rows.length
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <section className="scroll" aria-label={caption} tabIndex={0}>
        <table>
          <caption className="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column.id} column={column} order={place.order} onSort={() => sort(column)} />
              ))}
            </tr>
          </thead>
          <tbody onKeyDown={moveBetweenRows}>
            {page.rows.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map(({ id, cell, isHead, isNumeric, isWideOnly }) => {
                  const className = classOf({ isNumeric, isWideOnly })
                  return isHead ? (
                    <th key={id} scope="row" className={className}>
                      {cell(row)}
                    </th>
                  ) : (
                    <td key={id} className={className}>
                      {cell(row)}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {page.pages > 1 ? (
        <nav className="pager" aria-label={`Pages of ${caption}`}>
          <button type="button" disabled={page.page === 0} onClick={() => setPage(String(page.page))}>
            Previous
          </button>
          <span role="status">
            {count(page.first)} to {count(page.last)} of {count(total)}
          </span>
          <button type="button" disabled={page.page >= page.pages - 1} onClick={() => setPage(String(page.page + 2))}>
            Next
          </button>
        </nav>
      ) : null}
    </>
  )
}

interface HeadProps<Row> {
  readonly column: Column<Row>
  readonly order: Order
  readonly onSort: () => void
}

function Head<Row>({ column: { id, title, sortBy, isNumeric, isWideOnly, hint }, order, onSort }: HeadProps<Row>) {
  const className = classOf({ isNumeric, isWideOnly })
  if (!sortBy)
    return (
      <th scope="col" className={className} title={hint}>
        {title}
      </th>
    )
  const isSorted = order.column === id
  const direction = order.isDescending ? 'descending' : 'ascending'
  return (
    <th scope="col" className={className} title={hint} aria-sort={isSorted ? direction : undefined}>
      <button type="button" className="sort" onClick={onSort}>
        {title}
        {isSorted ? <i className="sort-arrow" data-direction={direction} aria-hidden="true" /> : null}
      </button>
    </th>
  )
}

function remotePage<Row>(rows: readonly Row[], page: number, size: number, total: number) {
  const first = rows.length === 0 ? 0 : page * size + 1
  return { rows, page, pages: Math.max(1, Math.ceil(total / size)), first, last: page * size + rows.length }
}

function classOf({ isNumeric, isWideOnly }: { readonly isNumeric: boolean | undefined; readonly isWideOnly: boolean | undefined }) {
  return [isNumeric ? 'number' : '', isWideOnly ? 'wide-only' : ''].join(' ').trim() || undefined
}

/** Moves the focus to the link or button at the same place of the next or previous row. */
function moveBetweenRows(event: KeyboardEvent<HTMLTableSectionElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const row = (event.target as HTMLElement).closest('tr')
  const next = event.key === 'ArrowDown' ? row?.nextElementSibling : row?.previousElementSibling
  const targetsOf = (element: Element | null | undefined) => [...(element?.querySelectorAll<HTMLElement>('a[href], button') ?? [])]
  const place = targetsOf(row).indexOf(event.target as HTMLElement)
  const target = targetsOf(next).at(Math.max(0, place))
  if (!target) return
  event.preventDefault()
  target.focus()
}

import { type RawBuilder, sql } from 'kysely'
import type { ReadContext } from './module.ts'
import type { Tables } from './tables.ts'

/**
 * Total order of the rows of a table. The rows are sorted by a column. Rows with the same value are sorted by the id. Both sort orders have
 * the same direction, so that one comparison of rows in SQL finds the next page.
 */
export interface KeysetOrder {
  readonly column: string
  readonly type: 'timestamptz' | 'int8' | 'text'
  readonly direction: 'asc' | 'desc'
  /** True if the column may be null. Rows with null come last in ascending order and first in descending order. */
  readonly nullable?: boolean
}

/** Position of a row in the order of a list. */
export interface KeysetPosition {
  readonly key: string | number | null
  readonly id: number
}

/** A page of a list: rows between two positions, which are not part of the page. Null means the start or the end of the list. */
export interface KeysetPage {
  readonly order: KeysetOrder
  readonly after: KeysetPosition | null
  readonly before: KeysetPosition | null
  readonly size: number
  /** True if the page consists of the last rows between the positions, false if it consists of the first ones. */
  readonly fromEnd: boolean
}

export interface KeysetQuery {
  /** Table whose rows are listed. It has the columns `id` and `tenant_id`. */
  readonly table: keyof Tables & string
  /** SQL in place of the table, such as a join in parentheses with an alias, for an order by a column of another table. */
  readonly from?: RawBuilder<unknown>
  /**
   * Parents of the listed rows. The result has one list for each parent. `ids` are the ids of the parents. `column` is the column of
   * `table` that stores the id of a row's parent. Null means one list of all rows of the tenant.
   */
  readonly of: { readonly column: string; readonly ids: readonly number[] } | null
  /** SQL conditions, all of which a listed row must meet. */
  readonly where: readonly RawBuilder<unknown>[]
  /**
   * Wanted values of a text column. The rows of each value are read in order and then merged, so that an index on the column and the sort
   * column serves any number of values.
   */
  readonly among?: { readonly column: string; readonly values: readonly string[] } | undefined
  readonly page: KeysetPage
  /** Column that holds the time at which a row leaves the list without a write, such as the end of a period. */
  readonly leavesAt?: string
  /**
   * Rows that become part of the list when time passes, without a write. `column` holds the time at which such a row becomes part of the
   * list. A subquery looks for the earliest of these times. It uses `where` instead of the conditions of the list, and its result is an
   * upper bound of `changesAt`.
   */
  readonly joins?: { readonly column: string; readonly where: readonly RawBuilder<unknown>[] }
}

export interface KeysetList {
  /**
   * The rows in the order in which they were read: from the start of the list, or from its end if the page is `fromEnd`. If there are more
   * rows than the page has, there is one row more.
   */
  readonly rows: readonly KeysetPosition[]
  /** Time at which the list next changes without a write, ISO 8601; null if it never does. */
  readonly changesAt: string | null
}

interface Found extends KeysetPosition {
  readonly place: number
  readonly leavesAt: string | null
  readonly joinsAt: string | null
}

/**
 * Returns the list of each parent, in the order of the parents. Without parents, returns one list. One SQL statement reads all lists. For
 * each parent, an index is read up to the size of the page, however many rows the parent has. There is no OFFSET: a page costs the same wherever it
 * begins, and a row that is inserted or deleted before the page does not shift the page.
 */
export async function listByKeyset(read: ReadContext, query: KeysetQuery): Promise<readonly KeysetList[]> {
  const { of, among, joins, page } = query
  const { order, after, before, fromEnd } = page
  const reading = fromEnd ? reversed(order) : order
  const table = query.from ?? sql.table(query.table)
  const key = sql.ref(order.column)
  const direction = reading.direction === 'asc' ? sql`asc` : sql`desc`
  const ours = [sql`tenant_id = ${read.tenant}`, ...(of ? [sql`${sql.ref(of.column)} = parent.id`] : [])]
  const conditions = [...ours, ...query.where]
  if (after) conditions.push(isBehind(order, after))
  if (before) conditions.push(isBehind(reversed(order), before))
  const never = sql`null::timestamptz`
  const joinsAt = joins
    ? sql`(select min(${sql.ref(joins.column)}) from ${table} where ${sql.join([...ours, ...joins.where], sql` and `)})`
    : never
  if (among) conditions.push(sql`${sql.ref(among.column)} = wanted.value`)
  const inOrder = sql`order by key ${direction}, id ${direction} limit ${page.size + 1}`
  const selected = sql`
      select id, ${key} as key, ${query.leavesAt ? sql.ref(query.leavesAt) : never} as leaves_at
      from ${table}
      where ${sql.join(conditions, sql` and `)}
      order by ${key} ${direction}, id ${direction}
      limit ${page.size + 1}`
  const merged = among
    ? sql`select found.* from unnest(${[...new Set(among.values)]}::text[]) as wanted (value) cross join lateral (${selected}) as found ${inOrder}`
    : selected
  const { rows } = await sql<Found>`
    select parent.place, page.id, page.key, page.leaves_at, ${joinsAt} as joins_at
    from unnest(${of ? of.ids.map(String) : ['0']}::int8[]) with ordinality as parent (id, place)
    left join lateral (${merged}) as page on true
    order by parent.place, page.key ${direction}, page.id ${direction}
  `.execute(read.db)
  const lists = (of ? of.ids : [0]).map(() => ({ rows: [] as KeysetPosition[], changesAt: null as string | null }))
  for (const { place, id, key: value, leavesAt, joinsAt } of rows) {
    const list = lists[place - 1]
    if (!list) continue
    // For a parent without rows, the statement returns one row of nulls.
    if (id !== null) list.rows.push({ id, key: value })
    list.changesAt = earliest(earliest(list.changesAt, leavesAt), joinsAt)
  }
  return lists
}

function reversed(order: KeysetOrder): KeysetOrder {
  return { ...order, direction: order.direction === 'asc' ? 'desc' : 'asc' }
}

/**
 * Returns the SQL condition for the rows after a position. A comparison of rows never matches null, so rows with null need separate
 * conditions. PostgreSQL sorts null last in ascending order and first in descending order.
 */
function isBehind({ column, type, direction, nullable }: KeysetOrder, { key, id }: KeysetPosition): RawBuilder<unknown> {
  const value = sql.ref(column)
  const ascending = direction === 'asc'
  if (key === null) {
    return ascending ? sql`(${value} is null and id > ${id}::int8)` : sql`(${value} is not null or id < ${id}::int8)`
  }
  const position = sql`(${key}::${sql.raw(type)}, ${id}::int8)`
  if (!ascending) return sql`(${value}, id) < ${position}`
  return nullable ? sql`(${value} is null or (${value}, id) > ${position})` : sql`(${value}, id) > ${position}`
}

/** Returns the number of rows of each parent, in the order of the parents; without parents, the number of rows of the whole tenant. */
export async function countByParent(
  read: ReadContext,
  table: KeysetQuery['table'],
  of: KeysetQuery['of'],
  where: readonly RawBuilder<unknown>[],
): Promise<readonly number[]> {
  const conditions = [sql`tenant_id = ${read.tenant}`, ...(of ? [sql`${sql.ref(of.column)} = parent.id`] : []), ...where]
  const { rows } = await sql<{ count: number }>`
    select (select count(*) from ${sql.table(table)} where ${sql.join(conditions, sql` and `)}) as count
    from unnest(${of ? of.ids.map(String) : ['0']}::int8[]) with ordinality as parent (id, place)
    order by parent.place
  `.execute(read.db)
  return rows.map(({ count }) => count)
}

function earliest(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other
  return Date.parse(one) <= Date.parse(other) ? one : other
}

import { type RawBuilder, sql } from 'kysely'
import type { ReadContext } from './module.ts'

/** A total order over a table: a column, then the id, both in one direction, so that one comparison of rows continues it. */
export interface KeysetOrder {
  readonly column: string
  readonly type: 'timestamptz' | 'int8' | 'text'
  readonly direction: 'asc' | 'desc'
  /** Rows without a value come last ascending, first descending. */
  readonly nullable?: boolean
}

/** Where a row stands in the order. */
export interface KeysetPosition {
  readonly key: string | number | null
  readonly id: number
}

export interface KeysetQuery {
  readonly table: 'campaigns' | 'domains' | 'calls' | 'bids' | 'buyers'
  /** One list for each of these parents, or one list over the whole tenant. */
  readonly of: { readonly column: string; readonly ids: readonly number[] } | null
  /** Each must hold. */
  readonly where: readonly RawBuilder<unknown>[]
  readonly order: KeysetOrder
  readonly after: KeysetPosition | null
  /** One more than the page, to see whether another follows. */
  readonly limit: number
  /** Column that tells when a row leaves the list by itself. */
  readonly leavesAt?: string
  /** With these conditions in place of `where`: the least of a column tells when the next row joins the list by itself. */
  readonly joins?: { readonly column: string; readonly where: readonly RawBuilder<unknown>[] }
}

export interface KeysetList {
  readonly rows: readonly KeysetPosition[]
  /** When the list changes by itself, ISO 8601; null for never. */
  readonly changesAt: string | null
}

interface Found extends KeysetPosition {
  readonly place: number
  readonly leavesAt: string | null
  readonly joinsAt: string | null
}

/**
 * The lists in the order of the parents (one, where there are none), in one statement: each parent's rows are read from the index
 * up to its limit, however many it has. Never an OFFSET: a page costs the same wherever it begins, and a row that comes or goes
 * before it moves nothing.
 */
export async function listByKeyset(read: ReadContext, query: KeysetQuery): Promise<readonly KeysetList[]> {
  const { order, after, of, joins } = query
  const table = sql.table(query.table)
  const key = sql.ref(order.column)
  const direction = order.direction === 'asc' ? sql`asc` : sql`desc`
  const ours = [sql`tenant_id = ${read.tenant}`, ...(of ? [sql`${sql.ref(of.column)} = parent.id`] : [])]
  const conditions = [...ours, ...query.where]
  if (after) conditions.push(isBehind(order, after))
  const never = sql`null::timestamptz`
  const joinsAt = joins
    ? sql`(select min(${sql.ref(joins.column)}) from ${table} where ${sql.join([...ours, ...joins.where], sql` and `)})`
    : never
  const { rows } = await sql<Found>`
    select parent.place, page.id, page.key, page.leaves_at, ${joinsAt} as joins_at
    from unnest(${of ? of.ids.map(String) : ['0']}::int8[]) with ordinality as parent (id, place)
    left join lateral (
      select id, ${key} as key, ${query.leavesAt ? sql.ref(query.leavesAt) : never} as leaves_at
      from ${table}
      where ${sql.join(conditions, sql` and `)}
      order by ${key} ${direction}, id ${direction}
      limit ${query.limit}
    ) as page on true
    order by parent.place, page.key ${direction}, page.id ${direction}
  `.execute(read.db)
  const lists = (of ? of.ids : [0]).map(() => ({ rows: [] as KeysetPosition[], changesAt: null as string | null }))
  for (const { place, id, key: value, leavesAt, joinsAt } of rows) {
    const list = lists[place - 1]
    if (!list) continue
    // A parent without rows is one row of nulls.
    if (id !== null) list.rows.push({ id, key: value })
    list.changesAt = earliest(earliest(list.changesAt, leavesAt), joinsAt)
  }
  return lists
}

/** Postgres puts nulls last ascending and first descending, but a comparison of rows never holds for them. */
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

/** How many rows each parent has (or the tenant, where there are none), in the order of the parents. */
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

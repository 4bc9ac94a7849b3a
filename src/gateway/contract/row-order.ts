import { type Generated, type RawBuilder, type Selectable, sql } from 'kysely'
import { parseRowId } from './global-id.ts'
import type { ReadContext } from './module.ts'
import type { Tables } from './tables.ts'

/** A table whose rows have a tenant and a number as their id. */
export type RowTable = {
  [Table in keyof Tables]: Tables[Table] extends { id: Generated<number>; tenantId: string } ? Table : never
}[keyof Tables]

/**
 * Returns the right side of the SQL condition `id = any(...)`. The text of the SQL is the same for any number of ids, even none, so one
 * prepared statement is enough. A client may write any text into a global id. A text that cannot be a row's id is left out, so that no row
 * is found for this text.
 */
export function anyOf(ids: readonly (string | number)[]): RawBuilder<number> {
  return sql<number>`any(${ids.map(String).filter((id) => parseRowId(id) !== null)}::int8[])`
}

/** Returns the rows in the order of `ids`, with null for each id that has no row. */
export function inOrderOf<Row extends { readonly id: string | number }>(ids: readonly string[], rows: readonly Row[]): (Row | null)[] {
  const byId = new Map(rows.map((row) => [String(row.id), row]))
  return ids.map((id) => byId.get(id) ?? null)
}

type RowOf<Table extends RowTable> = Selectable<Tables[Table]> & { readonly id: number }

/**
 * Loads the rows of the tenant that have these ids in one statement, in the order of `ids`, with null for each id that has no row.
 * @param columns Columns to load. Default: all columns of the table. Needed if the table has columns that the row type lacks.
 */
export async function rowsByIds<Table extends RowTable>(
  { db, tenant }: Pick<ReadContext, 'db' | 'tenant'>,
  table: Table,
  ids: readonly string[],
  columns?: readonly (keyof RowOf<Table> & string)[],
): Promise<(RowOf<Table> | null)[]> {
  const selected = columns ? sql.join(columns.map((column) => sql.ref(column))) : sql`*`
  const found = sql<RowOf<Table>>`select ${selected} from ${sql.table(table)} where tenant_id = ${tenant} and id = ${anyOf(ids)}`
  return inOrderOf(ids, (await found.execute(db)).rows)
}

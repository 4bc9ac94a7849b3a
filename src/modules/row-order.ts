import { type RawBuilder, sql } from 'kysely'

const ROW_ID = /^[1-9]\d{0,14}$/

/**
 * `id = any(...)`: one prepared statement for every number of ids, none included. What cannot be a row's id (a client may write
 * any text into a global id) is left out, and so found to not exist.
 */
export function anyOf(ids: readonly (string | number)[]): RawBuilder<number> {
  return sql<number>`any(${ids.map(String).filter((id) => ROW_ID.test(id))}::int8[])`
}

/** The rows in the order of `ids`, null where there is none. */
export function inOrderOf<Row extends { readonly id: string | number }>(ids: readonly string[], rows: readonly Row[]): (Row | null)[] {
  const byId = new Map(rows.map((row) => [String(row.id), row]))
  return ids.map((id) => byId.get(id) ?? null)
}

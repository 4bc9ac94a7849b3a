import { type Generated, type RawBuilder, type Selectable, sql, type Updateable } from 'kysely'
import type { WriteContext } from './module.ts'
import { anyOf, type RowTable } from './row-order.ts'
import type { Tables } from './tables.ts'
import { notFound, type UserError, userError } from './user-error.ts'

/** A table whose rows have an id, a tenant and a version, which every change of the row raises. */
export type VersionedTable = {
  [Table in RowTable]: Tables[Table] extends { version: Generated<number> } ? Table : never
}[RowTable]

type ColumnOf<Table extends VersionedTable> = keyof Selectable<Tables[Table]> & string

/** New values for columns of a row, or SQL expressions that compute them. */
type ChangedValues<Table extends VersionedTable> = {
  readonly [Column in Exclude<keyof Updateable<Tables[Table]>, 'id' | 'tenantId' | 'version'>]?:
    | Updateable<Tables[Table]>[Column]
    | RawBuilder<Updateable<Tables[Table]>[Column]>
}

/** A row that a mutation's input names. */
export interface NamedRow {
  /** The type in error messages, in lower case, such as `campaign`. */
  readonly noun: string
  readonly id: number
  /** Path of the input that holds the id. The input `version` is in the same input object. */
  readonly path: readonly string[]
  /** Version of the row that the client read before it decided on the change; null accepts any version. */
  readonly version?: number | null | undefined
}

/**
 * Locks a row until the transaction ends. If two clients change a row on the basis of the same version, the second one gets the error
 * CONFLICT. While the row is locked, other transactions can still insert rows whose foreign key points to it.
 */
export async function lockRow<Table extends VersionedTable, Column extends ColumnOf<Table>>(
  write: Pick<WriteContext, 'db' | 'tenant'>,
  table: Table,
  columns: readonly Column[],
  named: NamedRow,
): Promise<{ readonly row: Pick<Selectable<Tables[Table]>, Column> } | { readonly error: UserError }> {
  const [row] = await lockRows(write, table, columns, [named.id])
  if (!row) return { error: notFound(named.noun, named.path) }
  const error = versionConflict(named, row.version)
  return error ? { error } : { row }
}

/** Locks the rows of the tenant that have these ids, in ascending order of the ids, so that two writes cannot deadlock. */
export async function lockRows<Table extends VersionedTable, Column extends ColumnOf<Table>>(
  { db, tenant }: Pick<WriteContext, 'db' | 'tenant'>,
  table: Table,
  columns: readonly Column[],
  ids: readonly number[],
): Promise<readonly (Pick<Selectable<Tables[Table]>, Column> & { readonly id: number; readonly version: number })[]> {
  const selected = [...new Set<string>(['id', 'version', ...columns])].map((column) => sql.ref(column))
  const { rows } = await sql<Pick<Selectable<Tables[Table]>, Column> & { readonly id: number; readonly version: number }>`
    select ${sql.join(selected)} from ${sql.table(table)} where tenant_id = ${tenant} and id = ${anyOf(ids)} order by id for no key update
  `.execute(db)
  return rows
}

/** Returns the error CONFLICT if the row's version has changed since the client read it; null if it has not. */
export function versionConflict({ noun, path, version }: NamedRow, current: number): UserError | null {
  if (version == null || version === current) return null
  const message = `Version ${version} is not the current one, which is ${current}: read the ${noun} again and decide anew.`
  return userError('CONFLICT', message, [...path.slice(0, -1), 'version'])
}

/** Changes rows that the transaction has locked, and raises the version of each row. */
export async function changeRows<Table extends VersionedTable>(
  { db, tenant }: Pick<WriteContext, 'db' | 'tenant'>,
  table: Table,
  ids: readonly number[],
  values: ChangedValues<Table>,
): Promise<void> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  const assignments = given.map(([column, value]) => sql`${sql.ref(column)} = ${value}`)
  await sql`
    update ${sql.table(table)} set ${sql.join([...assignments, sql`version = version + 1`])} where tenant_id = ${tenant} and id = ${anyOf(ids)}
  `.execute(db)
}

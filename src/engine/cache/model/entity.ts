/**
 * Declaration of a cached GraphQL type: the table that its objects are read from, and the tags that a change of a row of that table emits
 * to the invalidation log. This declaration is the only place where the spelling of tags is defined: readers build tags with the functions
 * below, and the triggers of the database are installed from the declaration (`cache.watch` in postgres/), so the two cannot disagree.
 *
 * Spelling (every tag begins with the tenant; `public` is the reserved tenant of types without a tenant column):
 *
 *     tenant:Type:id                  one row
 *     tenant:Type[]                   all lists of the type; emitted if a row is inserted or deleted, or if a column in `listed` changes
 *     tenant:Type[]:column=value      the lists that are filtered by this value of the column
 *     tenant:Type~                    any change of a row of the type
 *     tenant:Type*                    a statement that changed very many rows: emitted instead of the tags of rows and lists
 *     tenant:#name                    a free tag: a loader gives it to values, and no trigger emits it
 *     tenant:Namespace:[…]            one cache key (see key.ts)
 *     tenant                          everything of a tenant
 *     *                               everything
 */
export interface Entity {
  /** GraphQL type name; unique among all declared types. */
  readonly type: string
  /** Name of the table, which is in the schema `public` of the database. */
  readonly table: string
  /** Column with the tenant of a row; null if the rows belong to no tenant (public data). */
  readonly tenantColumn: string | null
  /** Column that identifies a row within its tenant; null for a type that is only ever read as a list. */
  readonly idColumn: string | null
  /** Columns (ids, enumerations, short texts) by which lists are filtered: each value of such a column gets a separate list tag. */
  readonly dimensions: readonly string[]
  /** All columns by which lists of the type are filtered or sorted, including the `dimensions`. */
  readonly listed: readonly string[]
  /**
   * Conversion functions for some dimensions, by the name of the dimension. Each function converts the value of a filter argument to the
   * text that the column stores for this value. The function may throw for a value that no row can have.
   */
  readonly spelling?: Readonly<Record<string, (asked: string) => string>>
  /**
   * Names of two derived dimensions for each column that contains a time. `day` is the name of the dimension with the day of that time
   * (`2026-03-01`). `month` is the name of the dimension with its month (`2026-03`). Both are in UTC. With these dimensions, a cached value
   * that covers a range of time depends only on the rows in that range.
   */
  readonly times?: Readonly<Record<string, { readonly day: string; readonly month: string }>>
}

export const PUBLIC_TENANT = 'public'
/**
 * Tag of the rows of the log that operators cause. No value has this tag. A process that applies such a row reports to the registry of
 * instances at once, and reads the stored cache policies.
 */
export const MANAGEMENT_TAG = `${PUBLIC_TENANT}:#management`
export const EVERYTHING_TAG = '*'

const TENANT = /^[a-z0-9](?:[a-z0-9_-]{0,62})$/
const TYPE = /^[A-Z][A-Za-z0-9]{0,62}$/
const COLUMN = /^[a-z][a-z0-9_]{0,62}$/

/**
 * Checks the declaration of a cached type and freezes it.
 * @throws TypeError when a name contains characters that a tag must not contain, or when a dimension is not a listed column.
 */
export function declareEntity(entity: Entity): Entity {
  if (!TYPE.test(entity.type)) throw new TypeError(`Entity type must match ${TYPE}, got ${JSON.stringify(entity.type)}.`)
  const columns = [
    entity.table,
    ...entity.listed,
    ...(entity.tenantColumn ? [entity.tenantColumn] : []),
    ...(entity.idColumn ? [entity.idColumn] : []),
  ]
  for (const column of columns) {
    if (!COLUMN.test(column))
      throw new TypeError(`Entity ${entity.type}: a table or column must match ${COLUMN}, got ${JSON.stringify(column)}.`)
  }
  for (const dimension of entity.dimensions) {
    if (!entity.listed.includes(dimension))
      throw new TypeError(`Entity ${entity.type}: the dimension ${dimension} must also be in "listed".`)
  }
  for (const column of [
    ...Object.keys(entity.spelling ?? {}),
    ...Object.values(entity.times ?? {}).flatMap(({ day, month }) => [day, month]),
  ]) {
    if (!entity.dimensions.includes(column))
      throw new TypeError(`Entity ${entity.type}: ${column} is named in "spelling" or "times", so it must be in "dimensions".`)
  }
  return Object.freeze({ ...entity, dimensions: Object.freeze([...entity.dimensions]), listed: Object.freeze([...entity.listed]) })
}

/** Returns the tag that stands for all data of a tenant. @throws TypeError for a malformed tenant id. */
export function tenantTag(tenant: string): string {
  if (!TENANT.test(tenant)) throw new TypeError(`A tenant must match ${TENANT}, got ${JSON.stringify(tenant)}.`)
  return tenant
}

export function rowTag(entity: Entity, tenant: string, id: string | number): string {
  return `${tenantTag(tenant)}:${entity.type}:${id}`
}

export function listTag(entity: Entity, tenant: string): string {
  return `${tenantTag(tenant)}:${entity.type}[]`
}

/**
 * Returns the tag of the lists that are filtered by this value of a column. @throws TypeError when the column is not a declared dimension,
 * because the triggers would never emit the tag.
 */
export function dimensionTag(entity: Entity, tenant: string, column: string, value: string | number | boolean | null): string {
  if (!entity.dimensions.includes(column))
    throw new TypeError(`Entity ${entity.type} has no dimension ${column}; it has ${entity.dimensions.join(', ') || 'none'}.`)
  return value === null ? `${listTag(entity, tenant)}:${column} is null` : `${listTag(entity, tenant)}:${column}=${value}`
}

export function anyChangeTag(entity: Entity, tenant: string): string {
  return `${tenantTag(tenant)}:${entity.type}~`
}

const FREE_TAG = /^(?!management$)[a-z][a-z0-9-]{0,62}$/

/** Whether a text may be the name of a free tag (a tag that loaders give to values and that no trigger emits). */
export function isFreeTagName(name: string): boolean {
  return FREE_TAG.test(name)
}

/** Returns the free tag with this name. @throws TypeError for a malformed name. */
export function freeTag(tenant: string, name: string): string {
  if (!isFreeTagName(name)) throw new TypeError(`A free tag must match ${FREE_TAG}, got ${JSON.stringify(name)}.`)
  return `${tenantTag(tenant)}:#${name}`
}

export function bulkTag(entity: Entity, tenant: string): string {
  return `${tenantTag(tenant)}:${entity.type}*`
}

/**
 * What a cached type is to the invalidation log: the table it is read from and the tags that a change of a row emits.
 * This declaration is the only place where tags are spelled: readers build them with the functions below, and the
 * triggers of the database are installed from it (`cache.watch` in postgres/), so the two cannot disagree.
 *
 * Spelling (the tenant is always first; `public` is the reserved tenant of what is public by nature):
 *
 *     tenant:Type:id                  one row
 *     tenant:Type[]                   any list of the type: a row came, went, or changed a listed column
 *     tenant:Type[]:column=value      the lists with that predicate
 *     tenant:Type~                    any change of the type
 *     tenant:Type*                    so many changes that the fine tags were left out
 *     tenant:Namespace:[…]            one key (see key.ts)
 *     tenant                          everything of a tenant
 *     *                               everything
 */
export interface Entity {
  /** GraphQL type name; unique among entities. */
  readonly type: string
  /** Table in the schema `public` of the database. */
  readonly table: string
  /** Column with the tenant, or null for a type that is public by nature. */
  readonly tenantColumn: string | null
  /** Column that identifies a row within its tenant, or null for a type that is only ever read as a list. */
  readonly idColumn: string | null
  /** Columns (ids, enumerations, short texts) that lists are restricted by: each gets list tags of its own. */
  readonly dimensions: readonly string[]
  /** Every column that any list filters or sorts by, dimensions included. */
  readonly listed: readonly string[]
  /** How a dimension's column writes a value that readers may write in another way, by column. It may throw for what no row has. */
  readonly spelling?: Readonly<Record<string, (asked: string) => string>>
  /**
   * Dimensions that hold the day (`2026-03-01`) and the month (`2026-03`) in UTC of a column with a time, by that column. They let a
   * value that covers a range of time depend on the range alone.
   */
  readonly times?: Readonly<Record<string, { readonly day: string; readonly month: string }>>
}

export const PUBLIC_TENANT = 'public'
export const EVERYTHING_TAG = '*'

const TENANT = /^[a-z0-9](?:[a-z0-9_-]{0,62})$/
const TYPE = /^[A-Z][A-Za-z0-9]{0,62}$/
const COLUMN = /^[a-z][a-z0-9_]{0,62}$/

/**
 * Checks a declaration and freezes it.
 * @throws TypeError when a name could not be spelled in a tag or a dimension is not a listed column.
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
    if (!entity.listed.includes(dimension)) throw new TypeError(`Entity ${entity.type}: dimension ${dimension} must also be listed.`)
  }
  for (const column of [
    ...Object.keys(entity.spelling ?? {}),
    ...Object.values(entity.times ?? {}).flatMap(({ day, month }) => [day, month]),
  ]) {
    if (!entity.dimensions.includes(column))
      throw new TypeError(`Entity ${entity.type}: ${column} has a spelling or belongs to a time, so it must be a dimension.`)
  }
  return Object.freeze({ ...entity, dimensions: Object.freeze([...entity.dimensions]), listed: Object.freeze([...entity.listed]) })
}

/** @throws TypeError for a tenant that could not be told from another part of a key or tag. */
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

/** @throws TypeError when the column is not a declared dimension: its changes emit no such tag. */
export function dimensionTag(entity: Entity, tenant: string, column: string, value: string | number | boolean | null): string {
  if (!entity.dimensions.includes(column))
    throw new TypeError(`Entity ${entity.type} has no dimension ${column}; it has ${entity.dimensions.join(', ') || 'none'}.`)
  return value === null ? `${listTag(entity, tenant)}:${column} is null` : `${listTag(entity, tenant)}:${column}=${value}`
}

export function anyChangeTag(entity: Entity, tenant: string): string {
  return `${tenantTag(tenant)}:${entity.type}~`
}

export function bulkTag(entity: Entity, tenant: string): string {
  return `${tenantTag(tenant)}:${entity.type}*`
}

import { rowIdOf } from './global-id.ts'
import type { EntityType, RequestContext } from './module.ts'

type AnyRow = { readonly id: string | number }

/**
 * Returns the resolver of a field such as `campaign(id: ID!)`. The resolver returns null if the tenant has no row of the type with this id.
 */
export function rowById<Row extends AnyRow>(type: EntityType<Row>) {
  return (_root: unknown, args: { readonly id: string }, context: RequestContext): Promise<Row | null> | null => {
    const id = rowIdOf(type.entity.type, args.id)
    return id === null ? null : context.load(type, id)
  }
}

/** Loads rows in the order of their given ids. A row that does not exist, or no longer exists, is left out. */
export async function loadRows<Row extends AnyRow>(
  context: RequestContext,
  type: EntityType<Row>,
  ids: readonly Row['id'][],
): Promise<readonly Row[]> {
  const rows = await Promise.all(ids.map((id) => context.load(type, id)))
  return rows.filter((row) => row !== null)
}

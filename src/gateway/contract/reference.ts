import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'
import type { EntityType, RequestContext } from './module.ts'

/**
 * Returns the row that a foreign key points to. If the query selects only the row's `id`, no row is loaded, because the foreign key is this
 * id. In that case the response does not depend on the row, and changes of the row do not invalidate the response. The foreign key
 * constraint ensures that the row exists.
 */
export function loadReference<Row extends { readonly id: string | number }>(
  type: EntityType<Row>,
  id: Row['id'],
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<Row | null> {
  const asksForIdAlone = info.fieldNodes.every(({ selectionSet }) => selectionSet && hasIdAlone(selectionSet, info))
  // If the query asks only for `id` and `__typename`, no row has to be loaded.
  return asksForIdAlone ? Promise.resolve({ id } as Row) : context.load(type, id)
}

function hasIdAlone({ selections }: SelectionSetNode, info: GraphQLResolveInfo): boolean {
  return selections.every((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === 'id' || selection.name.value === '__typename'
    if (selection.kind === Kind.INLINE_FRAGMENT) return hasIdAlone(selection.selectionSet, info)
    const fragment = info.fragments[selection.name.value]
    return fragment !== undefined && hasIdAlone(fragment.selectionSet, info)
  })
}

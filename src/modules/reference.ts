import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'
import type { EntityType, RequestContext } from './module.ts'

/**
 * The row that a foreign key points to. Where only its id is asked for, nothing is loaded: the key says it already, and the answer
 * does not depend on the row, whose changes are none of its business. The database keeps the key true.
 */
export function loadReference<Row extends { readonly id: string | number }>(
  type: EntityType<Row>,
  id: Row['id'],
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<Row | null> {
  const asksForIdAlone = info.fieldNodes.every(({ selectionSet }) => selectionSet && hasIdAlone(selectionSet, info))
  // Nothing but `id` and `__typename` is resolved of it.
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

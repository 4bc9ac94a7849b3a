import { GatewayError } from '../errors.ts'
import { requireGlobalId } from './global-id.ts'
import type { EntityType, Module, RequestContext } from './module.ts'

type AnyRow = { readonly id: string | number }

const MOST_IDS = 100

/** @param types Those that implement `Node`: a global id of any other type stands for nothing. */
export function createNodeModule(types: readonly EntityType<AnyRow>[]): Module {
  const byName = new Map(types.map((type) => [type.entity.type, type]))

  const load = async (globalId: string, context: RequestContext) => {
    const parsed = requireGlobalId(globalId)
    const type = byName.get(parsed.type)
    const row = type ? await context.load(type, parsed.id) : null
    return row && type ? { ...row, __typename: type.entity.type } : null
  }

  return {
    entities: [],
    nodeTypes: [...byName.keys()],
    resolvers: {
      Node: {
        __resolveType: ({ __typename }: { readonly __typename: string }) => __typename,
      },
      Query: {
        node: (_root: unknown, { id }: { readonly id: string }, context: RequestContext) => load(id, context),
        nodes(_root: unknown, { ids }: { readonly ids: readonly string[] }, context: RequestContext) {
          if (ids.length > MOST_IDS)
            throw new GatewayError('BAD_USER_INPUT', `Expected at most ${MOST_IDS} \`ids\`, got ${ids.length}: ask in parts.`)
          return ids.map((id) => load(id, context))
        },
      },
    },
  }
}

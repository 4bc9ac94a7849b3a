import { type GraphQLResolveInfo, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import { GatewayError } from '../../errors.ts'
import { requireGlobalId } from './global-id.ts'
import type { Module, RequestContext } from './module.ts'

const MAX_IDS = 100

/**
 * Creates the module that resolves `node` and `nodes`. Both fields return an object if its type implements `Node` in the schema and is an
 * entity type of one of the modules. For the id of any other object, they return null.
 */
export function createNodeModule(modules: readonly Module[]): Module {
  const byName = new Map(modules.flatMap(({ entities }) => entities.map((type) => [type.entity.type, type] as const)))

  const load = async (globalId: string, context: RequestContext, schema: GraphQLSchema) => {
    const parsed = requireGlobalId(globalId)
    const type = implementsNode(schema, parsed.type) ? byName.get(parsed.type) : undefined
    const row = type ? await context.load(type, parsed.id) : null
    return row && type ? { ...row, __typename: type.entity.type } : null
  }

  return {
    entities: [],
    resolvers: {
      Node: {
        __resolveType: ({ __typename }: { readonly __typename: string }) => __typename,
      },
      Query: {
        node: (_root: unknown, { id }: { readonly id: string }, context: RequestContext, { schema }: GraphQLResolveInfo) =>
          load(id, context, schema),
        nodes(_root: unknown, { ids }: { readonly ids: readonly string[] }, context: RequestContext, { schema }: GraphQLResolveInfo) {
          if (ids.length > MAX_IDS)
            throw new GatewayError('BAD_USER_INPUT', `Expected at most ${MAX_IDS} \`ids\`, got ${ids.length}: ask in parts.`)
          return ids.map((id) => load(id, context, schema))
        },
      },
    },
  }
}

function implementsNode(schema: GraphQLSchema, name: string): boolean {
  const [node, type] = [schema.getType('Node'), schema.getType(name)]
  return isInterfaceType(node) && isObjectType(type) && schema.isSubType(node, type)
}

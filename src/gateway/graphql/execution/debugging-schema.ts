import { MapperKind, mapSchema } from '@graphql-tools/utils'
import { defaultFieldResolver, type GraphQLResolveInfo, type GraphQLSchema, responsePathAsArray } from 'graphql'
import type { GatewayContext } from './context.ts'

/**
 * Returns a copy of the schema in which each resolver sets the `position` of the context. The position is valid until the resolver first
 * awaits a promise.
 */
export function debuggingSchema(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config) => {
      const resolve = config.resolve ?? defaultFieldResolver
      return {
        ...config,
        resolve: (parent: unknown, args: Record<string, unknown>, context: GatewayContext, info: GraphQLResolveInfo) => {
          const { position } = context
          if (position.path.length === 0) {
            queueMicrotask(() => {
              position.path = []
            })
          }
          position.path = responsePathAsArray(info.path)
          return resolve(parent, args, context, info)
        },
      }
    },
  })
}

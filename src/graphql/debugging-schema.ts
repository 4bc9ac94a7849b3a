import { MapperKind, mapSchema } from '@graphql-tools/utils'
import { defaultFieldResolver, type GraphQLResolveInfo, type GraphQLSchema, responsePathAsArray } from 'graphql'
import type { GatewayContext } from './context.ts'

/** A copy of the schema that keeps the context's `position` at the resolver that runs, until it waits for something. */
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

import { MapperKind, mapSchema } from '@graphql-tools/utils'
import {
  defaultFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isListType,
  responsePathAsArray,
} from 'graphql'
import type { GatewayContext } from './context.ts'

/**
 * Returns a copy of the schema in which each resolver sets the `position` of the context. The position is valid until the resolver first
 * awaits a promise. A resolver of a list loads the rows of its items in their order, so each of them has the index of its item.
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
              position.nextIndex = undefined
            })
          }
          position.path = responsePathAsArray(info.path)
          position.nextIndex = isListType(getNullableType(info.returnType)) ? 0 : undefined
          return resolve(parent, args, context, info)
        },
      }
    },
  })
}

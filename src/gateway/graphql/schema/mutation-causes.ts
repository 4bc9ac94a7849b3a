import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql'
import { causeOf } from '../../../engine/cache/model/write-cause.ts'

/** The part of a resolver's context that tells the invalidation log why a write was made. */
export interface CauseContext {
  /** Cause of the writes that the running mutation makes; undefined outside mutations. */
  cause: string | undefined
}

/**
 * Makes each field of the type Mutation set the cause of its writes. The cause contains the name of the field from the schema, never an
 * alias or an operation name of the client. The fields of a mutation run one after the other, so each write gets the cause of its own field.
 */
export function nameCauses(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve: GraphQLFieldResolver<unknown, CauseContext> = field.resolve ?? defaultFieldResolver
    const cause = causeOf('mutation', field.name)
    const resolveWithCause: typeof resolve = (parent, args, context, info) => {
      context.cause = cause
      return resolve(parent, args, context, info)
    }
    field.resolve = resolveWithCause
  }
}

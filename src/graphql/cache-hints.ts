import { type GraphQLResolveInfo, type GraphQLSchema, isObjectType } from 'graphql'
import type { GatewayContext } from './context.ts'
import type { Trace } from './trace.ts'

export interface CacheHint {
  /** Seconds. */
  readonly maxAge?: number
  readonly scope?: 'PUBLIC' | 'PRIVATE'
}

/**
 * What a resolver finds as `info.cacheControl`, by Apollo Server's names. A hint given here can only say less than the schema
 * does: how long an answer may live is decided before it is executed.
 */
export class CacheHints {
  readonly #trace: Trace
  readonly cacheHint = { restrict: (hint: CacheHint) => this.setCacheHint(hint) }

  constructor(trace: Trace) {
    this.#trace = trace
  }

  setCacheHint({ maxAge, scope }: CacheHint): void {
    if (maxAge !== undefined) this.#trace.leastTtlMs = Math.min(this.#trace.leastTtlMs, maxAge * 1000)
    if (scope === 'PRIVATE') this.#trace.isPrivate = true
  }
}

/** Gives every resolver of the schema `info.cacheControl`. Fields that only read a property are left as they are. */
export function offerCacheHints(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field
      if (!resolve) continue
      field.resolve = (parent, args, context: GatewayContext, info: GraphQLResolveInfo & { cacheControl?: CacheHints }) => {
        info.cacheControl = context.cacheHints
        return resolve(parent, args, context, info)
      }
    }
  }
}

import { type GraphQLCompositeType, type GraphQLResolveInfo, type GraphQLSchema, isObjectType } from 'graphql'
import type { GatewayContext } from './context.ts'
import { type FieldHint, type HintAnnotation, settledHint, typeAnnotation } from './field-hints.ts'
import type { FieldPlan } from './field-plans.ts'
import { type CacheHint, HintPolicy, restrictedBy } from './hint-policy.ts'

/** The hints that resolvers give while one operation is executed. */
export class CacheHints {
  /** By the number of the field: how often its resolver was called. */
  readonly #calls: number[] = []
  readonly #given: { readonly field: FieldHint; readonly policy: HintPolicy }[] = []

  /** The `info.cacheControl` of one call of a resolver. */
  call(field: FieldHint): FieldCacheControl {
    this.#calls[field.index] = (this.#calls[field.index] ?? 0) + 1
    return new FieldCacheControl(this, field)
  }

  /** A policy that holds the written hint and counts in its place. */
  give(field: FieldHint): HintPolicy {
    const policy = new HintPolicy()
    policy.replace(field.written)
    this.#given.push({ field, policy })
    return policy
  }

  /**
   * The hint of the whole answer. A written hint counts for each field of the operation, called or not, unless all calls of its resolver
   * gave their own.
   */
  overall(plan: { readonly hint: CacheHint; readonly fieldHints: readonly FieldHint[] }): CacheHint {
    if (this.#given.length === 0) return plan.hint
    const silentCalls = [...this.#calls]
    const given = this.#given.map(({ field, policy }) => {
      silentCalls[field.index] = (silentCalls[field.index] ?? 0) - 1
      return settledHint(policy, field.isZeroByDefault)
    })
    const written = plan.fieldHints.filter(({ index }) => silentCalls[index] !== 0).map(({ settled }) => settled)
    return restrictedBy([...written, ...given])
  }
}

/** `info.cacheControl`, with the names and the meaning that it has in Apollo Server. A resolver that leaves it alone costs one object. */
export class FieldCacheControl {
  readonly #hints: CacheHints
  readonly #field: FieldHint
  #policy: HintPolicy | undefined

  constructor(hints: CacheHints, field: FieldHint) {
    this.#hints = hints
    this.#field = field
  }

  /** The hint of this field: `restrict` and `replace` change it. `maxAge` is undefined while only the default applies. */
  get cacheHint(): HintPolicy {
    this.#policy ??= this.#hints.give(this.#field)
    return this.#policy
  }

  /** Replaces each part of the field's hint that the given one has. */
  get setCacheHint(): (hint: CacheHint) => void {
    return (hint) => this.cacheHint.replace(hint)
  }

  /** The hint that is written on a type. */
  get cacheHintFromType(): (type: GraphQLCompositeType) => HintAnnotation {
    return typeAnnotation
  }
}

/** Gives every resolver of the schema `info.cacheControl`. Fields that only read a property are left as they are. */
export function offerCacheHints(schema: GraphQLSchema, fields: ReadonlyMap<string, FieldPlan>): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field
      const hint = fields.get(`${type.name}.${field.name}`)?.hint
      if (!resolve || !hint) continue
      field.resolve = (parent, args, context: GatewayContext, info: GraphQLResolveInfo & { cacheControl?: FieldCacheControl }) => {
        info.cacheControl = context.cacheHints.call(hint)
        return resolve(parent, args, context, info)
      }
    }
  }
}

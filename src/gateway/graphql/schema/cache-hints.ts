import { type GraphQLCompositeType, type GraphQLResolveInfo, type GraphQLSchema, isObjectType } from 'graphql'
import { type FieldHint, type HintAnnotation, settledHint, typeAnnotation } from './field-hints.ts'
import { type CacheHint, HintPolicy, restrictedBy } from './hint-policy.ts'
import type { PlannedPolicies } from './planned-policies.ts'

/** Collects the hints for caches outside the gateway that resolvers set during one execution. */
export class CacheHints {
  /** Number of calls of each field's resolver. The position in the list is the number of the field (FieldHint.index). */
  readonly #calls: number[] = []
  readonly #given: { readonly field: FieldHint; readonly policy: HintPolicy }[] = []

  /** Returns the object that one call of a resolver gets as `info.cacheControl`. */
  call(field: FieldHint): FieldCacheControl {
    this.#calls[field.index] = (this.#calls[field.index] ?? 0) + 1
    return new FieldCacheControl(this, field)
  }

  /**
   * Returns a copy of the hint that the field has in the schema. The resolver may change the copy. For this call of the resolver, the copy
   * replaces the hint in the schema.
   */
  give(field: FieldHint): HintPolicy {
    const policy = new HintPolicy()
    policy.replace(field.written)
    this.#given.push({ field, policy })
    return policy
  }

  /**
   * Returns the hint of the whole response. It combines the hints that resolvers set with the hints that the selected fields have in the
   * schema. A field's hint in the schema is ignored only if every call of the field's resolver set a hint.
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

/**
 * The object that a resolver gets as `info.cacheControl`. It has the same interface as in Apollo Server. The resolver changes a copy of the
 * field's hint. This copy is created only when the resolver uses the object, so an unused object costs little.
 */
export class FieldCacheControl {
  readonly #hints: CacheHints
  readonly #field: FieldHint
  #policy: HintPolicy | undefined

  constructor(hints: CacheHints, field: FieldHint) {
    this.#hints = hints
    this.#field = field
  }

  /**
   * Hint of this field, which the resolver may change with `restrict` and `replace`. `maxAge` is undefined as long as only the default
   * applies.
   */
  get cacheHint(): HintPolicy {
    this.#policy ??= this.#hints.give(this.#field)
    return this.#policy
  }

  /** Replaces the parts of the field's hint that the given hint contains. */
  get setCacheHint(): (hint: CacheHint) => void {
    return (hint) => this.cacheHint.replace(hint)
  }

  /** Returns the hint that a type has in the schema. */
  get cacheHintFromType(): (type: GraphQLCompositeType) => HintAnnotation {
    return typeAnnotation
  }
}

/** The part of a resolver's context that collects the hints for caches outside the gateway. */
export interface HintsContext {
  readonly cacheHints: CacheHints
}

/** Makes `info.cacheControl` available in every resolver of the schema. Fields that only read a property of their parent stay unchanged. */
export function offerCacheHints(schema: GraphQLSchema, planned: PlannedPolicies): void {
  const { fields } = planned
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field
      const index = fields.get(`${type.name}.${field.name}`)?.hint.index
      if (!resolve || index === undefined) continue
      field.resolve = (parent, args, context: HintsContext, info: GraphQLResolveInfo & { cacheControl?: FieldCacheControl }) => {
        info.cacheControl = context.cacheHints.call(planned.hint(index))
        return resolve(parent, args, context, info)
      }
    }
  }
}

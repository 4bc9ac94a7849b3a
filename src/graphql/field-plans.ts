import { getNamedType, isAbstractType, isObjectType } from 'graphql'
import { isPublicRoot } from './authorization.ts'
import { type CacheScope, narrowestScope } from './cache-rules.ts'
import { answerShape, type KeyedRule, type KeyedRules } from './entry-shapes.ts'
import { type FieldHint, fieldHint } from './field-hints.ts'
import { requiredRole, takesGuardedValues } from './roles.ts'
import type { CheckedSchema } from './schema-checks.ts'

/** What a field means for a cache outside the gateway. */
export interface FieldPlan {
  readonly hint: FieldHint
  /** Whether a query that asks for it is read past the cache. */
  readonly isStrict: boolean
  /** Of the rules that apply: the field's own, and those of the types that it gives. */
  readonly rules: readonly KeyedRule[]
  /** Where `@cacheControl` says less than the rules would: how long the value may be kept anywhere, ms. */
  readonly limitMs: number | undefined
  /** Who may share an answer with the field in it. */
  readonly scope: CacheScope
  /** Hash of what an answer with the field in it is made of. */
  readonly shape: string
}

/**
 * Plans each field of the schema. A root field that needs a token is for its tenant alone, whatever it gives. A `batched` field with no
 * `@cache` and no hint is never kept.
 */
export function planFields({ schema, batched }: CheckedSchema, rules: KeyedRules): ReadonlyMap<string, FieldPlan> {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  const plans = new Map<string, FieldPlan>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`
      const result = getNamedType(field.type)
      const members = isAbstractType(result) ? schema.getPossibleTypes(result) : [result]
      const applied = [coordinate, ...members.map(({ name }) => name)].map((name) => rules.get(name)).filter((rule) => rule !== undefined)
      const hint = fieldHint(field, roots.has(type), plans.size)
      const { maxAge = batched.has(coordinate) && applied.length === 0 ? 0 : undefined } = hint.settled
      plans.set(coordinate, {
        hint,
        isStrict: field.astNode?.directives?.some(({ name }) => name.value === 'strict') ?? false,
        rules: applied,
        limitMs: maxAge !== undefined && applied.every(({ hintSeconds }) => maxAge < hintSeconds) ? maxAge * 1000 : undefined,
        scope: narrowestScope([
          roots.has(type) && !isPublicRoot(type.name, field, rules) ? 'TENANT' : 'PUBLIC',
          requiredRole(field) === undefined && !takesGuardedValues(field) ? 'PUBLIC' : 'ROLE',
          ...applied.map(({ scope }) => scope),
        ]),
        shape: answerShape(coordinate, field, applied),
      })
    }
  }
  return plans
}

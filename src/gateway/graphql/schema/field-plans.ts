import { getNamedType, isAbstractType, isObjectType } from 'graphql'
import { type CacheRule, type CacheScope, narrowestScope, rulesOfArms } from '../../policies/cache-rules.ts'
import { isPublicRoot } from './authorization.ts'
import { answerShape, type KeyedRules } from './entry-shapes.ts'
import { type FieldHint, fieldHint } from './field-hints.ts'
import { requiredRole, takesGuardedValues } from './roles.ts'
import type { CheckedSchema } from './schema-checks.ts'

/** Plan of a field. The plan says how the field restricts the caching of each response that contains the field. */
export interface FieldPlan {
  readonly hint: FieldHint
  /** Whether a query that selects the field reads from the database instead of the cache. */
  readonly isStrict: boolean
  /**
   * Cache rules that apply to the field: its own rule, and the rules of the types that it returns. During an experiment, the rules of both
   * arms apply.
   */
  readonly rules: readonly CacheRule[]
  /** Maximum time for which any cache may keep the value, ms; undefined unless `@cacheControl` allows less time than the cache rules. */
  readonly limitMs: number | undefined
  /** Scope in which a response with the field may be shared between callers. */
  readonly scope: CacheScope
  /** Hash of the field's shape (the form in which its value is stored), for the cache keys of whole responses that contain the field. */
  readonly shape: string
}

/**
 * Computes the plan of each field of the schema. A response with a root field that requires a token is shared at most within the tenant,
 * whatever the field returns. A response with a `batched` field that has neither `@cache` nor a hint is never cached.
 */
export function planFields(
  { schema, batched }: Pick<CheckedSchema, 'schema' | 'batched'>,
  rules: KeyedRules,
): ReadonlyMap<string, FieldPlan> {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  const plans = new Map<string, FieldPlan>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`
      const result = getNamedType(field.type)
      const members = isAbstractType(result) ? schema.getPossibleTypes(result) : [result]
      const applied = [coordinate, ...members.map(({ name }) => name)].map((name) => rules.get(name)).filter((rule) => rule !== undefined)
      const followed = applied.flatMap(rulesOfArms)
      const hint = fieldHint(field, roots.has(type), plans.size)
      const { maxAge = batched.has(coordinate) && applied.length === 0 ? 0 : undefined } = hint.settled
      plans.set(coordinate, {
        hint,
        isStrict: field.astNode?.directives?.some(({ name }) => name.value === 'strict') ?? false,
        rules: followed,
        limitMs: maxAge !== undefined && followed.every(({ hintSeconds }) => maxAge < hintSeconds) ? maxAge * 1000 : undefined,
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

import { getDirectiveValues, getNamedType, isAbstractType, isObjectType } from 'graphql'
import { isPublicRoot } from './authorization.ts'
import { type CacheScope, narrowestScope } from './cache-rules.ts'
import { answerShape, type KeyedRule, type KeyedRules } from './entry-shapes.ts'
import { requiredRole, takesGuardedValues } from './roles.ts'
import type { CheckedSchema } from './schema-checks.ts'

/** What a field means for a cache outside the gateway. */
export interface FieldPlan {
  /** How long a copy may be used, seconds; undefined where the field comes with its parent. */
  readonly maxAge: number | undefined
  readonly isPrivate: boolean
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

interface Hint {
  readonly maxAge?: number
  readonly scope?: 'PUBLIC' | 'PRIVATE'
  readonly inheritMaxAge?: boolean
}

type Annotated = Parameters<typeof getDirectiveValues>[1] | null | undefined

/**
 * Reads the `@cacheControl` hints as Apollo Server does: the field's goes before its type's, and a root field or an object
 * without a hint lives 0 seconds. Unlike there, an object that is no entity and whose resolver is not `batched` comes with its
 * parent, because it has no data of its own. A root field that needs a token is private, whatever it gives.
 */
export function planFields({ schema, entityTypes, batched }: CheckedSchema, rules: KeyedRules): ReadonlyMap<string, FieldPlan> {
  const directive = schema.getDirective('cacheControl')
  const hintOf = (node: Annotated): Hint => (directive && node && getDirectiveValues(directive, node)) ?? {}
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  const plans = new Map<string, FieldPlan>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`
      const result = getNamedType(field.type)
      const own = hintOf(field.astNode)
      const members = isAbstractType(result) ? [result, ...schema.getPossibleTypes(result)] : isObjectType(result) ? [result] : []
      const inherited = strictest(members.map((member) => hintOf(member.astNode)))
      const applied = [coordinate, ...members.map(({ name }) => name)].map((name) => rules.get(name)).filter((rule) => rule !== undefined)
      const hasOwnData = batched.has(coordinate) || members.some((member) => entityTypes.has(member.name))
      const inherits = own.inheritMaxAge || (inherited.inheritMaxAge && own.maxAge === undefined)
      const maxAge = inherits ? undefined : (own.maxAge ?? inherited.maxAge ?? (hasOwnData ? 0 : undefined))
      const isPrivate = (own.scope ?? inherited.scope) === 'PRIVATE' || (roots.has(type) && !isPublicRoot(type.name, field, rules))
      plans.set(coordinate, {
        maxAge,
        isPrivate,
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

function strictest(hints: readonly Hint[]): Hint {
  const ages = hints.map(({ maxAge }) => maxAge).filter((maxAge) => maxAge !== undefined)
  return {
    ...(ages.length > 0 ? { maxAge: Math.min(...ages) } : {}),
    ...(hints.some(({ scope }) => scope === 'PRIVATE') ? { scope: 'PRIVATE' } : {}),
    inheritMaxAge: hints.some(({ inheritMaxAge }) => inheritMaxAge),
  }
}

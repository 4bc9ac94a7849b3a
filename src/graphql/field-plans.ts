import { getDirectiveValues, getNamedType, isAbstractType, isObjectType } from 'graphql'
import { isPublicRoot } from './authorization.ts'
import type { CheckedSchema } from './schema-checks.ts'

/** What a field means for a cache outside the gateway. */
export interface FieldPlan {
  /** How long a copy may be used, seconds; undefined where the field comes with its parent. */
  readonly maxAge: number | undefined
  readonly isPrivate: boolean
  /** Whether a query that asks for it is read past the cache. */
  readonly isStrict: boolean
  /** From the rules that apply; undefined where none does. */
  readonly staleWhileRevalidate: number | undefined
  readonly staleIfError: number | undefined
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
export function planFields({ schema, rules, entityTypes, batched }: CheckedSchema): ReadonlyMap<string, FieldPlan> {
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
      const rule = rules.get(coordinate) ?? rules.get(result.name)
      const hasOwnData = batched.has(coordinate) || members.some((member) => entityTypes.has(member.name))
      const inherits = own.inheritMaxAge || (inherited.inheritMaxAge && own.maxAge === undefined)
      const maxAge = inherits ? undefined : (own.maxAge ?? inherited.maxAge ?? (hasOwnData ? 0 : undefined))
      const isPrivate = (own.scope ?? inherited.scope) === 'PRIVATE' || (roots.has(type) && !isPublicRoot(type.name, field, rules))
      plans.set(coordinate, {
        maxAge,
        isPrivate,
        isStrict: field.astNode?.directives?.some(({ name }) => name.value === 'strict') ?? false,
        staleWhileRevalidate: rule && rule.policy.staleWhileRevalidateMs / 1000,
        staleIfError: rule && rule.policy.staleIfErrorMs / 1000,
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

import { defaultFieldResolver, type GraphQLField, type GraphQLFieldResolver, type GraphQLSchema, getNamedType, isObjectType } from 'graphql'
import { GatewayError } from '../../../errors.ts'
import type { Principal, Role } from '../../identity/principal.ts'
import type { CacheRules } from '../../policies/cache-rules.ts'
import { guardedValues, hasRole, requiredRole, takesGuardedValues } from './roles.ts'

/** The part of a resolver's context that is needed to check the caller's role. */
export interface CallerContext {
  /**
   * The caller, for the checks of the role only. Unlike reading `viewer`, reading `caller` does not mark the response as dependent on the
   * caller. The mark is not needed, because the plan of the operation already considers which fields require a role.
   */
  readonly caller: Principal | null
}

type Resolver = GraphQLFieldResolver<unknown, CallerContext>

/** Returns whether a root field is public: by its own `@cache`, or else by the `@cache` of the type that it returns. */
export function isPublicRoot(typeName: string, field: GraphQLField<unknown, unknown>, rules: CacheRules): boolean {
  const own = rules.get(`${typeName}.${field.name}`)
  return (own ?? rules.get(getNamedType(field.type).name))?.scope === 'PUBLIC' && requiredRole(field) === undefined
}

/**
 * Adds a check of the caller's role to the resolvers. A root field that is not public requires the role VIEWER. A field with `@auth`
 * requires the role that the directive names. The same role is required for an argument that contains an enum value with `@auth`. If the
 * caller lacks the role, the resolver does not run, and the response has an error at the path of the field. Introspection is not checked.
 */
export function authorizeFields(schema: GraphQLSchema, rules: CacheRules): void {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`
      const role = requiredRole(field) ?? (roots.has(type) && !isPublicRoot(type.name, field, rules) ? 'VIEWER' : undefined)
      if (takesGuardedValues(field)) field.resolve = guardedByValues(field, coordinate)
      if (role) field.resolve = guarded(role, coordinate, field.resolve ?? defaultFieldResolver)
    }
  }
}

function guarded(role: Role, coordinate: string, resolve: Resolver): Resolver {
  return (parent, args, context, info) => {
    demand(context, role, coordinate)
    return resolve(parent, args, context, info)
  }
}

function guardedByValues(
  { args: declared, resolve = defaultFieldResolver }: GraphQLField<unknown, CallerContext>,
  coordinate: string,
): Resolver {
  return (parent, args, context, info) => {
    for (const { name, role } of guardedValues({ args: declared }, args)) demand(context, role, `${coordinate} with ${name}`)
    return resolve(parent, args, context, info)
  }
}

/**
 * Checks that the caller has the role.
 * @throws GatewayError UNAUTHENTICATED for an anonymous caller, FORBIDDEN for a caller without the role.
 */
function demand({ caller }: CallerContext, role: Role, what: string): void {
  if (!caller) throw new GatewayError('UNAUTHENTICATED')
  if (!hasRole(caller.role, role)) throw new GatewayError('FORBIDDEN', `${what} needs the role ${role}, yours is ${caller.role}.`)
}

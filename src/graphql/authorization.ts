import { defaultFieldResolver, type GraphQLField, type GraphQLFieldResolver, type GraphQLSchema, getNamedType, isObjectType } from 'graphql'
import { GatewayError } from '../errors.ts'
import type { Role } from '../modules/module.ts'
import type { CacheRules } from './cache-rules.ts'
import type { GatewayContext } from './context.ts'
import { guardedValues, hasRole, requiredRole, takesGuardedValues } from './roles.ts'

type Resolver = GraphQLFieldResolver<unknown, GatewayContext>

/** Whether a root field gives what is public: by its own `@cache`, or because its type is public. */
export function isPublicRoot(typeName: string, field: GraphQLField<unknown, unknown>, rules: CacheRules): boolean {
  const own = rules.get(`${typeName}.${field.name}`)
  return (own ?? rules.get(getNamedType(field.type).name))?.scope === 'PUBLIC' && requiredRole(field) === undefined
}

/**
 * Puts the check of the caller before the resolvers: a root field that is not public needs VIEWER, a field with `@auth` the
 * role it names, and so does a value with `@auth` in an argument. Whoever lacks it gets null and an error at the field's path, and
 * the resolver does not run. Introspection is not concerned.
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
  { args: declared, resolve = defaultFieldResolver }: GraphQLField<unknown, GatewayContext>,
  coordinate: string,
): Resolver {
  return (parent, args, context, info) => {
    for (const { name, role } of guardedValues({ args: declared }, args)) demand(context, role, `${coordinate} with ${name}`)
    return resolve(parent, args, context, info)
  }
}

/** @throws GatewayError UNAUTHENTICATED, FORBIDDEN. */
function demand({ caller }: GatewayContext, role: Role, what: string): void {
  if (!caller) throw new GatewayError('UNAUTHENTICATED')
  if (!hasRole(caller.role, role)) throw new GatewayError('FORBIDDEN', `${what} needs the role ${role}, yours is ${caller.role}.`)
}

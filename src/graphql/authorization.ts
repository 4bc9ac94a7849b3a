import { defaultFieldResolver, type GraphQLField, type GraphQLFieldResolver, type GraphQLSchema, getNamedType, isObjectType } from 'graphql'
import { GatewayError } from '../errors.ts'
import type { Role } from '../modules/module.ts'
import type { CacheRules } from './cache-rules.ts'
import type { GatewayContext } from './context.ts'

/** Roles of the members of a tenant, each with the rights of those before it. An operator is none: to run the gateway is no right to read. */
const MEMBER_ROLES: readonly Role[] = ['VIEWER', 'EDITOR', 'ADMIN']
const ROLES: readonly Role[] = [...MEMBER_ROLES, 'OPERATOR']

/** Whether a caller may have what demands a role. */
export function hasRole(role: Role, demanded: Role): boolean {
  return demanded === 'OPERATOR' ? role === demanded : MEMBER_ROLES.indexOf(role) >= MEMBER_ROLES.indexOf(demanded)
}

/** The role that `@auth` demands of a field, undefined where it demands none. */
export function requiredRole(field: GraphQLField<unknown, unknown>): Role | undefined {
  const node = field.astNode?.directives?.find(({ name }) => name.value === 'auth')
  const argument = node?.arguments?.find(({ name }) => name.value === 'requires')?.value
  return argument?.kind === 'EnumValue' ? ROLES.find((role) => role === argument.value) : undefined
}

/** Whether a root field gives what is public: by its own `@cache`, or because its type is public. */
export function isPublicRoot(typeName: string, field: GraphQLField<unknown, unknown>, rules: CacheRules): boolean {
  const own = rules.get(`${typeName}.${field.name}`)
  return (own ?? rules.get(getNamedType(field.type).name))?.scope === 'PUBLIC' && requiredRole(field) === undefined
}

/**
 * Puts the check of the caller before the resolvers: a root field that is not public needs VIEWER, a field with `@auth` the
 * role it names. Whoever lacks it gets null and an error at the field's path, and the resolver does not run. Introspection is
 * not concerned.
 */
export function authorizeFields(schema: GraphQLSchema, rules: CacheRules): void {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const role = requiredRole(field) ?? (roots.has(type) && !isPublicRoot(type.name, field, rules) ? 'VIEWER' : undefined)
      if (role) field.resolve = guarded(role, `${type.name}.${field.name}`, field.resolve ?? defaultFieldResolver)
    }
  }
}

function guarded(
  role: Role,
  coordinate: string,
  resolve: GraphQLFieldResolver<unknown, GatewayContext>,
): GraphQLFieldResolver<unknown, GatewayContext> {
  const resolver: GraphQLFieldResolver<unknown, GatewayContext> = (parent, args, context, info) => {
    const viewer = context.caller
    if (!viewer) throw new GatewayError('UNAUTHENTICATED')
    if (!hasRole(viewer.role, role)) throw new GatewayError('FORBIDDEN', `${coordinate} needs the role ${role}, yours is ${viewer.role}.`)
    return resolve(parent, args, context, info)
  }
  return resolver
}

import {
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql'
import type { Role } from '../../identity/principal.ts'

/**
 * Roles of the members of a tenant. Each role includes the rights of the roles before it. OPERATOR is not in this list, because running the
 * gateway gives no right to read the data of a tenant.
 */
const MEMBER_ROLES: readonly Role[] = ['VIEWER', 'EDITOR', 'ADMIN']
const ROLES: readonly Role[] = [...MEMBER_ROLES, 'OPERATOR']

/** Returns whether the role of a caller includes the required role. */
export function hasRole(role: Role, demanded: Role): boolean {
  return demanded === 'OPERATOR' ? role === demanded : MEMBER_ROLES.indexOf(role) >= MEMBER_ROLES.indexOf(demanded)
}

interface Annotated {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined
}

/** Returns the role that the `@auth` of a field or an enum value requires; undefined without `@auth`. */
export function requiredRole({ astNode }: Annotated): Role | undefined {
  const node = astNode?.directives?.find(({ name }) => name.value === 'auth')
  const argument = node?.arguments?.find(({ name }) => name.value === 'requires')?.value
  return argument?.kind === 'EnumValue' ? ROLES.find((role) => role === argument.value) : undefined
}

/** An enum value that occurs in an argument, with the role that its `@auth` requires. */
export interface GuardedValue {
  readonly name: string
  readonly role: Role
}

/** Returns whether an argument of the field can contain an enum value that requires a role. */
export function takesGuardedValues({ args }: Pick<GraphQLField<unknown, unknown>, 'args'>): boolean {
  return args.some(({ type }) => holdsGuarded(type, new Set()))
}

/** Finds those enum values in the arguments of a field that require a role. */
export function* guardedValues(
  { args }: Pick<GraphQLField<unknown, unknown>, 'args'>,
  given: Readonly<Record<string, unknown>>,
): Generator<GuardedValue> {
  for (const { name, type } of args) yield* guardedIn(type, given[name])
}

function holdsGuarded(type: GraphQLInputType, seen: Set<GraphQLInputType>): boolean {
  if (isNonNullType(type) || isListType(type)) return holdsGuarded(type.ofType, seen)
  if (isEnumType(type)) return type.getValues().some((value) => requiredRole(value) !== undefined)
  if (!isInputObjectType(type) || seen.has(type)) return false
  seen.add(type)
  return Object.values(type.getFields()).some((field) => holdsGuarded(field.type, seen))
}

function* guardedIn(type: GraphQLInputType, given: unknown): Generator<GuardedValue> {
  if (given === null || given === undefined) return
  if (isNonNullType(type)) yield* guardedIn(type.ofType, given)
  else if (isListType(type)) for (const item of Array.isArray(given) ? given : [given]) yield* guardedIn(type.ofType, item)
  else if (isEnumType(type)) {
    const value = type.getValues().find((candidate) => candidate.value === given)
    const role = value && requiredRole(value)
    if (value && role) yield { name: value.name, role }
  } else if (isInputObjectType(type)) {
    const fields = given as Readonly<Record<string, unknown>>
    for (const field of Object.values(type.getFields())) yield* guardedIn(field.type, fields[field.name])
  }
}

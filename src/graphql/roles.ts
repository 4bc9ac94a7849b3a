import {
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql'
import type { Role } from '../modules/module.ts'

/** Roles of the members of a tenant, each with the rights of those before it. An operator is none: to run the gateway is no right to read. */
const MEMBER_ROLES: readonly Role[] = ['VIEWER', 'EDITOR', 'ADMIN']
const ROLES: readonly Role[] = [...MEMBER_ROLES, 'OPERATOR']

/** Whether a caller may have what demands a role. */
export function hasRole(role: Role, demanded: Role): boolean {
  return demanded === 'OPERATOR' ? role === demanded : MEMBER_ROLES.indexOf(role) >= MEMBER_ROLES.indexOf(demanded)
}

interface Annotated {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined
}

/** The role that `@auth` demands of a field or of a value of an enumeration, undefined where it demands none. */
export function requiredRole({ astNode }: Annotated): Role | undefined {
  const node = astNode?.directives?.find(({ name }) => name.value === 'auth')
  const argument = node?.arguments?.find(({ name }) => name.value === 'requires')?.value
  return argument?.kind === 'EnumValue' ? ROLES.find((role) => role === argument.value) : undefined
}

/** A value of an enumeration that was given in an argument, with the role that it demands. */
export interface GuardedValue {
  readonly name: string
  readonly role: Role
}

/** Whether an argument of the field can hold a value that demands a role. */
export function takesGuardedValues({ args }: Pick<GraphQLField<unknown, unknown>, 'args'>): boolean {
  return args.some(({ type }) => holdsGuarded(type, new Set()))
}

/** The values in the arguments of a field that demand a role. */
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

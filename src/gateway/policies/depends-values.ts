import { type GraphQLField, type GraphQLInputType, getNamedType, isInputObjectType } from 'graphql'

/** Input from which the tags of the items of `depends` are computed. */
export interface Input {
  readonly parent: unknown
  readonly args: Readonly<Record<string, unknown>>
  /** Current time, Unix epoch ms. */
  readonly now: number
}

/**
 * Returns the list of values at a path. If the value there is a list, returns this list. Any other value is returned in a list of its own.
 * For an absent value or null, the list is empty.
 */
export function valuesAt(source: unknown, path: readonly string[]): readonly unknown[] {
  let value = source
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return []
    value = (value as Readonly<Record<string, unknown>>)[step]
  }
  if (Array.isArray(value)) return value
  return value === undefined || value === null ? [] : [value]
}

/** Returns the type of an argument, or of an input field inside an argument; undefined if there is no such argument or field. */
export function argumentType(field: GraphQLField<unknown, unknown>, [first, ...rest]: readonly string[]) {
  let type: GraphQLInputType | undefined = field.args.find(({ name }) => name === first)?.type
  for (const step of rest) {
    const named = type && getNamedType(type)
    type = isInputObjectType(named) ? named.getFields()[step]?.type : undefined
  }
  return type && getNamedType(type)
}

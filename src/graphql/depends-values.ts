import { type GraphQLField, type GraphQLInputType, getNamedType, isInputObjectType } from 'graphql'

/** What the items of a `depends` are evaluated for. */
export interface Input {
  readonly parent: unknown
  readonly args: Readonly<Record<string, unknown>>
  /** Unix epoch, ms. */
  readonly now: number
}

/** The values at a path, one or a list; none where the path leads nowhere. */
export function valuesAt(source: unknown, path: readonly string[]): readonly unknown[] {
  let value = source
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return []
    value = (value as Readonly<Record<string, unknown>>)[step]
  }
  if (Array.isArray(value)) return value
  return value === undefined || value === null ? [] : [value]
}

/** The type of an argument, or of a field within it; undefined where there is none. */
export function argumentType(field: GraphQLField<unknown, unknown>, [first, ...rest]: readonly string[]) {
  let type: GraphQLInputType | undefined = field.args.find(({ name }) => name === first)?.type
  for (const step of rest) {
    const named = type && getNamedType(type)
    type = isInputObjectType(named) ? named.getFields()[step]?.type : undefined
  }
  return type && getNamedType(type)
}

import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  print,
} from 'graphql'

/**
 * Returns the parts of a type's SDL that determine its values: names, types, arguments and default values. The text does not depend on
 * descriptions, directives and the order of definitions.
 */
export function printedType(type: GraphQLNamedType): string {
  if (isObjectType(type) || isInterfaceType(type)) return `${type.name} {${sorted(Object.values(type.getFields()).map(printedField))}}`
  if (isInputObjectType(type)) return `${type.name} {${sorted(Object.values(type.getFields()).map(printedInput))}}`
  if (isEnumType(type)) return `${type.name} {${sorted(type.getValues().map(({ name }) => name))}}`
  if (isUnionType(type)) return `${type.name} {${sorted(type.getTypes().map(({ name }) => name))}}`
  return type.name
}

export function printedField({ name, args, type }: GraphQLField<unknown, unknown>): string {
  return `${name}(${sorted(args.map(printedInput))}): ${type}`
}

/** Returns the types of a field's arguments, and all input types nested in them. */
export function inputTypes({ args }: GraphQLField<unknown, unknown>): ReadonlySet<GraphQLNamedType> {
  const found = new Set<GraphQLNamedType>()
  const pending = args.map(({ type }) => getNamedType(type))
  for (let type = pending.pop(); type; type = pending.pop()) {
    if (found.has(type)) continue
    found.add(type)
    if (isInputObjectType(type)) pending.push(...Object.values(type.getFields()).map((field) => getNamedType(field.type)))
  }
  return found
}

function printedInput({ name, type, astNode }: GraphQLArgument | GraphQLInputField): string {
  return `${name}: ${type}${astNode?.defaultValue ? ` = ${print(astNode.defaultValue)}` : ''}`
}

function sorted(texts: readonly string[]): string {
  return texts.toSorted().join(' ')
}

import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql'

/** Returns the names of the arguments of a field and of the type that it returns, without lists. @param coordinate Such as `Query.campaigns`. */
export function fieldShape(
  schema: GraphQLSchema,
  coordinate: string,
): { readonly arguments: readonly string[]; readonly type: string } | undefined {
  const [typeName = '', fieldName = ''] = coordinate.split('.')
  const type = schema.getType(typeName)
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
  return field && { arguments: field.args.map(({ name }) => name), type: getNamedType(field.type).name }
}

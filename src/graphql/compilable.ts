import {
  BREAK,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeInfo,
  typeFromAST,
  type ValueNode,
  visit,
  visitWithTypeInfo,
} from 'graphql'

/**
 * Fields with those of fragments at every use, as the compiler unfolds them: what nests fragments would grow without bound, and the
 * time to compile, in which nothing else is done, grows with them (11 ms for 440).
 */
const MOST_FIELDS = 150

/**
 * Whether graphql-jit may compile the operation. Its code must do what graphql-js does, and be made of nothing that a client wrote
 * freely:
 * - It writes the text of literals into code and evaluates what is marked in them. A document with a text is not compiled.
 * - It names what it tells resolvers of a field by the names on the field's path, joined by underscores: with underscores in names,
 *   two fields may share one name. Neither does `__proto__` become a member of its objects.
 * - It unfolds the types of variables, and never ends with one that is within itself.
 * - Within literals it takes variables that were left out for null, whatever the default.
 * - It merges the conditions of fragments that are used in several places.
 * - At abstract types it does not survive a failing or asynchronous type resolver.
 */
export function isCompilable(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): boolean {
  let suits = true
  const refuse = () => {
    suits = false
    return BREAK
  }
  const types = new TypeInfo(schema)
  const compound = (node: ValueNode) => (hasVariable(node) ? refuse() : undefined)
  visit(
    document,
    visitWithTypeInfo(types, {
      [Kind.STRING]: refuse,
      [Kind.DIRECTIVE]: refuse,
      [Kind.LIST]: compound,
      [Kind.OBJECT]: compound,
      [Kind.VARIABLE_DEFINITION]: ({ type }) =>
        isRecursive(getNamedType(typeFromAST(schema, type as NamedTypeNode))) ? refuse() : undefined,
      [Kind.VARIABLE]: ({ name }) => (name.value.includes('_') ? refuse() : undefined),
      [Kind.FIELD]: (node) => (isNamePlain(node) && !isAbstractType(getNamedType(types.getType())) ? undefined : refuse()),
    }),
  )
  return suits && countFields(document, operation) <= MOST_FIELDS
}

function isNamePlain({ alias, name }: FieldNode): boolean {
  return alias ? !alias.value.includes('_') && !name.value.startsWith('__') : name.value === '__typename' || !name.value.includes('_')
}

/** Whether a value of an input type may hold another of the same type, however deep. */
function isRecursive(type: GraphQLNamedType | undefined, within: readonly GraphQLNamedType[] = []): boolean {
  if (!isInputObjectType(type)) return false
  if (within.includes(type)) return true
  return Object.values(type.getFields()).some((field) => isRecursive(getNamedType(field.type), [...within, type]))
}

function hasVariable(value: ValueNode): boolean {
  let found = false
  visit(value, {
    [Kind.VARIABLE]: () => {
      found = true
      return BREAK
    },
  })
  return found
}

function countFields(document: DocumentNode, operation: OperationDefinitionNode): number {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  const counted = new Map<string, number>()

  const countIn = ({ selections }: SelectionSetNode): number =>
    selections.reduce((total, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return total + countOf(selection.name.value)
      return total + (selection.kind === Kind.FIELD ? 1 : 0) + (selection.selectionSet ? countIn(selection.selectionSet) : 0)
    }, 0)
  const countOf = (name: string): number => {
    const fragment = fragments.get(name)
    const count = counted.get(name) ?? (fragment ? countIn(fragment.selectionSet) : 0)
    counted.set(name, count)
    return count
  }
  return countIn(operation.selectionSet)
}

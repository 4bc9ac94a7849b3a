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
 * Maximum number of fields in a compiled operation. The compiler inlines fragments, so the fields of a fragment count at every use. With
 * nested fragments, the number of fields may grow exponentially. Compilation blocks the event loop, for example for 11 ms with 440 fields.
 */
const MAX_FIELDS = 150

/**
 * Returns whether graphql-jit may compile the operation. The compiled code must behave like graphql-js, and it must not execute text that a
 * client sent. Each of these properties of graphql-jit rules out some operations:
 * - It writes string literals into the generated code. Specially marked text in such a string is executed. So no document with a string is
 * compiled.
 * - It identifies a field by the names on its path, joined by underscores. So two fields may collide if their names contain underscores.
 * - It loses a field that has the alias `__proto__`.
 * - It expands the input types of variables, and does not terminate for a recursive type.
 * - Inside list and object literals, it treats an absent variable as null and ignores the variable's default.
 * - It merges the conditions (`@skip`, `@include`) of a fragment that is used in several places.
 * - Its code for an abstract type does not work if the type resolver fails or is asynchronous.
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
  return suits && countFields(document, operation) <= MAX_FIELDS
}

function isNamePlain({ alias, name }: FieldNode): boolean {
  return alias ? !alias.value.includes('_') && !name.value.startsWith('__') : name.value === '__typename' || !name.value.includes('_')
}

/** Returns whether a value of the input type may contain another value of the same type, at any depth. */
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

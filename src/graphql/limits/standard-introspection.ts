import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql'

/** Where a selection stands within the answer to an introspection, and what each field that holds objects leads to. */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Query: { __schema: 'Schema' },
  Schema: { types: 'Type', directives: 'Directive', queryType: 'Reference', mutationType: 'Reference', subscriptionType: 'Reference' },
  Type: {
    fields: 'Field',
    inputFields: 'Input',
    enumValues: 'Value',
    interfaces: 'Reference',
    possibleTypes: 'Reference',
    ofType: 'Reference',
  },
  Directive: { args: 'Input' },
  Field: { args: 'Input', type: 'Reference' },
  Input: { type: 'Reference' },
  Value: {},
  Reference: { ofType: 'Reference' },
}

/**
 * Whether a document asks for the schema as tools do (`getIntrospectionQuery` of graphql-js with any of its options, and what
 * Sandbox, GraphiQL and code generators send): each type with its members, and of each other type just its reference. Its answer
 * is as large as the schema and no larger, so the bounds on depth and cost do not apply. Aliases, directives and any other way
 * through the schema make it a query like others.
 */
export function isStandardIntrospection(document: DocumentNode): boolean {
  const fragments = new Map<string, FragmentDefinitionNode>()
  const operations = []
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
    else operations.push(definition)
  }
  const [operation] = operations
  if (operations.length !== 1 || operation?.kind !== Kind.OPERATION_DEFINITION || operation.operation !== 'query') return false

  const suits = ({ selections }: SelectionSetNode, place: string, within: readonly string[]): boolean =>
    selections.every((selection) => {
      if (selection.directives && selection.directives.length > 0) return false
      if (selection.kind === Kind.INLINE_FRAGMENT) return suits(selection.selectionSet, place, within)
      const { value: name } = selection.name
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = within.includes(name) ? undefined : fragments.get(name)
        return fragment !== undefined && suits(fragment.selectionSet, place, [...within, name])
      }
      if (selection.alias) return false
      const members = MEMBERS[place] ?? {}
      const next = Object.hasOwn(members, name) ? members[name] : undefined
      if (!selection.selectionSet) return place !== 'Query' || name === '__typename'
      return next !== undefined && suits(selection.selectionSet, next, within)
    })
  return suits(operation.selectionSet, 'Query', []) && operation.selectionSet.selections.some(({ kind }) => kind === Kind.FIELD)
}

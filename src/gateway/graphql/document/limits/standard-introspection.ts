import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql'

/**
 * Kinds of selection sets in a standard introspection query, by name. A kind maps the name of each field that may have a selection set to
 * the kind of that selection set.
 */
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
 * Returns whether a document is an introspection query as tools send it: `getIntrospectionQuery` of graphql-js with any options, as in
 * Sandbox, GraphiQL and code generators. Such a query selects the members of each type, and refers to other types only by name. Its
 * response cannot be larger than the schema, so the limits on depth and cost do not apply. A document with an alias, a directive or any
 * other path through the schema is limited like other queries.
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

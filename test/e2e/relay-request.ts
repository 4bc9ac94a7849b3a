import {
  type ArgumentNode,
  assertCompositeType,
  assertObjectType,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLString,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
  visit,
} from 'graphql'
import type { ConcreteRequest, NormalizationArgument, NormalizationSelection, ReaderSelection } from 'relay-runtime'

/** A selection in Relay's two formats: for writing to its store and for reading from it. */
interface Selections {
  readonly normalization: readonly NormalizationSelection[]
  readonly reader: readonly ReaderSelection[]
}

/**
 * Compiles a document with one operation as Relay's compiler does, with the features that the tests need: fields,
 * inline fragments on object types, `@connection(key:)` and `@throwOnFieldError`. Like the compiler it adds `id` to objects that have one,
 * and `__typename` to abstract types.
 */
export function relayRequest(schema: GraphQLSchema, document: string): ConcreteRequest {
  const [operation] = parse(document).definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('Expected a document with one operation.')
  const root = assertObjectType(schema.getRootType(operation.operation))
  const name = operation.name?.value ?? operation.operation
  const whole: OperationDefinitionNode = { ...operation, selectionSet: withIdentity(schema, root, operation.selectionSet) }
  const { normalization, reader } = select(schema, root, whole.selectionSet)
  const argumentDefinitions = (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => ({
    kind: 'LocalArgument' as const,
    name: variable.name.value,
    defaultValue: defaultValue ? valueFromASTUntyped(defaultValue) : null,
  }))
  const text = print(withoutRelayDirectives(whole))
  // The types of Relay's runtime do not know `throwOnFieldError` yet.
  const metadata = { plural: false, throwOnFieldError: operation.directives?.some((given) => given.name.value === 'throwOnFieldError') }
  return {
    kind: 'Request',
    fragment: {
      kind: 'Fragment',
      name,
      type: root.name,
      abstractKey: null,
      argumentDefinitions,
      selections: reader,
      metadata,
    },
    operation: { kind: 'Operation', name, argumentDefinitions, selections: normalization },
    params: { cacheID: text, id: null, text, name, operationKind: operation.operation, metadata: {} },
  }
}

const scalar = (name: string): FieldNode => ({ kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } })

function fieldType(parent: GraphQLCompositeType, { name }: FieldNode): GraphQLOutputType {
  if (name.value === '__typename') return GraphQLString
  const field = isUnionType(parent) ? undefined : parent.getFields()[name.value]
  if (!field) throw new TypeError(`Expected a field of ${parent.name}, got ${name.value}.`)
  return field.type
}

function withIdentity(schema: GraphQLSchema, type: GraphQLCompositeType, { selections }: SelectionSetNode): SelectionSetNode {
  const added = [
    ...(isAbstractType(type) ? [scalar('__typename')] : []),
    ...(!isUnionType(type) && type.getFields()['id'] ? [scalar('id')] : []),
  ].filter(({ name }) => !selections.some((selection) => selection.kind === Kind.FIELD && selection.name.value === name.value))
  const inner = selections.map((selection): SelectionNode => {
    if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet) return selection
    return { ...selection, selectionSet: withIdentity(schema, innerType(schema, type, selection), selection.selectionSet) }
  })
  return { kind: Kind.SELECTION_SET, selections: [...inner, ...added] }
}

function innerType(schema: GraphQLSchema, type: GraphQLCompositeType, selection: SelectionNode): GraphQLCompositeType {
  if (selection.kind === Kind.FIELD) return assertCompositeType(getNamedType(fieldType(type, selection)))
  if (selection.kind === Kind.INLINE_FRAGMENT) return assertObjectType(schema.getType(selection.typeCondition?.name.value ?? type.name))
  throw new TypeError('Fragments with a name were not expected.')
}

function select(schema: GraphQLSchema, parent: GraphQLCompositeType, { selections }: SelectionSetNode): Selections {
  const parts = selections.map((selection): Selections => {
    if (selection.kind === Kind.FIELD) return selectField(schema, parent, selection)
    const type = innerType(schema, parent, selection)
    const inner = select(schema, type, (selection as { selectionSet: SelectionSetNode }).selectionSet)
    const common = { kind: 'InlineFragment', type: type.name, abstractKey: null } as const
    return {
      normalization: [{ ...common, selections: inner.normalization }],
      reader: [{ ...common, selections: inner.reader }],
    }
  })
  return {
    normalization: parts.flatMap(({ normalization }) => normalization),
    reader: parts.flatMap(({ reader }) => reader),
  }
}

function selectField(schema: GraphQLSchema, parent: GraphQLCompositeType, field: FieldNode): Selections {
  const type = fieldType(parent, field)
  const named = getNamedType(type)
  const name = field.name.value
  const alias = field.alias?.value ?? null
  const args = field.arguments?.length ? field.arguments.map(argument) : null
  if (!field.selectionSet || !isCompositeType(named)) {
    const leaf = { kind: 'ScalarField', alias, name, args, storageKey: null } as const
    return { normalization: [leaf], reader: [leaf] }
  }
  const inner = select(schema, named, field.selectionSet)
  const common = {
    kind: 'LinkedField',
    alias,
    name,
    args,
    storageKey: null,
    concreteType: isAbstractType(named) ? null : named.name,
    plural: isListType(getNullableType(type)),
  } as const
  const normalization: NormalizationSelection = { ...common, selections: inner.normalization }
  const key = connectionKey(field)
  if (key === undefined) return { normalization: [normalization], reader: [{ ...common, selections: inner.reader }] }
  return {
    normalization: [normalization, { kind: 'LinkedHandle', alias, name, args, handle: 'connection', key, filters: [] }],
    reader: [{ ...common, alias: alias ?? name, name: `__${key}_connection`, args: null, selections: inner.reader }],
  }
}

function argument({ name, value }: ArgumentNode): NormalizationArgument {
  return value.kind === Kind.VARIABLE
    ? { kind: 'Variable', name: name.value, variableName: value.name.value }
    : { kind: 'Literal', name: name.value, value: valueFromASTUntyped(value) }
}

function connectionKey(field: FieldNode): string | undefined {
  const directive = field.directives?.find(({ name }) => name.value === 'connection')
  const key = directive?.arguments?.find(({ name }) => name.value === 'key')?.value
  return key?.kind === Kind.STRING ? key.value : undefined
}

/** Names of directives that only Relay's compiler knows. */
const relayDirectives = new Set(['connection', 'throwOnFieldError'])

/** Removes the directives of Relay's compiler from an operation, because the server does not know them. */
function withoutRelayDirectives(operation: OperationDefinitionNode): OperationDefinitionNode {
  return visit(operation, { Directive: ({ name }) => (relayDirectives.has(name.value) ? null : undefined) })
}

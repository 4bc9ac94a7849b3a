import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { checkFragmentCycles } from './fragment-cycles.ts'
import type { DocumentLimits, InputLimits } from './limits.ts'
import { refuseAbove } from './refuse.ts'
import { isStandardIntrospection } from './standard-introspection.ts'

type ShapeLimits = DocumentLimits & InputLimits
type Definition = OperationDefinitionNode | FragmentDefinitionNode

/** Measurements of a selection set. A fragment in the selection set is counted as often as it is spread. */
interface Shape {
  readonly depth: number
  readonly aliases: number
  readonly directives: number
  readonly selections: number
  /** Number of fields directly in the selection set and in the fragments that are spread there. */
  readonly ownFields: number
}

const NOTHING: Shape = { depth: 0, aliases: 0, directives: 0, selections: 0, ownFields: 0 }

/**
 * Maximum number of selections of all operations and fragments together, as a multiple of `maxSelections`. The definitions of fragments
 * count, too, because validation expands every definition.
 */
const MAX_EXPANSIONS = 5

/**
 * Checks the size of a parsed document before the document is validated, because the time of validation may grow with the square of the
 * document's size. Each fragment is measured once, so the time of this check is proportional to the length of the document.
 * @throws LimitExceededError that names the limit and the document's value; InvalidRequestError for a cycle of fragments.
 */
export function checkDocumentShape(document: DocumentNode, limits: ShapeLimits): void {
  refuseAbove(limits, 'maxDefinitions', document.definitions.length, 'operations and fragments')
  const measure = new ShapeMeasure(document)
  checkFragmentCycles(measure.fragments)
  const definitions = document.definitions.filter(isDefinition)
  let expansions = 0
  for (const definition of definitions) {
    checkValues(definition, limits)
    const shape = measure.of(definition)
    expansions += shape.selections
    refuseAbove(limits, 'maxSelections', shape.selections, 'fields and fragments')
    const isOperation = definition.kind === Kind.OPERATION_DEFINITION
    // The depth and the root fields of a fragment count where the fragment is spread, but not in its definition.
    if (isOperation) refuseAbove(limits, 'maxRootFields', shape.ownFields, 'root fields')
    refuseAbove(limits, 'maxAliases', shape.aliases, 'aliases')
    refuseAbove(limits, 'maxDirectives', shape.directives, 'directives')
    if (isOperation && shape.depth > limits.maxDepth && !isStandardIntrospection(document))
      refuseAbove(limits, 'maxDepth', shape.depth, 'levels of fields and inline fragments')
  }
  refuseAbove(
    { maxSelections: MAX_EXPANSIONS * limits.maxSelections },
    'maxSelections',
    expansions,
    'fields and fragments in all definitions',
  )
  for (const definition of definitions) checkRepeats(definition, measure.fragments, limits)
}

function isDefinition(node: DocumentNode['definitions'][number]): node is Definition {
  return node.kind === Kind.OPERATION_DEFINITION || node.kind === Kind.FRAGMENT_DEFINITION
}

/** Computes the counts of selection sets. Each fragment is measured only once. */
class ShapeMeasure {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly #known = new Map<string, Shape>()

  constructor(document: DocumentNode) {
    const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
    this.fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
  }

  of(definition: Definition): Shape {
    const shape =
      definition.kind === Kind.FRAGMENT_DEFINITION ? this.#ofFragment(definition.name.value) : this.#ofSet(definition.selectionSet)
    const variables = definition.variableDefinitions?.reduce((sum, { directives = [] }) => sum + directives.length, 0) ?? 0
    return { ...shape, directives: shape.directives + variables + (definition.directives?.length ?? 0) }
  }

  #ofSet(set: SelectionSetNode): Shape {
    let { depth, aliases, directives, selections, ownFields } = NOTHING
    for (const selection of set.selections) {
      const inner = this.#within(selection)
      const isField = selection.kind === Kind.FIELD
      const levels = selection.kind === Kind.FRAGMENT_SPREAD ? 0 : 1
      depth = Math.max(depth, inner.depth + levels)
      aliases += inner.aliases + (isField && selection.alias ? 1 : 0)
      directives += inner.directives + (selection.directives?.length ?? 0)
      selections += inner.selections + 1
      ownFields += isField ? 1 : inner.ownFields
    }
    return { depth, aliases, directives, selections, ownFields }
  }

  #within(selection: SelectionNode): Shape {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#ofFragment(selection.name.value)
    return selection.selectionSet ? this.#ofSet(selection.selectionSet) : NOTHING
  }

  #ofFragment(name: string): Shape {
    const known = this.#known.get(name)
    if (known) return known
    const fragment = this.fragments.get(name)
    const shape = fragment ? this.#ofSet(fragment.selectionSet) : NOTHING
    this.#known.set(name, shape)
    return shape
  }
}

/**
 * Checks how many selections have the same response name at one place of the response. As in execution, fields are grouped by response name
 * at each place.
 */
function checkRepeats(definition: Definition, fragments: ReadonlyMap<string, FragmentDefinitionNode>, limits: ShapeLimits): void {
  const pending: SelectionSetNode[][] = [[definition.selectionSet]]
  for (let sets = pending.pop(); sets; sets = pending.pop()) {
    const groups = new Map<string, SelectionSetNode[]>()
    const counts = new Map<string, number>()
    const add = (field: FieldNode) => {
      const name = (field.alias ?? field.name).value
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      if (!field.selectionSet) return
      const group = groups.get(name) ?? []
      groups.set(name, group)
      group.push(field.selectionSet)
    }
    for (const set of sets) collect(set, fragments, add)
    for (const count of counts.values()) refuseAbove(limits, 'maxRepeats', count, 'selections of one field at one place')
    for (const group of groups.values()) pending.push(group)
  }
}

/** Calls `add` for each field of a selection set, including the fields of spread fragments. */
function collect(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, add: (field: FieldNode) => void): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) add(selection)
    else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet, fragments, add)
    else {
      const fragment = fragments.get(selection.name.value)
      if (fragment) collect(fragment.selectionSet, fragments, add)
    }
  }
}

/** Checks the literal values in an operation or fragment. The same limits apply to them as to variables. */
function checkValues(definition: Definition, limits: InputLimits): void {
  checkDirectives(definition.directives, limits)
  for (const variable of definition.variableDefinitions ?? []) {
    checkDirectives(variable.directives, limits)
    if (variable.defaultValue) checkLiteral(variable.defaultValue, 1, limits)
    let levels = 0
    for (let type = variable.type; type.kind !== Kind.NAMED_TYPE; type = type.type) levels++
    refuseAbove(limits, 'maxInputDepth', levels, 'wrappings of one type')
  }
  const pending = [definition.selectionSet]
  for (let set = pending.pop(); set; set = pending.pop()) {
    for (const selection of set.selections) {
      checkDirectives(selection.directives, limits)
      if (selection.kind === Kind.FIELD) checkArguments(selection.arguments, limits)
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet) pending.push(selection.selectionSet)
    }
  }
}

function checkDirectives(directives: readonly DirectiveNode[] | undefined, limits: InputLimits): void {
  for (const directive of directives ?? []) checkArguments(directive.arguments, limits)
}

function checkArguments(given: readonly ArgumentNode[] | undefined, limits: InputLimits): void {
  refuseAbove(limits, 'maxObjectKeys', given?.length ?? 0, 'arguments of one field')
  for (const { value } of given ?? []) checkLiteral(value, 1, limits)
}

function checkLiteral(value: ValueNode, depth: number, limits: InputLimits): void {
  if (value.kind === Kind.STRING) refuseAbove(limits, 'maxTextLength', value.value.length, 'characters in one text')
  if (value.kind !== Kind.LIST && value.kind !== Kind.OBJECT) return
  refuseAbove(limits, 'maxInputDepth', depth, 'levels of objects and lists in one argument')
  if (value.kind === Kind.LIST) {
    refuseAbove(limits, 'maxListLength', value.values.length, 'items in one list')
    for (const item of value.values) checkLiteral(item, depth + 1, limits)
  } else {
    refuseAbove(limits, 'maxObjectKeys', value.fields.length, 'keys in one object')
    for (const field of value.fields) checkLiteral(field.value, depth + 1, limits)
  }
}

import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql'
import { type FieldCosts, isList, type ListSize } from '../../schema/list-sizes.ts'
import { isStandardIntrospection } from './standard-introspection.ts'

type Variables = Readonly<Record<string, unknown>>

/** Computes the cost of an operation for the variables of one request. @param now Current time, Unix epoch ms. */
export type Cost = (variables: Variables, now: number) => number

const HOUR_MS = 60 * 60 * 1000
const NO_VARIABLES: Variables = {}
const FREE: Cost = () => 0

/**
 * Returns a function that computes the cost of an operation. The cost is an upper bound of the number of values in the response. A field
 * counts with its `@cost` (default 1). The fields of a list count once for each item. `@listSize` and the arguments of the request
 * determine the number of items. A field that is selected under two aliases counts twice. Selections that execution merges into one field
 * count once. For an abstract type, the most expensive of its possible types counts.
 *
 * The document is walked only once. For each request, only the result of this walk is evaluated with the variables. The document must be
 * valid and must have passed the check of its size, because its fragments are expanded.
 */
export function compileCost(schema: GraphQLSchema, costs: FieldCosts, document: DocumentNode, operation: OperationDefinitionNode): Cost {
  if (isStandardIntrospection(document)) return FREE
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  const defaults = defaultsOf(operation)
  const root = schema.getRootType(operation.operation)
  if (!root) return FREE
  const compiler = new CostCompiler(schema, costs, fragments)
  const cost = compiler.ofSets([{ set: operation.selectionSet, conditions: [] }], root, undefined)
  return (variables, now) => cost({ ...defaults, ...variables }, now)
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Variables {
  const defaults: Record<string, unknown> = {}
  for (const { variable, defaultValue } of variableDefinitions)
    if (defaultValue) defaults[variable.name.value] = inputValue(defaultValue, NO_VARIABLES)
  return defaults
}

interface Conditioned {
  readonly set: SelectionSetNode
  /** The directives `@skip` and `@include` of the enclosing fragments. */
  readonly conditions: readonly DirectiveNode[]
}

interface Selected {
  readonly field: FieldNode
  readonly conditions: readonly DirectiveNode[]
}

class CostCompiler {
  readonly #schema: GraphQLSchema
  readonly #costs: FieldCosts
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>

  constructor(schema: GraphQLSchema, costs: FieldCosts, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#schema = schema
    this.#costs = costs
    this.#fragments = fragments
  }

  /**
   * Returns the cost of selection sets.
   * @param giver Field that returns the object whose fields are selected; undefined if this field has no `@listSize`.
   */
  ofSets(sets: readonly Conditioned[], type: GraphQLCompositeType, giver: Giver | undefined): Cost {
    if (isAbstractType(type)) return dearest(this.#schema.getPossibleTypes(type).map((possible) => this.#ofObject(sets, possible, giver)))
    return isObjectType(type) ? this.#ofObject(sets, type, giver) : FREE
  }

  #ofObject(sets: readonly Conditioned[], type: GraphQLObjectType, giver: Giver | undefined): Cost {
    const groups = new Map<string, Selected[]>()
    for (const set of sets) this.#collect(set, type, [], groups)
    return sum([...groups.values()].map((group) => this.#ofField(group, type, giver)))
  }

  #collect({ set, conditions }: Conditioned, type: GraphQLObjectType, within: readonly string[], groups: Map<string, Selected[]>): void {
    for (const selection of set.selections) {
      const all = selection.directives?.length ? [...conditions, ...selection.directives] : conditions
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value
        const group = groups.get(name) ?? []
        groups.set(name, group)
        group.push({ field: selection, conditions: all })
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (!selection.typeCondition || this.#applies(selection.typeCondition.name.value, type))
          this.#collect({ set: selection.selectionSet, conditions: all }, type, within, groups)
      } else {
        const name = selection.name.value
        const fragment = within.includes(name) ? undefined : this.#fragments.get(name)
        if (fragment && this.#applies(fragment.typeCondition.name.value, type))
          this.#collect({ set: fragment.selectionSet, conditions: all }, type, [...within, name], groups)
      }
    }
  }

  #applies(condition: string, type: GraphQLObjectType): boolean {
    const named = this.#schema.getType(condition)
    return named === type || (isAbstractType(named) && this.#schema.isSubType(named, type))
  }

  #ofField(group: readonly Selected[], type: GraphQLObjectType, giver: Giver | undefined): Cost {
    const [first] = group
    const definition = first && this.#definitionOf(first.field.name.value, type)
    if (!first || !definition) return sum([], 1)
    const coordinate = `${type.name}.${definition.name}`
    const size = this.#costs.sizes.get(coordinate)
    const result = getNamedType(definition.type)
    const sets = group.flatMap(({ field }) => (field.selectionSet ? [{ set: field.selectionSet, conditions: [] }] : []))
    const own: Giver | undefined = size && { size, field: first.field, definition }
    const inner = isCompositeType(result) ? this.ofSets(sets, result, own) : undefined
    const weight = this.#costs.weights.get(coordinate) ?? 1
    const sizedBy = size && size.sizedFields.length === 0 ? own : giver?.size.sizedFields.includes(definition.name) ? giver : undefined
    const cost = isList(definition) ? listCost(weight, sizedBy, inner) : sum(inner ? [inner] : [], weight)
    return whereIncluded(group, cost)
  }

  #definitionOf(name: string, type: GraphQLObjectType): GraphQLField<unknown, unknown> | undefined {
    if (type === this.#schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef
      if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef
    }
    return type.getFields()[name]
  }
}

/**
 * A field with `@listSize`. The directive bounds the list that the field returns. If the field returns an object, the directive bounds a
 * list in this object.
 */
interface Giver {
  readonly size: ListSize
  readonly field: FieldNode
  readonly definition: GraphQLField<unknown, unknown>
}

function listCost(weight: number, giver: Giver | undefined, inner: Cost | undefined): Cost {
  const itemsOf = giver ? sizeOf(giver) : () => 1
  return (variables, now) => weight + itemsOf(variables, now) * (1 + (inner?.(variables, now) ?? 0))
}

function sizeOf({ size, field, definition }: Giver): Cost {
  const { assumedSize, slicingArguments, slicingArgumentDefaultValue, hoursBetween, daysBetween } = size
  const argument = (path: string, variables: Variables): unknown => {
    const [name, ...steps] = path.split('.')
    const given = field.arguments?.find((node) => node.name.value === name)?.value
    const value = given && inputValue(given, variables)
    const whole = value === undefined ? definition.args.find((declared) => declared.name === name)?.defaultValue : value
    return steps.reduce((inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined), whole)
  }
  const [from, to] = hoursBetween.length > 0 ? hoursBetween : daysBetween
  const itemsOf = hoursBetween.length > 0 ? hoursOf : daysOf
  if (from !== undefined && to !== undefined)
    return (variables, now) => bounded(itemsOf(argument(from, variables), argument(to, variables), now), assumedSize)
  if (slicingArguments.length === 0) return () => assumedSize
  return (variables) => {
    const given = slicingArguments.map((name) => argument(name, variables)).filter((value) => value !== undefined && value !== null)
    return given.length === 0 ? (slicingArgumentDefaultValue ?? assumedSize) : bounded(Math.max(...given.map(numberOf)), assumedSize)
  }
}

/** Returns an upper bound of the number of hours in a range of times. A field with `hoursBetween` returns one item for each hour. */
function hoursOf(from: unknown, to: unknown, now: number): number {
  const begin = typeof from === 'string' ? Date.parse(from) : Number.NaN
  const end = typeof to === 'string' ? Date.parse(to) : now
  return Math.ceil((end - begin) / HOUR_MS) + 1
}

/** Returns an upper bound of the number of days that a range touches in any time zone. Both ends and a change of clocks can each add a day. */
function daysOf(from: unknown, to: unknown, now: number): number {
  return Math.ceil(hoursOf(from, to, now) / 24) + 2
}

/** Returns the number itself for a number, and the length for a list; NaN for any other value. */
function numberOf(value: unknown): number {
  if (Array.isArray(value)) return value.length
  return typeof value === 'number' ? value : Number.NaN
}

/**
 * Limits the size of a list to the range from 0 to `most`. The size is NaN if an argument is no number, list or time. In this case, the
 * result is `most`. The resolver or the coercion of variables later refuses an argument that is wrong.
 */
function bounded(size: number, most: number): number {
  return Number.isNaN(size) ? most : Math.min(Math.max(size, 0), most)
}

/** Returns the JavaScript value of a literal or a variable, without checking the value against the schema. */
function inputValue(node: ValueNode, variables: Variables): unknown {
  if (node.kind === Kind.VARIABLE) return variables[node.name.value]
  if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return Number(node.value)
  if (node.kind === Kind.LIST) return node.values.map((item) => inputValue(item, variables))
  if (node.kind === Kind.OBJECT) return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, inputValue(value, variables)]))
  return node.kind === Kind.STRING || node.kind === Kind.BOOLEAN ? node.value : undefined
}

/** Returns the cost of a field. The cost is 0 if `@skip` or `@include` excludes all selections of the field; otherwise it is `cost`. */
function whereIncluded(group: readonly Selected[], cost: Cost): Cost {
  const always = group.some(({ conditions }) => conditions.every(({ name }) => name.value !== 'skip' && name.value !== 'include'))
  if (always) return cost
  return (variables, now) => (group.some(({ conditions }) => isIncluded(conditions, variables)) ? cost(variables, now) : 0)
}

function isIncluded(conditions: readonly DirectiveNode[], variables: Variables): boolean {
  return conditions.every(({ name, arguments: given }) => {
    const condition = given?.find((argument) => argument.name.value === 'if')
    const value = condition && inputValue(condition.value, variables)
    return name.value === 'skip' ? value !== true : name.value !== 'include' || value !== false
  })
}

function sum(costs: readonly Cost[], weight = 0): Cost {
  const [only] = costs
  if (!only) return () => weight
  if (costs.length === 1) return (variables, now) => weight + only(variables, now)
  return (variables, now) => costs.reduce((total, cost) => total + cost(variables, now), weight)
}

function dearest(costs: readonly Cost[]): Cost {
  return (variables, now) => costs.reduce((most, cost) => Math.max(most, cost(variables, now)), 0)
}

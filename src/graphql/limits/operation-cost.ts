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
import { type FieldCosts, isList, type ListSize } from './list-sizes.ts'
import { isStandardIntrospection } from './standard-introspection.ts'

type Variables = Readonly<Record<string, unknown>>

/** Computes a cost for the variables of one request. @param now Unix epoch, ms. */
export type Cost = (variables: Variables, now: number) => number

const HOUR_MS = 60 * 60 * 1000
const NO_VARIABLES: Variables = {}
const FREE: Cost = () => 0

/**
 * The cost of an operation: how many values its answer can have, a field at its `@cost` (1 without) and every item of a list at
 * what is selected of it. Lists count at what `@listSize` says, with the request's own arguments. An alias counts like any other
 * field; fields that are merged into one count once; of an abstract type the dearest possible type counts.
 *
 * The walk over the document happens once; what it gives is then computed for each request. The document must be valid and within
 * its limits: fragments are expanded.
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
  /** `@skip` and `@include` of the fragments around it. */
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

  /** @param giver The `@listSize` of the field that gives the object, where it has one, with that field's node. */
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

/** A field that says how long a list is, its own or one in the object that it gives. */
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
  const { assumedSize, slicingArguments, hoursBetween } = size
  const argument = (path: string, variables: Variables): unknown => {
    const [name, ...steps] = path.split('.')
    const given = field.arguments?.find((node) => node.name.value === name)?.value
    const value = given && inputValue(given, variables)
    const whole = value === undefined ? definition.args.find((declared) => declared.name === name)?.defaultValue : value
    return steps.reduce((inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined), whole)
  }
  const [from, to] = hoursBetween
  if (from !== undefined && to !== undefined)
    return (variables, now) => bounded(hoursOf(argument(from, variables), argument(to, variables), now), assumedSize)
  if (slicingArguments.length === 0) return () => assumedSize
  return (variables) => bounded(Math.max(...slicingArguments.map((name) => numberOf(argument(name, variables)))), assumedSize)
}

/** Hours that touch the range, as the field gives one item for each. */
function hoursOf(from: unknown, to: unknown, now: number): number {
  const begin = typeof from === 'string' ? Date.parse(from) : Number.NaN
  const end = typeof to === 'string' ? Date.parse(to) : now
  return Math.ceil((end - begin) / HOUR_MS) + 1
}

/** A number wanted, or the number of things that are asked for by their names. */
function numberOf(value: unknown): number {
  if (Array.isArray(value)) return value.length
  return typeof value === 'number' ? value : Number.NaN
}

/** Anything that is no number counts as the most: the resolver, or the check of variables, says what is wrong with it. */
function bounded(size: number, most: number): number {
  return Number.isNaN(size) ? most : Math.min(Math.max(size, 0), most)
}

/** The value that a literal or a variable has in JavaScript. It may have another type than the schema wants. */
function inputValue(node: ValueNode, variables: Variables): unknown {
  if (node.kind === Kind.VARIABLE) return variables[node.name.value]
  if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return Number(node.value)
  if (node.kind === Kind.LIST) return node.values.map((item) => inputValue(item, variables))
  if (node.kind === Kind.OBJECT) return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, inputValue(value, variables)]))
  return node.kind === Kind.STRING || node.kind === Kind.BOOLEAN ? node.value : undefined
}

/** Nothing where all the selections of a field are skipped. */
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

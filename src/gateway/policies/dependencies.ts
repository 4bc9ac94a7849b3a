import { type GraphQLField, type GraphQLObjectType, isLeafType } from 'graphql'
import { anyChangeTag, dimensionTag, type Entity, listTag, PUBLIC_TENANT } from '../../engine/cache/model/entity.ts'
import { GatewayError } from '../../errors.ts'
import type { CacheRule } from './cache-rules.ts'
import {
  type DependsCondition,
  type DependsItem,
  type DependsPredicate,
  type DependsSource,
  parseDependsItem,
  parseSource,
} from './depends-syntax.ts'
import { argumentType, type Input, valuesAt } from './depends-values.ts'
import { timeTagValues } from './time-dimensions.ts'

/** Function that returns the tags on which a value depends, for one item of `@cache(depends:)`. */
export type Dependency = (tenant: string, input: Input) => readonly string[]

/** Dependencies of the value of a cached field, compiled from the items of its `@cache(depends:)`. */
export interface FieldDependencies {
  readonly items: readonly Dependency[]
  /** Entities of the types that the items name. */
  readonly entities: readonly Entity[]
  /**
   * Dimensions that the items read, as `Type.column`. A dimension is a column by which lists are invalidated separately. Each value of the
   * column has a tag of its own.
   */
  readonly dimensions: readonly string[]
  /** Returns the text whose popularity decides the TTL of the value. This function is undefined if popularity is not counted. */
  readonly popularBy: ((input: Input) => string | undefined) | undefined
}

export interface CompileOptions {
  readonly rule: CacheRule
  readonly parentType: GraphQLObjectType
  readonly isRoot: boolean
  readonly field: GraphQLField<unknown, unknown>
  /** All declared entities, by type. */
  readonly entities: ReadonlyMap<string, Entity>
  /** Names of the properties that the parent object has; undefined if the resolver does not declare them. */
  readonly parentNames: readonly string[] | undefined
  /** Returns the part of a global id that identifies the object within its type; undefined for a text that is no global id. */
  readonly localId: (globalId: string) => string | undefined
}

/**
 * Maximum number of values of a list argument for which tags are built. If the list is longer, the predicate is skipped, and the next
 * predicate of the item is tried.
 */
const MAX_VALUES = 50

type Refuse = (problem: string) => GatewayError

/**
 * Compiles the arguments `depends` and `popularBy` of a field's `@cache`.
 * @throws GatewayError CONFIGURATION that names the field, the wrong item, and what is accepted instead.
 */
export function compileDependencies(options: CompileOptions): FieldDependencies {
  const { rule } = options
  const compiled = (rule.depends ?? []).map((text) => {
    const refuse: Refuse = (problem) =>
      new GatewayError('CONFIGURATION', `${rule.coordinate}: @cache(depends: ${JSON.stringify(text)}) ${problem}`)
    const item = parseDependsItem(text)
    if (!item) {
      throw refuse(
        'must read `Type`, `Type~` or `Type[column: $parent.name]` or `Type[column: $args.name]`: see the description of @cache in directives.graphql.',
      )
    }
    return compileItem(item, options, refuse)
  })
  return {
    items: compiled.map(({ dependency }) => dependency),
    entities: [...new Set(compiled.map(({ entity }) => entity))],
    dimensions: compiled.flatMap(({ entity, columns }) => columns.map((column) => `${entity.type}.${column}`)),
    popularBy: compilePopularBy(options),
  }
}

function compilePopularBy(options: CompileOptions): FieldDependencies['popularBy'] {
  const { popularBy: text, coordinate } = options.rule
  if (text === undefined) return undefined
  const refuse: Refuse = (problem) =>
    new GatewayError('CONFIGURATION', `${coordinate}: @cache(popularBy: ${JSON.stringify(text)}) ${problem}`)
  const source = parseSource(text)
  if (!source) throw refuse('must read `$args.name` or `$parent.name`.')
  const read = compileSource(source, null, options, refuse)
  return (input) => {
    const [first] = read(input)
    return typeof first === 'string' ? first : undefined
  }
}

function compileItem(item: DependsItem, options: CompileOptions, refuse: Refuse) {
  const { entities, rule } = options
  const entity = entities.get(item.type)
  if (!entity) throw refuse(`names no declared entity. Declared are: ${[...entities.keys()].sort().join(', ') || 'none'}.`)
  if (rule.scope === 'PUBLIC' && entity.tenantColumn !== null) throw refuse('is data of a tenant, but the field is of scope PUBLIC.')
  const predicates = item.predicates.map((predicate) => compilePredicate(predicate, entity, options, refuse))
  const counts = item.condition && compileCondition(item.condition, options, refuse)
  const dependency: Dependency = (tenant, input) => {
    if (counts && !counts(input)) return []
    const owner = entity.tenantColumn === null ? PUBLIC_TENANT : tenant
    if (item.anyChange) return [anyChangeTag(entity, owner)]
    for (const { tags } of predicates) {
      const found = tags(owner, input)
      if (found) return found
    }
    // No predicate applies, so the value depends on all lists of the type. An unnecessary invalidation does no harm, but a missing one
    // does.
    return [listTag(entity, owner)]
  }
  return { dependency, entity, columns: predicates.flatMap(({ columns }) => columns) }
}

function compileCondition({ source, values, isNegated }: DependsCondition, options: CompileOptions, refuse: Refuse) {
  const read = compileSource(source, null, options, refuse)
  return (input: Input) => {
    const found = read(input)
    return (values ? found.some((value) => values.includes(String(value))) : found.length > 0) !== isNegated
  }
}

interface CompiledPredicate {
  /**
   * Returns the tags of the predicate. Returns undefined if the predicate yields no tags, for example because the argument that it names is
   * absent. The next predicate is then tried.
   */
  readonly tags: (owner: string, input: Input) => readonly string[] | undefined
  readonly columns: readonly string[]
}

function compilePredicate(predicate: DependsPredicate, entity: Entity, options: CompileOptions, refuse: Refuse): CompiledPredicate {
  const { column } = predicate
  if (predicate.kind === 'range') {
    const time = entity.times?.[column]
    if (!time) throw refuse(`names no time dimension of ${entity.type}. It has: ${Object.keys(entity.times ?? {}).join(', ') || 'none'}.`)
    const [from, to] = [predicate.from, predicate.to].map((source) => compileSource(source, null, options, refuse))
    return {
      tags: (owner, input) => {
        const values = timeTagValues(from?.(input)[0], to?.(input)[0], input.now, predicate.onlyPast)
        return values?.map(({ unit, value }) => dimensionTag(entity, owner, time[unit], value))
      },
      columns: [time.day, time.month],
    }
  }
  if (!entity.dimensions.includes(column))
    throw refuse(`names no dimension of ${entity.type}. It has: ${entity.dimensions.join(', ') || 'none'}.`)
  const read = compileSource(predicate.source, entity.spelling?.[column] ?? null, options, refuse)
  return {
    tags: (owner, input) => {
      const values = read(input)
      if (values.length === 0 || values.length > MAX_VALUES || !values.every(isTagValue)) return undefined
      return values.map((value) => dimensionTag(entity, owner, column, value))
    },
    columns: [column],
  }
}

/**
 * Returns a function that reads the values of a source, which is a property of the parent or an argument of the field.
 * @param spell Converts a value from the form in which clients send it to the form in which the column stores it; null if the two forms are
 * the same.
 */
function compileSource(source: DependsSource, spell: ((asked: string) => string) | null, options: CompileOptions, refuse: Refuse) {
  const { isRoot, parentType, parentNames, field, localId, rule } = options
  const { path } = source
  const spelled = (value: unknown) => (spell && typeof value === 'string' ? orUndefined(() => spell(value)) : value)
  if (source.of === 'parent') {
    if (isRoot) throw refuse(`reads $parent, but a field of ${parentType.name} has none.`)
    if (!parentNames) {
      throw refuse(
        `reads $parent.${path.join('.')}, but nobody says what the value of a ${parentType.name} has: name it where the resolver of ${rule.coordinate} is made, as batched(load, ['${path.join('.')}']).`,
      )
    }
    if (!parentNames.includes(path.join('.')))
      throw refuse(
        `reads $parent.${path.join('.')}, which the value of a ${parentType.name} does not have. It has: ${parentNames.join(', ')}.`,
      )
    return (input: Input) => valuesAt(input.parent, path).map(spelled)
  }
  const leaf = argumentType(field, path)
  if (!leaf)
    throw refuse(`reads an argument that the field does not have. It has: ${field.args.map(({ name }) => name).join(', ') || 'none'}.`)
  if (!isLeafType(leaf)) throw refuse(`reads ${leaf.name}, an input object: name one of its fields.`)
  // Arguments of type ID are global ids, but columns hold the id within the type.
  const decode = (value: unknown) => (leaf.name === 'ID' && typeof value === 'string' ? localId(value) : spelled(value))
  return (input: Input) => valuesAt(input.args, path).map(decode)
}

function isTagValue(value: unknown): value is string | number | boolean {
  if (typeof value === 'boolean') return true
  return (typeof value === 'string' && value.length <= 256) || (typeof value === 'number' && Number.isSafeInteger(value))
}

/** Returns the result of `work`; undefined if it throws, because a client may send a value that the column cannot hold. */
function orUndefined<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

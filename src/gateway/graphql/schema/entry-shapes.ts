import { hash } from 'node:crypto'
import { type GraphQLField, type GraphQLNamedType, getNamedType, isAbstractType, isLeafType, isObjectType, print } from 'graphql'
import type { Entity } from '../../../engine/cache/model/entity.ts'
import { canonicalJson, type Json } from '../../../engine/cache/model/key.ts'
import type { CacheRule } from '../../policies/cache-rules.ts'
import type { FieldDependencies } from '../../policies/dependencies.ts'
import { inputTypes, printedField, printedType } from './printed-types.ts'
import type { CheckedSchema } from './schema-checks.ts'

/**
 * A cache rule with the namespace of its cache keys, such as `Query.campaigns@Vx3kQ0-r2s`: the coordinate, and a hash of the shape of the
 * cached values.
 */
export interface KeyedRule extends CacheRule {
  readonly namespace: string
}

export type KeyedRules = ReadonlyMap<string, KeyedRule>

/**
 * Version of the format of cache entries: how a value is stored, and how the texts of its tags are built. Raise the version when this
 * format changes. Releases with different versions share no cache entries.
 */
const FORMAT = 1
/**
 * Length of the hash of a shape, characters of base64url. These 60 bits suffice to distinguish the few shapes that one coordinate has over
 * time.
 */
const SHAPE_LENGTH = 10

/** Returns the hash of a shape (a description of how values are stored), for cache keys. */
export function shapeHash(parts: Json): string {
  return hash('sha256', canonicalJson(parts), 'base64url').slice(0, SHAPE_LENGTH)
}

/**
 * Adds a namespace to each rule. The namespace contains a hash of the shape of the cached values, so releases that share Redis never read
 * entries of another shape. The shape is everything that decides how an entry is written and read:
 * - the SDL of the value, and the versions of the loaders from which it comes,
 * - the scope, and the arguments `depends` and `tags` of `@cache`,
 * - the declarations of the entities that the value contains, that `depends` names, or to which the parent belongs. The tags of the entry
 *   are built from these declarations.
 *
 * TTLs are not part of the shape.
 */
export function keyRules(checked: CheckedSchema, dependencies: ReadonlyMap<string, FieldDependencies>): KeyedRules {
  return new Map(
    [...checked.rules].map(([coordinate, rule]) => {
      const parts = rowParts(rule, checked) ?? fieldParts(rule, checked, dependencies.get(coordinate)?.entities ?? [])
      return [coordinate, { ...rule, namespace: `${coordinate}@${shapeHash([FORMAT, rule.scope, ...parts, ...tagParts(rule)])}` }]
    }),
  )
}

/**
 * Returns the free tags of a rule (argument `tags` of `@cache`) as a part of its shape. Invalidating a free tag does not reach entries that
 * were stored without this tag. So a rule must not read entries that were stored with other free tags.
 */
function tagParts({ tags }: CacheRule): readonly Json[] {
  return tags.length === 0 ? [] : [['tags', ...tags.toSorted()]]
}

/**
 * Returns a description of the stored form (shape) of a type's rows, for the hash; undefined if the rule is not for a type but for a field.
 */
function rowParts({ coordinate }: CacheRule, checked: CheckedSchema): readonly Json[] | undefined {
  const type = checked.schema.getType(coordinate)
  return type && ['row', ...typesIn(type, [], checked)]
}

function fieldParts({ coordinate, depends = [] }: CacheRule, checked: CheckedSchema, named: readonly Entity[]): readonly Json[] {
  const { schema, batched, entityTypes } = checked
  const [typeName = '', fieldName = ''] = coordinate.split('.')
  const parent = schema.getType(typeName)
  const field = isObjectType(parent) ? parent.getFields()[fieldName] : undefined
  const mark = batched.get(coordinate)
  if (!field || !mark) throw new TypeError(`${coordinate} has @cache, but is no batched field: checkSchema(...) must come first.`)
  const parentEntity = entityTypes.get(typeName)?.entity
  const entities = [...named, ...(parentEntity ? [parentEntity] : [])].map((entity) => canonicalJson(declarationOf(entity))).sort()
  const types = typesIn(getNamedType(field.type), inputTypes(field), checked)
  return [mark.holds, mark.version, printedField(field), depends, entities, ...types]
}

/**
 * Returns the SDL of the types that an entry contains. For each entity type among these types, also returns the declaration of the entity
 * and the version of its loader.
 */
function typesIn(result: GraphQLNamedType, inputs: Iterable<GraphQLNamedType>, checked: CheckedSchema): readonly Json[] {
  const types = new Set([...inputs, ...typesWithin(result, checked)])
  const rows = [...types].flatMap(({ name }) => checked.entityTypes.get(name) ?? [])
  const printed = [...types].map(printedType).sort()
  return [printed, rows.map(({ entity, version = 1 }) => canonicalJson([declarationOf(entity), version])).sort()]
}

/**
 * Returns the types that a value of the given type can contain. It leaves out the types of values that have cache entries of their own:
 * values of batched fields, and rows that a row refers to.
 */
function typesWithin(start: GraphQLNamedType, { schema, entityTypes, batched }: CheckedSchema): ReadonlySet<GraphQLNamedType> {
  const found = new Set<GraphQLNamedType>()
  const inRows = new Set<GraphQLNamedType>()
  const pending = [{ type: start, isInRow: false }]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { type, isInRow } = next
    const seen = isInRow ? inRows : found
    const isRow = entityTypes.has(type.name)
    if (seen.has(type) || (isRow && isInRow)) continue
    seen.add(type)
    if (isAbstractType(type)) pending.push(...schema.getPossibleTypes(type).map((member) => ({ type: member, isInRow })))
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      if (!batched.has(`${type.name}.${field.name}`)) pending.push({ type: getNamedType(field.type), isInRow: isInRow || isRow })
    }
  }
  return found.union(inRows)
}

/** Returns the parts of an entity's declaration that determine the tags and keys of its rows, in a canonical order. */
function declarationOf({ type, table, tenantColumn, idColumn, dimensions, listed, times = {}, spelling = {} }: Entity): Json {
  const spelled = Object.keys(spelling).sort()
  return { type, table, tenantColumn, idColumn, dimensions: dimensions.toSorted(), listed: listed.toSorted(), times, spelled }
}

/**
 * Returns the hash of a field's shape, for cached whole responses that contain the field. The shape consists of two parts. The first part
 * is the declaration of the field with its directives, such as the required role. The second part is the namespaces of the cache rules that
 * apply to the field. They contain the shapes of the cache entries from which the field's value is built.
 */
export function answerShape(coordinate: string, field: GraphQLField<unknown, unknown>, rules: readonly KeyedRule[]): string {
  const result = getNamedType(field.type)
  const types = [...inputTypes(field), ...(isLeafType(result) ? [result] : [])].map(printedType).sort()
  const directives = (field.astNode?.directives ?? []).map((directive) => print(directive)).sort()
  return shapeHash([coordinate, printedField(field), types, directives, rules.map(({ namespace }) => namespace).sort()])
}

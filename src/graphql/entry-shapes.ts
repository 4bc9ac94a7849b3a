import { hash } from 'node:crypto'
import { type GraphQLField, type GraphQLNamedType, getNamedType, isAbstractType, isLeafType, isObjectType, print } from 'graphql'
import type { Entity } from '../cache/entity.ts'
import { canonicalJson, type Json } from '../cache/key.ts'
import type { CacheRule } from './cache-rules.ts'
import type { FieldDependencies } from './dependencies.ts'
import { inputTypes, printedField, printedType } from './printed-types.ts'
import type { CheckedSchema } from './schema-checks.ts'

/** A rule with the namespace of its keys, such as `Query.campaigns@Vx3kQ0-r2s`: the coordinate and the shape of what is kept. */
export interface KeyedRule extends CacheRule {
  readonly namespace: string
}

export type KeyedRules = ReadonlyMap<string, KeyedRule>

/**
 * Number of the way in which this folder wraps loaded values and spells their tags. Raise it when either changes: a release with
 * another number shares no entries with this one.
 */
const FORMAT = 1
/** 60 bits: what must be told apart is the few shapes that one coordinate has had. */
const SHAPE_LENGTH = 10

/** Returns the hash that stands for a shape in keys. */
export function shapeHash(parts: Json): string {
  return hash('sha256', canonicalJson(parts), 'base64url').slice(0, SHAPE_LENGTH)
}

/**
 * Gives each rule a namespace that holds the shape its entries are made for, so that releases that share Redis never read each
 * other's shapes. The shape is what decides how an entry is made and read: the SDL of what the value can hold, the declarations of the
 * entities that its tags are made from, `depends`, the scope, and the loader's version. How long entries live is no part of it.
 */
export function keyRules(checked: CheckedSchema, dependencies: ReadonlyMap<string, FieldDependencies>): KeyedRules {
  return new Map(
    [...checked.rules].map(([coordinate, rule]) => {
      const parts = rowParts(rule, checked) ?? fieldParts(rule, checked, dependencies.get(coordinate)?.entities ?? [])
      return [coordinate, { ...rule, namespace: `${coordinate}@${shapeHash([FORMAT, rule.scope, ...parts])}` }]
    }),
  )
}

/** Undefined for the rule of a field. */
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

/** The types that an entry is made of, and of the rows among them the declarations and the loaders' versions. */
function typesIn(result: GraphQLNamedType, inputs: Iterable<GraphQLNamedType>, checked: CheckedSchema): readonly Json[] {
  const types = new Set([...inputs, ...typesWithin(result, checked)])
  const rows = [...types].flatMap(({ name }) => checked.entityTypes.get(name) ?? [])
  const printed = [...types].map(printedType).sort()
  return [printed, rows.map(({ entity, version = 1 }) => canonicalJson([declarationOf(entity), version])).sort()]
}

/**
 * What a value of the type can hold. What other loads through the cache give is left out: the values of batched fields, and the rows that
 * a row refers to.
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

/** A declaration as far as it decides about the tags and the keys of entries, in one order. */
function declarationOf({ type, table, tenantColumn, idColumn, dimensions, listed, times = {}, spelling = {} }: Entity): Json {
  const spelled = Object.keys(spelling).sort()
  return { type, table, tenantColumn, idColumn, dimensions: dimensions.toSorted(), listed: listed.toSorted(), times, spelled }
}

/**
 * The shape of a field in an answer that is kept as a whole: how the field is declared, its directives included (a role that is demanded,
 * how long others may keep a copy), and the shapes of the entries that it is made of.
 */
export function answerShape(coordinate: string, field: GraphQLField<unknown, unknown>, rules: readonly KeyedRule[]): string {
  const result = getNamedType(field.type)
  const types = [...inputTypes(field), ...(isLeafType(result) ? [result] : [])].map(printedType).sort()
  const directives = (field.astNode?.directives ?? []).map((directive) => print(directive)).sort()
  return shapeHash([coordinate, printedField(field), types, directives, rules.map(({ namespace }) => namespace).sort()])
}

import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql'
import { isFreeTagName } from '../../../engine/cache/model/entity.ts'
import { GatewayError } from '../../../errors.ts'
import type { BatchedMark, Module } from '../../contract/module.ts'
import type { CacheRule, CacheRules } from '../../policies/cache-rules.ts'
import { hintProblems } from './hint-directives.ts'
import { listSizeProblems } from './list-sizes.ts'
import { requiredRole } from './roles.ts'

export interface CheckedSchema {
  readonly schema: GraphQLSchema
  readonly rules: CacheRules
  readonly entityTypes: ReadonlyMap<string, Module['entities'][number]>
  /** Fields whose resolver was created by `batched`, by coordinate. */
  readonly batched: ReadonlyMap<string, BatchedMark>
  /** Fields for which a module has a resolver, by coordinate. */
  readonly resolved: ReadonlySet<string>
}

const ADD_MODULE = 'put the type in the entities of its module, and the module in the list of modules'
const ADD_RESOLVER = 'write it, or put its module in the list of modules'

/**
 * Refuses a schema in which cached values could become stale unnoticed or reach the wrong caller, or in which the cost of an operation has
 * no bound.
 * @throws GatewayError CONFIGURATION that lists every problem.
 */
export function checkSchema(checked: CheckedSchema): void {
  const problems = [
    ...entityProblems(checked),
    ...nodeProblems(checked),
    ...rowProblems(checked),
    ...rootProblems(checked),
    ...[...checked.rules.values()].flatMap((rule) => ruleProblems(rule, checked)),
    ...hintProblems(checked),
    ...listSizeProblems(checked.schema),
  ]
  if (problems.length > 0)
    throw new GatewayError('CONFIGURATION', `The schema cannot be served:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
}

/**
 * Returns the fields whose resolvers `batched` created, by coordinate. These fields load through the cache. The resolvers come from the
 * modules, because an executable schema wraps each resolver, and the wrapper does not have the mark of `batched`.
 */
export function batchedFields(modules: readonly Module[]): ReadonlyMap<string, BatchedMark> {
  const marks = new Map<string, BatchedMark>()
  for (const { resolvers } of modules) {
    for (const [type, fields] of Object.entries(resolvers)) {
      if (typeof fields !== 'object' || fields === null) continue
      for (const [field, resolver] of Object.entries(fields)) {
        if (isBatched(resolver)) marks.set(`${type}.${field}`, resolver)
      }
    }
  }
  return marks
}

/** Returns the coordinates of all fields for which a module has a resolver. */
export function resolvedFields(modules: readonly Module[]): ReadonlySet<string> {
  return new Set(
    modules.flatMap(({ resolvers }) =>
      Object.entries(resolvers).flatMap(([type, fields]) => Object.keys(fields ?? {}).map((field) => `${type}.${field}`)),
    ),
  )
}

function isBatched(resolver: unknown): resolver is BatchedMark {
  return typeof resolver === 'function' && 'batched' in resolver && resolver.batched === true
}

function* entityProblems({ schema, entityTypes }: CheckedSchema): Iterable<string> {
  for (const name of entityTypes.keys()) {
    if (!isObjectType(schema.getType(name))) yield `${name}: is declared as an entity type, but the schema has no object type of that name.`
  }
}

/** Finds types that implement `Node` but have no entity type. `node(id:)` could not load them. */
function* nodeProblems({ schema, entityTypes }: CheckedSchema): Iterable<string> {
  const node = schema.getType('Node')
  for (const { name } of isInterfaceType(node) ? schema.getImplementations(node).objects : []) {
    if (!entityTypes.has(name)) yield `${name}: implements Node, but no module declares an entity type ${name}: ${ADD_MODULE}.`
  }
}

/**
 * Finds fields of rows that need a resolver and have none: the global id, and fields that return objects. The columns of a row contain
 * neither.
 */
function* rowProblems({ schema, entityTypes, resolved }: CheckedSchema): Iterable<string> {
  for (const name of entityTypes.keys()) {
    const type = schema.getType(name)
    if (!isObjectType(type)) continue
    const isNode = type.getInterfaces().some((implemented) => implemented.name === 'Node')
    for (const field of Object.values(type.getFields())) {
      if (resolved.has(`${name}.${field.name}`)) continue
      if (isNode && field.name === 'id')
        yield `${name}.id: no module has a resolver for it, so it would not be a global id: ${ADD_RESOLVER}.`
      if (isCompositeType(getNamedType(field.type)))
        yield `${name}.${field.name}: no module has a resolver for it, and no column of a row is an object: ${ADD_RESOLVER}.`
    }
  }
}

/** Finds root fields without a resolver. Such a field would always be null, because it has no parent whose property it could return. */
function* rootProblems({ schema, resolved }: CheckedSchema): Iterable<string> {
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.keys(type?.getFields() ?? {})) {
      const coordinate = `${type?.name}.${field}`
      if (!resolved.has(coordinate)) yield `${coordinate}: no module has a resolver for it, so it would always be null: ${ADD_RESOLVER}.`
    }
  }
}

function ruleProblems(rule: CacheRule, checked: CheckedSchema): string[] {
  const [typeName = '', fieldName] = rule.coordinate.split('.')
  const type = checked.schema.getType(typeName)
  if (!isObjectType(type)) return []
  const wrong = rule.tags.find((tag) => !isFreeTagName(tag))
  if (wrong !== undefined)
    return [
      `${rule.coordinate}: @cache(tags:) has ${JSON.stringify(wrong)}: expected up to 63 small letters, digits and hyphens, a letter first, and not "management".`,
    ]
  if (fieldName === undefined) return [...typeProblems(rule, type, checked)]
  const field = type.getFields()[fieldName]
  return field ? [...fieldProblems(rule, type, field, checked)] : []
}

function* typeProblems(rule: CacheRule, type: GraphQLObjectType, checked: CheckedSchema): Iterable<string> {
  const entityType = checked.entityTypes.get(type.name)
  if (!entityType) {
    yield `${rule.coordinate}: has @cache, but no module declares an entity type ${type.name}, so nothing loads or invalidates its rows: ${ADD_MODULE}.`
    return
  }
  const isPublic = entityType.entity.tenantColumn === null
  if (isPublic !== (rule.scope === 'PUBLIC')) {
    yield `${rule.coordinate}: @cache(scope: ${rule.scope}) but the entity ${isPublic ? 'has no tenant column: its scope must be PUBLIC' : `belongs to a tenant by ${entityType.entity.tenantColumn}: its scope cannot be PUBLIC`}.`
  }
  if (rule.depends) yield `${rule.coordinate}: @cache(depends:) is for fields; the rows of a type depend on themselves.`
  if (rule.popularBy !== undefined)
    yield `${rule.coordinate}: @cache(popularBy:) is for fields; rows are not told apart by their popularity.`
  if (rule.scope === 'PUBLIC') yield* privateReaches(rule, type, checked)
}

function* fieldProblems(
  rule: CacheRule,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  checked: CheckedSchema,
): Iterable<string> {
  const { schema } = checked
  if (type === schema.getMutationType()) yield `${rule.coordinate}: a mutation cannot be cached: remove its @cache.`
  if (!checked.batched.has(rule.coordinate))
    yield `${rule.coordinate}: has @cache, but its resolver is not batched(...), so nothing would be cached.`
  if (!rule.depends)
    yield `${rule.coordinate}: its @cache has no depends: name the types that it is computed from, or write depends: [] where its parent and its arguments are all that it is computed from.`
  if (rule.scope !== 'PUBLIC') return
  const above = privateAbove(type, checked)
  if (above) yield `${rule.coordinate}: is of scope PUBLIC, but ${above}: give it the scope of its parent.`
  if (requiredRole(field)) yield `${rule.coordinate}: is of scope PUBLIC and demands a role by @auth: one of them is wrong.`
  const result = getNamedType(field.type)
  for (const reached of isAbstractType(result) ? schema.getPossibleTypes(result) : isObjectType(result) ? [result] : [])
    yield* privateReaches(rule, reached, checked)
}

/**
 * Returns why the values of a type are not public, as a part of a sentence; undefined if they are public. A public value that was computed
 * from a row of a tenant would be shared by all tenants, and no tag of the tenant would invalidate it.
 */
function privateAbove(type: GraphQLObjectType, { schema, rules, entityTypes }: CheckedSchema): string | undefined {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  const seen = new Set<GraphQLObjectType>()
  const pending = [type]
  for (let below = pending.pop(); below; below = pending.pop()) {
    const entity = entityTypes.get(below.name)?.entity
    if (entity && entity.tenantColumn !== null) return `${below.name} above it belongs to a tenant`
    if (entity || roots.has(below) || seen.has(below)) continue
    seen.add(below)
    for (const [parent, field] of givers(below, schema)) {
      const scope = rules.get(`${parent.name}.${field.name}`)?.scope
      if (scope && scope !== 'PUBLIC') return `${parent.name}.${field.name} above it is of scope ${scope}`
      if (!scope) pending.push(parent)
    }
  }
  return undefined
}

/** Finds the fields that can return an object of the type. Each comes with the type to which the field belongs. */
function* givers(type: GraphQLObjectType, schema: GraphQLSchema): Iterable<readonly [GraphQLObjectType, GraphQLField<unknown, unknown>]> {
  for (const parent of Object.values(schema.getTypeMap())) {
    if (!isObjectType(parent)) continue
    for (const field of Object.values(parent.getFields())) {
      const result = getNamedType(field.type)
      if (result === type || (isAbstractType(result) && schema.getPossibleTypes(result).includes(type))) yield [parent, field]
    }
  }
}

/**
 * Finds private values that can be selected below a public value. Public responses are shared by all callers and stored outside the
 * gateway, so they must not contain private values.
 */
function* privateReaches(
  rule: CacheRule,
  from: GraphQLObjectType,
  { schema, rules, entityTypes, batched }: CheckedSchema,
): Iterable<string> {
  const seen = new Set<GraphQLObjectType>()
  const pending = [from]
  for (let type = pending.pop(); type; type = pending.pop()) {
    if (seen.has(type)) continue
    seen.add(type)
    const entity = entityTypes.get(type.name)?.entity
    if (entity && entity.tenantColumn !== null) {
      yield `${rule.coordinate}: is of scope PUBLIC but reaches ${type.name}, whose rows belong to a tenant.`
      continue
    }
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`
      const scope = rules.get(coordinate)?.scope
      if (coordinate === rule.coordinate || scope === 'PUBLIC') continue
      if (scope) yield `${rule.coordinate}: is of scope PUBLIC but reaches ${coordinate}, which is of scope ${scope}.`
      else if (requiredRole(field)) yield `${rule.coordinate}: is of scope PUBLIC but reaches ${coordinate}, which demands a role.`
      else if (batched.has(coordinate))
        yield `${rule.coordinate}: is of scope PUBLIC but reaches ${coordinate}, which is loaded without @cache(scope: PUBLIC).`
      const next = getNamedType(field.type)
      if (isObjectType(next)) pending.push(next)
      else if (isAbstractType(next)) pending.push(...schema.getPossibleTypes(next))
    }
  }
}

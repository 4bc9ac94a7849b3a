import { type GraphQLField, type GraphQLObjectType, type GraphQLSchema, getNamedType, isAbstractType, isObjectType } from 'graphql'
import { GatewayError } from '../errors.ts'
import type { BatchedMark, Module } from '../modules/module.ts'
import type { CacheRule, CacheRules } from './cache-rules.ts'
import { hintProblems } from './hint-directives.ts'
import { listSizeProblems } from './limits/list-sizes.ts'
import { requiredRole } from './roles.ts'

export interface CheckedSchema {
  readonly schema: GraphQLSchema
  readonly rules: CacheRules
  readonly entityTypes: ReadonlyMap<string, Module['entities'][number]>
  /** By coordinate: the fields whose resolvers are batched. */
  readonly batched: ReadonlyMap<string, BatchedMark>
  /** The types that `node(id)` gives; undefined where no module resolves it. */
  readonly nodeTypes: ReadonlySet<string> | undefined
}

/**
 * Refuses a schema whose caching could not be kept true or private, or whose operations could have any cost.
 * @throws GatewayError CONFIGURATION that lists every problem.
 */
export function checkSchema(checked: CheckedSchema): void {
  const problems = [
    ...entityProblems(checked),
    ...[...checked.rules.values()].flatMap((rule) => ruleProblems(rule, checked)),
    ...hintProblems(checked),
    ...listSizeProblems(checked.schema),
  ]
  if (problems.length > 0)
    throw new GatewayError('CONFIGURATION', `The schema cannot be served:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
}

/**
 * The coordinates of the fields that load through the cache: `batched` marks their resolvers. Asked of the modules, because
 * making the schema executable wraps resolvers.
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

function isBatched(resolver: unknown): resolver is BatchedMark {
  return typeof resolver === 'function' && 'batched' in resolver && resolver.batched === true
}

function* entityProblems({ schema, entityTypes, nodeTypes }: CheckedSchema): Iterable<string> {
  for (const name of entityTypes.keys()) {
    const type = schema.getType(name)
    if (!isObjectType(type)) yield `${name}: is declared as an entity type, but the schema has no object type of that name.`
    else if (nodeTypes && !nodeTypes.has(name) && type.getInterfaces().some((implemented) => implemented.name === 'Node'))
      yield `${name}: implements Node, but node(id) does not give it: add it to the types of createNodeModule(...).`
  }
}

function ruleProblems(rule: CacheRule, checked: CheckedSchema): string[] {
  const [typeName = '', fieldName] = rule.coordinate.split('.')
  const type = checked.schema.getType(typeName)
  if (!isObjectType(type)) return []
  if (fieldName === undefined) return [...typeProblems(rule, type, checked)]
  const field = type.getFields()[fieldName]
  return field ? [...fieldProblems(rule, type, field, checked)] : []
}

function* typeProblems(rule: CacheRule, type: GraphQLObjectType, checked: CheckedSchema): Iterable<string> {
  const entityType = checked.entityTypes.get(type.name)
  if (!entityType) {
    yield `${rule.coordinate}: has @cache, but no module declares an entity type ${type.name}, so nothing loads or invalidates its rows.`
    return
  }
  const isPublic = entityType.entity.tenantColumn === null
  if (isPublic !== (rule.scope === 'PUBLIC')) {
    yield `${rule.coordinate}: @cache(scope: ${rule.scope}) but the entity ${isPublic ? 'has no tenant column: its scope must be PUBLIC' : `belongs to a tenant by ${entityType.entity.tenantColumn}: its scope cannot be PUBLIC`}.`
  }
  if (rule.depends) yield `${rule.coordinate}: @cache(depends:) is for fields; the rows of a type depend on themselves.`
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
 * Why the values of a type are not public, as a part of a sentence; undefined where they are. What is computed from the row of a tenant
 * would be shared by all tenants, and no tag of the tenant would invalidate it.
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

/** The fields that can give an object of the type, each with the type it is of. */
function* givers(type: GraphQLObjectType, schema: GraphQLSchema): Iterable<readonly [GraphQLObjectType, GraphQLField<unknown, unknown>]> {
  for (const parent of Object.values(schema.getTypeMap())) {
    if (!isObjectType(parent)) continue
    for (const field of Object.values(parent.getFields())) {
      const result = getNamedType(field.type)
      if (result === type || (isAbstractType(result) && schema.getPossibleTypes(result).includes(type))) yield [parent, field]
    }
  }
}

/** What is public must not lead to what is not: its answers are shared by everyone and stored outside. */
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

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type IExecutableSchemaDefinition, makeExecutableSchema } from '@graphql-tools/schema'
import { buildASTSchema, concatAST, type DocumentNode, type GraphQLSchema, isObjectType, parse, Source } from 'graphql'
import type { Entity } from '../../../engine/cache/model/entity.ts'
import { GatewayError } from '../../../errors.ts'
import type { Module } from '../../contract/module.ts'
import { compileDependencies, type FieldDependencies } from '../../policies/dependencies.ts'
import type { PolicyAttribute } from '../../policies/policy-attributes.ts'
import { type PolicyOverrides, PolicyRegistry } from '../../policies/policy-registry.ts'
import { authorizeFields } from './authorization.ts'
import { offerCacheHints } from './cache-hints.ts'
import { type KeyedRules, keyRules } from './entry-shapes.ts'
import type { FieldPlan } from './field-plans.ts'
import { withCacheHints } from './hint-directives.ts'
import { type FieldCosts, readFieldCosts } from './list-sizes.ts'
import { nameCauses } from './mutation-causes.ts'
import { PlannedPolicies } from './planned-policies.ts'
import { batchedFields, type CheckedSchema, checkSchema, resolvedFields } from './schema-checks.ts'

export interface SchemaOptions {
  /** The SDL of the whole schema as one document. */
  readonly typeDefs: DocumentNode
  readonly modules: readonly Module[]
  /** Overrides of cache policies that the configuration sets. */
  readonly overrides: PolicyOverrides
  /** Test-only: attributes of cache policies, in place of POLICY_ATTRIBUTES. */
  readonly attributes?: readonly PolicyAttribute[]
  /** Returns the part of a global id that identifies the object within its type; undefined for a text that is no global id. */
  readonly localId: (globalId: string) => string | undefined
}

/**
 * The executable schema, and everything that is computed from it before the first request. `rules` and `fields` change when the cache
 * policies change.
 */
export interface GatewaySchema {
  readonly schema: GraphQLSchema
  readonly policies: PolicyRegistry
  readonly rules: KeyedRules
  /** Dependencies of the cached fields, by the coordinate of the field. */
  readonly dependencies: ReadonlyMap<string, FieldDependencies>
  /** Tables that a load of a cached type or field may read, by coordinate. */
  readonly coveredTables: ReadonlyMap<string, ReadonlySet<string>>
  /** Tables whose rows never change, which every load may read. */
  readonly constantTables: readonly string[]
  /**
   * Dimensions (columns with separate list tags), as `Type.column`, that no `depends` reads. Writes emit tags for them although nothing
   * uses these tags.
   */
  readonly unreadDimensions: readonly string[]
  /** Entity types by the name of their type. */
  readonly entityTypes: ReadonlyMap<string, Module['entities'][number]>
  /** Plan of each field, by the coordinate of the field. The plan says how the field restricts the caching of a response. */
  readonly fields: ReadonlyMap<string, FieldPlan>
  readonly costs: FieldCosts
}

/**
 * Parses the *.graphql files of a folder and joins them to one document.
 * @throws GatewayError CONFIGURATION if there is no such file or one cannot be parsed.
 */
export async function readTypeDefs(folder: string): Promise<DocumentNode> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.graphql')).sort()
  if (names.length === 0) throw new GatewayError('CONFIGURATION', `Expected *.graphql files in ${folder}, found none.`)
  return concatAST(
    await Promise.all(
      names.map(async (name) => {
        try {
          return parse(new Source(await readFile(join(folder, name), 'utf8'), name))
        } catch (error) {
          throw new GatewayError('CONFIGURATION', `${name} does not parse: ${error instanceof Error ? error.message : error}`, {
            cause: error,
          })
        }
      }),
    ),
  )
}

/**
 * Makes the schema executable and checks its declarations of caching and access.
 * @throws GatewayError CONFIGURATION with every problem found, each with the coordinate that has it.
 */
export function buildGatewaySchema({ typeDefs, modules, overrides, attributes, localId }: SchemaOptions): GatewaySchema {
  const written = buildASTSchema(typeDefs)
  const policies = new PolicyRegistry({ schema: written, configured: overrides, attributes })
  const { rules: declared } = policies
  const schema = makeExecutableSchema({
    typeDefs: withCacheHints(typeDefs, written, declared),
    // The cast is safe, because graphql-tools checks the resolvers against the schema when the process starts. A more exact static type
    // would have to repeat the schema.
    resolvers: modules.map(({ resolvers }) => resolvers) as NonNullable<IExecutableSchemaDefinition['resolvers']>,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error', requireResolversForResolveType: 'error' },
  })
  const entityTypes = byType(modules.flatMap((module) => module.entities.map((type) => [type.entity.type, type] as const)))
  const watched = modules.flatMap((module) => module.watched ?? []).map((entity) => [entity.type, entity] as const)
  const entities = byType([...[...entityTypes].map(([type, { entity }]) => [type, entity] as const), ...watched])
  const checked = { schema, rules: declared, entityTypes, batched: batchedFields(modules), resolved: resolvedFields(modules) }
  checkSchema(checked)
  const dependencies = compileAll(checked, entities, localId)
  const constantTables = modules.flatMap((module) => module.constantTables ?? [])
  const namespaces = new Map([...keyRules(checked, dependencies)].map(([coordinate, { namespace }]) => [coordinate, namespace]))
  const planned = new PlannedPolicies({ policies, typeDefs, written, batched: checked.batched, namespaces })
  offerCacheHints(schema, planned)
  authorizeFields(schema, declared)
  nameCauses(schema)
  const coveredTables = tablesByCoordinate(checked, dependencies, constantTables)
  const unreadDimensions = unread(dependencies, entities)
  return {
    schema,
    policies,
    get rules() {
      return planned.rules
    },
    dependencies,
    coveredTables,
    constantTables,
    unreadDimensions,
    entityTypes,
    get fields() {
      return planned.fields
    },
    costs: readFieldCosts(schema),
  }
}

function unread(dependencies: ReadonlyMap<string, FieldDependencies>, entities: ReadonlyMap<string, Entity>): readonly string[] {
  const read = new Set([...dependencies.values()].flatMap(({ dimensions }) => dimensions))
  const declared = [...entities.values()].flatMap(({ type, dimensions }) => dimensions.map((column) => `${type}.${column}`))
  return declared.filter((dimension) => !read.has(dimension))
}

function compileAll(checked: CheckedSchema, entities: ReadonlyMap<string, Entity>, localId: SchemaOptions['localId']) {
  const { schema, rules, batched, entityTypes } = checked
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  const dependencies = new Map<string, FieldDependencies>()
  for (const rule of rules.values()) {
    const [typeName = '', fieldName] = rule.coordinate.split('.')
    const parentType = schema.getType(typeName)
    const field = fieldName !== undefined && isObjectType(parentType) ? parentType.getFields()[fieldName] : undefined
    if (!isObjectType(parentType) || !field) continue
    const parentEntity = entityTypes.get(typeName)?.entity
    const parentNames = batched.get(rule.coordinate)?.parentNames ?? (parentEntity && namesOfRow(parentEntity))
    const isRoot = roots.has(parentType)
    dependencies.set(rule.coordinate, compileDependencies({ rule, parentType, isRoot, field, entities, parentNames, localId }))
  }
  return dependencies
}

/**
 * Returns the tables that the loads of each type and field may read, by coordinate. A load of rows may read the table of these rows, and
 * those tables whose state the ids of the rows prove. A load
 * of a field may read the tables of its `depends` and the table of its parent's row. Every load may also read the constant tables, whose
 * rows never change.
 */
function tablesByCoordinate(
  { rules, entityTypes }: CheckedSchema,
  dependencies: ReadonlyMap<string, FieldDependencies>,
  constantTables: readonly string[],
) {
  return new Map(
    [...rules.keys()].map((coordinate) => {
      const type = entityTypes.get(coordinate.replace(/\..*/, ''))
      const own = type?.entity
      const proven = coordinate.includes('.') ? [] : (type?.provenTables ?? [])
      const tables = (dependencies.get(coordinate)?.entities ?? []).map(({ table }) => table)
      return [coordinate, new Set([...tables, ...(own ? [own.table] : []), ...proven, ...constantTables])] as const
    }),
  )
}

/** Returns the names of those properties of a row that are known from the declaration of its entity. */
function namesOfRow({ idColumn, tenantColumn, listed }: Entity): readonly string[] {
  const columns = [idColumn, tenantColumn, ...listed].filter((column) => column !== null)
  return [...new Set(['id', ...columns.map((column) => column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()))])]
}

function byType<Value>(pairs: readonly (readonly [string, Value])[]): ReadonlyMap<string, Value> {
  const map = new Map<string, Value>()
  for (const [type, value] of pairs) {
    if (map.has(type) && map.get(type) !== value)
      throw new GatewayError('CONFIGURATION', `Two modules declare the entity ${type}: declare it once and import it.`)
    map.set(type, value)
  }
  return map
}

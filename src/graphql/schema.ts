import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type IExecutableSchemaDefinition, makeExecutableSchema } from '@graphql-tools/schema'
import { buildASTSchema, concatAST, type DocumentNode, type GraphQLSchema, isObjectType, parse, Source } from 'graphql'
import type { Entity } from '../cache/entity.ts'
import { GatewayError } from '../errors.ts'
import type { Module } from '../modules/module.ts'
import { authorizeFields } from './authorization.ts'
import { offerCacheHints } from './cache-hints.ts'
import { type PolicyOverrides, readCacheRules } from './cache-rules.ts'
import { compileDependencies, type FieldDependencies } from './dependencies.ts'
import { type KeyedRules, keyRules } from './entry-shapes.ts'
import { type FieldPlan, planFields } from './field-plans.ts'
import { withCacheHints } from './hint-directives.ts'
import { type FieldCosts, readFieldCosts } from './limits/list-sizes.ts'
import { batchedFields, type CheckedSchema, checkSchema } from './schema-checks.ts'

export interface SchemaOptions {
  /** The SDL: one document, or the files of a folder joined. */
  readonly typeDefs: DocumentNode
  readonly modules: readonly Module[]
  readonly overrides: PolicyOverrides
  /** The id within its type that a global id stands for, undefined for what is no global id. */
  readonly localId: (globalId: string) => string | undefined
}

/** The executable schema and all that is known of it before the first request. */
export interface GatewaySchema {
  readonly schema: GraphQLSchema
  readonly rules: KeyedRules
  /** By coordinate: what the value of a cached field depends on. */
  readonly dependencies: ReadonlyMap<string, FieldDependencies>
  /** By coordinate: the tables that a load of a cached type or field may read. */
  readonly coveredTables: ReadonlyMap<string, ReadonlySet<string>>
  /** Dimensions, as `Type.column`, that no `depends` reads: each write of the type emits their tags for nobody. */
  readonly unreadDimensions: readonly string[]
  /** By type name. */
  readonly entityTypes: ReadonlyMap<string, Module['entities'][number]>
  /** By coordinate: what a field means for whoever stores the answer. */
  readonly fields: ReadonlyMap<string, FieldPlan>
  readonly costs: FieldCosts
}

/**
 * Joins the *.graphql files of a folder.
 * @throws GatewayError CONFIGURATION when there are none or one does not parse.
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
 * Makes the schema executable and checks that what it says of caching and access can be kept.
 * @throws GatewayError CONFIGURATION with every problem found, each naming its coordinate.
 */
export function buildGatewaySchema({ typeDefs, modules, overrides, localId }: SchemaOptions): GatewaySchema {
  const written = buildASTSchema(typeDefs)
  const declared = readCacheRules(written, overrides)
  const schema = makeExecutableSchema({
    typeDefs: withCacheHints(typeDefs, written, declared, overrides),
    // graphql-tools checks each against the schema; a narrower type here would have to repeat the schema.
    resolvers: modules.map(({ resolvers }) => resolvers) as NonNullable<IExecutableSchemaDefinition['resolvers']>,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error', requireResolversForResolveType: 'error' },
  })
  const entityTypes = byType(modules.flatMap((module) => module.entities.map((type) => [type.entity.type, type] as const)))
  const watched = modules.flatMap((module) => module.watched ?? []).map((entity) => [entity.type, entity] as const)
  const entities = byType([...[...entityTypes].map(([type, { entity }]) => [type, entity] as const), ...watched])
  const nodeTypes = modules.find((module) => module.nodeTypes)?.nodeTypes
  const checked = { schema, rules: declared, entityTypes, batched: batchedFields(modules), nodeTypes: nodeTypes && new Set(nodeTypes) }
  checkSchema(checked)
  const dependencies = compileAll(checked, entities, localId)
  const constantTables = modules.flatMap((module) => module.constantTables ?? [])
  const rules = keyRules(checked, dependencies)
  const fields = planFields(checked, rules)
  offerCacheHints(schema, fields)
  authorizeFields(schema, rules)
  const coveredTables = tablesByCoordinate(checked, dependencies, constantTables)
  const unreadDimensions = unread(dependencies, entities)
  return { schema, rules, dependencies, coveredTables, unreadDimensions, entityTypes, fields, costs: readFieldCosts(schema) }
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

/** Beside a row's own table and what a field depends on, its parent's table: a change of the parent's row reaches the field. */
function tablesByCoordinate(
  { rules, entityTypes }: CheckedSchema,
  dependencies: ReadonlyMap<string, FieldDependencies>,
  constantTables: readonly string[],
) {
  return new Map(
    [...rules.keys()].map((coordinate) => {
      const own = entityTypes.get(coordinate.replace(/\..*/, ''))?.entity
      const tables = (dependencies.get(coordinate)?.entities ?? []).map(({ table }) => table)
      return [coordinate, new Set([...tables, ...(own ? [own.table] : []), ...constantTables])] as const
    }),
  )
}

/** The names of a row that are known from the declaration of its type. */
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

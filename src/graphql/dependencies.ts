import { type GraphQLField, type GraphQLInputType, type GraphQLObjectType, getNamedType, isInputObjectType, isLeafType } from 'graphql'
import { dimensionTag, type Entity, listTag, PUBLIC_TENANT } from '../cache/entity.ts'
import { GatewayError } from '../errors.ts'
import type { CacheRule } from './cache-rules.ts'

/** One item of a `depends`: gives the tags that a value computed for this parent and these arguments depends on. */
export type Dependency = (tenant: string, parent: unknown, args: Readonly<Record<string, unknown>>) => readonly string[]

const ITEM = /^([A-Z][A-Za-z0-9]*)(?:\[([a-z][a-z0-9_]*): \$(parent|args)\.([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\])?$/

/** With more values than this in a list argument, the coarse tag stands for all of them. */
const MOST_VALUES = 50

/**
 * Compiles the `depends` of a field.
 * @param entities All declared entities by type.
 * @param localId The id within its type that a global id stands for, undefined for what is no global id.
 * @throws GatewayError CONFIGURATION that names the field, the item, and what it could have said.
 */
export function compileDependencies(
  rule: CacheRule,
  parentType: GraphQLObjectType,
  isRoot: boolean,
  field: GraphQLField<unknown, unknown>,
  entities: ReadonlyMap<string, Entity>,
  localId: (globalId: string) => string | undefined,
): readonly Dependency[] {
  return rule.depends.map((item) => {
    const refuse = (problem: string) =>
      new GatewayError('CONFIGURATION', `${rule.coordinate}: @cache(depends: ${JSON.stringify(item)}) ${problem}`)
    const [, type, column, source, path] = ITEM.exec(item) ?? []
    if (type === undefined) throw refuse('must read `Type` or `Type[column: $parent.name]` or `Type[column: $args.name]`.')
    const entity = entities.get(type)
    if (!entity) throw refuse(`names no declared entity. Declared are: ${[...entities.keys()].sort().join(', ') || 'none'}.`)
    if (rule.scope === 'PUBLIC' && entity.tenantColumn !== null) throw refuse('is data of a tenant, but the field is of scope PUBLIC.')
    if (column === undefined || path === undefined) return (tenant) => [listTag(entity, tenantOf(entity, tenant))]
    if (!entity.dimensions.includes(column))
      throw refuse(`names no dimension of ${type}. It has: ${entity.dimensions.join(', ') || 'none'}.`)
    const steps = path.split('.')
    if (source === 'parent') {
      if (isRoot) throw refuse(`reads $parent, but a field of ${parentType.name} has none.`)
      return predicate(entity, column, (parent) => at(parent, steps))
    }
    const leaf = argumentType(field, steps)
    if (!leaf)
      throw refuse(`reads an argument that the field does not have. It has: ${field.args.map(({ name }) => name).join(', ') || 'none'}.`)
    if (!isLeafType(leaf)) throw refuse(`reads ${leaf.name}, an input object: name one of its fields.`)
    // Arguments of type ID are global ids; columns hold the id within its type.
    const decode = (value: unknown) => (leaf.name === 'ID' && typeof value === 'string' ? localId(value) : value)
    return predicate(entity, column, (_parent, args) => mapValues(at(args, steps), decode))
  })
}

/** Where a predicate's value is not known, the entry depends on every list of the type: too much is safe, too little is not. */
function predicate(entity: Entity, column: string, read: (parent: unknown, args: unknown) => unknown): Dependency {
  return (tenant, parent, args) => {
    const owner = tenantOf(entity, tenant)
    const value = read(parent, args)
    const values = Array.isArray(value) ? value : [value]
    if (values.length === 0 || values.length > MOST_VALUES || !values.every(isTagValue)) return [listTag(entity, owner)]
    return values.map((one) => dimensionTag(entity, owner, column, one))
  }
}

function tenantOf(entity: Entity, tenant: string): string {
  return entity.tenantColumn === null ? PUBLIC_TENANT : tenant
}

function isTagValue(value: unknown): value is string | number {
  return (typeof value === 'string' && value.length <= 256) || (typeof value === 'number' && Number.isSafeInteger(value))
}

function at(source: unknown, steps: readonly string[]): unknown {
  let value = source
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[step]
  }
  return value
}

function argumentType(field: GraphQLField<unknown, unknown>, [first, ...rest]: readonly string[]) {
  let type: GraphQLInputType | undefined = field.args.find(({ name }) => name === first)?.type
  for (const step of rest) {
    const named = type && getNamedType(type)
    type = isInputObjectType(named) ? named.getFields()[step]?.type : undefined
  }
  return type && getNamedType(type)
}

function mapValues(value: unknown, decode: (value: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(decode) : decode(value)
}

import { type DocumentNode, Kind, type ObjectTypeDefinitionNode, type ObjectTypeExtensionNode, visit } from 'graphql'
import type { Entity } from '#src/engine/cache/model/entity.ts'
import type { Module } from '#src/gateway/contract/module.ts'
import { entitiesOf } from '#src/gateway/contract/module.ts'
import type { GatewaySchema } from '#src/gateway/graphql/schema/schema.ts'
import type { CorpusGatewayOptions } from './corpus-gateway.ts'

/** One part of a dependency declaration. A test removes it and expects that a check fails. */
export interface TakenAway {
  /** Description of the part, such as `the listed column status of Campaign`. */
  readonly name: string
  readonly options: Pick<CorpusGatewayOptions, 'adaptTypeDefs'> & { readonly adaptEntity?: (entity: Entity) => Entity }
  /** Writes whose missing invalidation reveals that the part was removed. */
  readonly writes: readonly { readonly table: string; readonly column: string }[]
}

/** Returns every part that a test can remove: each item of each `depends`, and each listed column, dimension and spelling of each type. */
export function everythingToTakeAway(gateway: GatewaySchema, modules: readonly Module[]): readonly TakenAway[] {
  const entities = entitiesOf(modules)
  const byType = new Map(entities.map((entity) => [entity.type, entity]))
  const items = [...gateway.rules.values()].flatMap(({ coordinate, depends = [] }) =>
    depends.map((item): TakenAway => {
      const entity = byType.get(/^\w+/.exec(item)?.[0] ?? '')
      return {
        name: `"${item}" in ${coordinate}`,
        options: { adaptTypeDefs: (typeDefs) => withoutItem(typeDefs, coordinate, item) },
        writes: entity ? (item.includes('~') ? unlisted(entity) : namedIn(item, entity)) : [],
      }
    }),
  )
  return [...items, ...entities.flatMap(partsOf)]
}

/** Returns copies of the modules with each entity declaration adapted by `adapt`. */
export function withEntities(modules: readonly Module[], adapt: (entity: Entity) => Entity): readonly Module[] {
  return modules.map((module) => ({
    ...module,
    entities: module.entities.map((type) => ({ ...type, entity: adapt(type.entity) })),
    ...(module.watched && { watched: module.watched.map(adapt) }),
  }))
}

function partsOf(entity: Entity): readonly TakenAway[] {
  const { type, table, dimensions, listed, spelling = {}, idColumn } = entity
  const part = (name: string, columns: readonly string[], adapt: (entity: Entity) => Entity): TakenAway => ({
    name: `${name} of ${type}`,
    options: { adaptEntity: (other) => (other.type === type ? adapt(other) : other) },
    writes: columns.map((column) => ({ table, column })),
  })
  return [
    ...dimensions.map((column) =>
      part(`the dimension ${column}`, [column], (other) => ({ ...other, dimensions: other.dimensions.filter((name) => name !== column) })),
    ),
    // A list of rows without an id caches whole rows, so it depends on every column, even on columns that are not listed.
    ...listed
      .filter((column) => idColumn !== null && !dimensions.includes(column) && column !== idColumn)
      .map((column) =>
        part(`the listed column ${column}`, [column], (other) => ({ ...other, listed: other.listed.filter((name) => name !== column) })),
      ),
    ...Object.keys(spelling).map((column) => part(`the spelling of ${column}`, [column], ({ spelling: _, ...other }) => other)),
  ]
}

function all({ table, listed }: Entity): TakenAway['writes'] {
  return listed.filter((column) => !['on_day', 'in_month'].includes(column)).map((column) => ({ table, column }))
}

/**
 * Returns writes to the columns that the dependency item names, because such writes reveal soonest that the item was
 * removed. Returns writes to all columns if the item names none.
 */
function namedIn(item: string, entity: Entity): TakenAway['writes'] {
  const columns = new Set(Array.from(item.matchAll(/(\w+):/g), ([, column]) => column))
  const named = all(entity).filter(({ column }) => columns.has(column))
  return named.length > 0 ? named : all(entity)
}

/** Returns writes to columns that are not declared as listed although lists can be sorted by them. */
function unlisted({ table }: Entity): TakenAway['writes'] {
  return table === 'campaigns' ? ['name', 'budget_minor'].map((column) => ({ table, column })) : []
}

/** Returns the schema without one item of the `depends` of a field. */
export function withoutItem(typeDefs: DocumentNode, coordinate: string, item: string): DocumentNode {
  const [typeName, fieldName] = coordinate.split('.')
  const without = <Node extends ObjectTypeDefinitionNode | ObjectTypeExtensionNode>(type: Node): Node | undefined => {
    if (type.name.value !== typeName) return undefined
    const fields = type.fields?.map((field) => {
      if (field.name.value !== fieldName) return field
      return visit(field, { StringValue: { leave: (node) => (node.value === item && !node.block ? null : undefined) } })
    })
    return { ...type, fields }
  }
  return visit(typeDefs, { [Kind.OBJECT_TYPE_DEFINITION]: { enter: without }, [Kind.OBJECT_TYPE_EXTENSION]: { enter: without } })
}

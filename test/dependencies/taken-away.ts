import { type DocumentNode, Kind, type ObjectTypeDefinitionNode, type ObjectTypeExtensionNode, visit } from 'graphql'
import type { Entity } from '../../src/cache/entity.ts'
import type { GatewaySchema } from '../../src/graphql/schema.ts'
import type { Module } from '../../src/modules/module.ts'
import type { CorpusGatewayOptions } from './corpus-gateway.ts'

/** One part of a declaration that is left out, to see that a check notices. */
export interface TakenAway {
  /** Such as `the listed column status of Campaign`. */
  readonly name: string
  readonly options: Pick<CorpusGatewayOptions, 'adaptTypeDefs'> & { readonly adaptEntity?: (entity: Entity) => Entity }
  /** Writes that can show what is missing. */
  readonly writes: readonly { readonly table: string; readonly column: string }[]
}

/** Each item of each `depends`, and each listed column, dimension and spelling of each type. */
export function everythingToTakeAway(gateway: GatewaySchema, modules: readonly Module[]): readonly TakenAway[] {
  const entities = entitiesOf(modules)
  const byType = new Map(entities.map((entity) => [entity.type, entity]))
  const items = [...gateway.rules.values()].flatMap(({ coordinate, depends = [] }) =>
    depends.map((item): TakenAway => {
      const entity = byType.get(/^\w+/.exec(item)?.[0] ?? '')
      return {
        name: `"${item}" in ${coordinate}`,
        options: { adaptTypeDefs: (typeDefs) => withoutItem(typeDefs, coordinate, item) },
        writes: item.includes('~') && entity ? unlisted(entity) : entity ? all(entity) : [],
      }
    }),
  )
  return [...items, ...entities.flatMap(partsOf)]
}

export function entitiesOf(modules: readonly Module[]): readonly Entity[] {
  return modules.flatMap((module) => [...module.entities.map(({ entity }) => entity), ...(module.watched ?? [])])
}

/** The same modules with another declaration of each type. */
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
    // Lists of rows without an id hold whole rows: every column counts, listed or not.
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

/** What lists are sorted by although it is not listed. */
function unlisted({ table }: Entity): TakenAway['writes'] {
  return table === 'campaigns' ? ['name', 'budget_minor'].map((column) => ({ table, column })) : []
}

/** The schema without an item of the `depends` of a field. */
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

import { readFileSync } from 'node:fs'
import { concatAST, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { declareEntity, type Entity } from '#src/engine/cache/model/entity.ts'
import { cacheKey } from '#src/engine/cache/model/key.ts'
import { localId } from '#src/gateway/contract/global-id.ts'
import { batched, batchedRow, type EntityType, type FieldLoad, versioned } from '#src/gateway/contract/module.ts'
import { DocumentPlanner } from '#src/gateway/graphql/document/document-plan.ts'
import { buildGatewaySchema, readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import { createIdleModules } from '#src/market/modules/index.ts'
import { nullRoots } from './null-roots.ts'

const directives = parse(readFileSync(new URL('../../schema/directives.graphql', import.meta.url), 'utf8'))

const SDL = `
  enum Role { VIEWER EDITOR ADMIN OPERATOR }
  type Query {
    item(id: ID!): Item
    best: Item @cache(l1: 60, l2: 60, depends: ["Item"])
    items(first: Int = 10, filter: Filter): Page! @cache(l1: 60, l2: 60, depends: ["Item[shelf: $args.filter.shelf]"])
    totals: Totals! @auth(requires: EDITOR) @cache(l1: 60, l2: 60, scope: ROLE, depends: ["Item"])
    words: [Word!]! @listSize(assumedSize: 9) @cache(l1: 60, l2: 60, scope: PUBLIC, depends: ["Word"])
    plain: String
  }
  input Filter { shelf: String, order: Order = ASC }
  enum Order { ASC DESC }
  type Page { nodes: [Item!]! @listSize(assumedSize: 9) next: String }
  "A row."
  type Item @cache(l1: 60, l2: 60) { id: ID! name: String box: Box owner: Word weight: Int @cache(l1: 60, l2: 60, depends: []) }
  type Box { size: Size! }
  type Size { width: Int height: Int }
  type Totals { count: Int! shares: [Share!]! @listSize(assumedSize: 9) }
  type Share @cacheControl(inheritMaxAge: true) { name: String! part: Float! }
  type Word @cache(l1: 60, l2: 60, scope: PUBLIC) { name: ID! }
  type Unrelated { a: Int b: Int }
`
const OPERATIONS = {
  count: '{ totals { count } }',
  shares: '{ totals { shares { name } } }',
  names: '{ items { nodes { name } } }',
  weight: '{ item(id: "1") { weight } }',
  words: '{ words { name } }',
}

interface Release {
  readonly sdl?: string
  readonly item?: Partial<Entity>
  readonly word?: Partial<Entity>
  readonly itemVersion?: number
  readonly totalsVersion?: number
  readonly bestIsRow?: boolean
}

const load: FieldLoad<unknown, unknown, null> = async (parents) => parents.map(() => null)

function entityType(entity: Entity, version?: number): EntityType<{ readonly id: string }> {
  return {
    entity: declareEntity(entity),
    ...(version !== undefined && { version }),
    loadMany: async (_read, ids) => ids.map(() => null),
  }
}

/** Returns the namespaces of all cache entries by schema coordinate, and the namespaces of whole responses by operation name. */
function namespacesOf({ sdl = SDL, item, word, itemVersion, totalsVersion, bestIsRow = false }: Release = {}) {
  const itemType = entityType(
    { type: 'Item', table: 'items', tenantColumn: 'tenant_id', idColumn: 'id', dimensions: ['shelf'], listed: ['shelf'], ...item },
    itemVersion,
  )
  const wordType = entityType(
    { type: 'Word', table: 'words', tenantColumn: null, idColumn: 'name', dimensions: [], listed: ['name'], ...word },
    undefined,
  )
  const totals = totalsVersion === undefined ? load : versioned(totalsVersion, load)
  const typeDefs = concatAST([directives, parse(sdl)])
  const gateway = buildGatewaySchema({
    typeDefs,
    modules: [
      nullRoots(typeDefs),
      {
        entities: [itemType, wordType],
        resolvers: {
          Query: {
            best: bestIsRow ? batchedRow(itemType, load) : batched(load),
            items: batched(load),
            totals: batched(totals),
            words: batched(load),
          },
          Item: { box: () => null, owner: () => null, weight: batched(load) },
        },
      },
    ],
    overrides: {},
    localId: (id) => id,
  })
  const planner = new DocumentPlanner(gateway)
  const answers = Object.entries(OPERATIONS).map(([name, text]) => [name, planner.plan(parse(text), undefined)?.namespace ?? ''] as const)
  return new Map([...[...gateway.rules].map(([coordinate, { namespace }]) => [coordinate, namespace] as const), ...answers])
}

const old = namespacesOf()

function changedBy(release: Release): readonly string[] {
  if (release.sdl === SDL) throw new Error('The release changes nothing: its SDL is the old one.')
  const newer = namespacesOf(release)
  return [...newer].flatMap(([name, namespace]) => (old.get(name) === namespace ? [] : [name])).sort()
}

const replaced = (from: string, to: string): Release => ({ sdl: SDL.replace(from, to) })

describe('the namespace in the keys of cache entries (it separates releases with different schemas)', () => {
  it.each<[string, Release, readonly string[]]>([
    [
      'a field that is added to an object in the value',
      replaced('part: Float!', 'part: Float! rank: Int!'),
      ['Query.totals', 'count', 'shares'],
    ],
    ['a field that is removed from the value', replaced('count: Int!', 'total: Int!'), ['Query.totals', 'count', 'shares']],
    ['the type of a field in the value', replaced('part: Float!', 'part: Float'), ['Query.totals', 'count', 'shares']],
    ['the values of an enum in an argument', replaced('ASC DESC', 'ASC DESC NONE'), ['Query.items', 'names']],
    ['the default of an argument', replaced('first: Int = 10', 'first: Int = 20'), ['Query.items', 'names']],
    ['the default of an input field in an argument', replaced('order: Order = ASC', 'order: Order = DESC'), ['Query.items', 'names']],
    [
      'a field that is added to a row',
      replaced('name: String box', 'name: String size: Int box'),
      ['Item', 'Query.best', 'Query.items', 'names', 'weight'],
    ],
    [
      'a field that is added to an object in a row',
      replaced('height: Int', 'height: Int depth: Int'),
      ['Item', 'Query.best', 'Query.items', 'names', 'weight'],
    ],
    ['a field that is added to a public row', replaced('name: ID!', 'name: ID! length: Int'), ['Query.words', 'Word', 'words']],
    [
      'the `depends` of the value',
      replaced('scope: ROLE, depends: ["Item"]', 'scope: ROLE, depends: ["Item~"]'),
      ['Query.totals', 'count', 'shares'],
    ],
    ['the scope of the value', replaced('scope: ROLE', 'scope: USER'), ['Query.totals', 'count', 'shares']],
    ['the declared version of the row type', { itemVersion: 2 }, ['Item', 'Query.best', 'Query.items', 'names', 'weight']],
    ["the declared version of the field's loader", { totalsVersion: 2 }, ['Query.totals', 'count', 'shares']],
    ['whether the entry stores a row or only its id', { bestIsRow: true }, ['Query.best']],
    [
      'the listed columns',
      { item: { listed: ['shelf', 'name'] } },
      ['Item', 'Item.weight', 'Query.best', 'Query.items', 'Query.totals', 'count', 'names', 'shares', 'weight'],
    ],
    ['the id column', { word: { idColumn: 'word' } }, ['Query.words', 'Word', 'words']],
    ['the dimensions', { word: { dimensions: ['name'] } }, ['Query.words', 'Word', 'words']],
    ['the spelling of a dimension', { item: { spelling: { shelf: (asked) => asked } } }, expect.arrayContaining(['Item', 'Query.items'])],
    ['the required role, which affects only whole responses', replaced('requires: EDITOR', 'requires: ADMIN'), ['count', 'shares']],
    ['the TTL of a type, which affects only whole responses', replaced('type Word @cache(l1: 60', 'type Word @cache(l1: 50'), ['words']],
  ])('changes for exactly the affected entries if a release changes %s', (_, release, changed) => {
    expect(changedBy(release)).toEqual(changed)
  })

  it.each<[string, Release]>([
    ['the text of a description', replaced('"A row."', '"A row, described in other words."')],
    ['an unrelated type', replaced('a: Int b: Int', 'a: Int b: Int c: Int')],
    ['a field that is not cached', replaced('plain: String', 'plain: String other(a: Int): Unrelated')],
    ['the order of fields', replaced('width: Int height: Int', 'height: Int width: Int')],
    ['the order of columns', { item: { listed: ['shelf'], dimensions: ['shelf'] } }],
    ['a declared version from none to 1', { itemVersion: 1, totalsVersion: 1 }],
  ])('stays the same for every entry if a release changes only this: %s', (_, release) => {
    expect(changedBy(release)).toEqual([])
  })

  it('stays the same for every entry if a release changes only a TTL in the configuration', () => {
    const entries = changedBy({ sdl: SDL.replaceAll('l2: 60', 'l2: 90') }).filter((name) => !(name in OPERATIONS))
    expect(entries).toEqual([])
  })
})

describe('the namespaces in cache keys', async () => {
  const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
  const build = () => buildGatewaySchema({ typeDefs, modules: createIdleModules(), overrides: {}, localId })

  it('consist of a schema coordinate and a hash, contain only valid key characters, and are the same in every process', () => {
    const namespaces = [...build().rules.values()].map(({ namespace }) => namespace)
    for (const [index, coordinate] of [...build().rules.keys()].entries()) {
      const namespace = namespaces[index] ?? ''
      expect(namespace.slice(0, coordinate.length)).toBe(coordinate)
      expect(namespace.slice(coordinate.length)).toMatch(/^@[A-Za-z0-9_-]{10}$/)
      expect(cacheKey('t'.repeat(63), namespace, ['x'.repeat(1000)]).text.length).toBeLessThan(250 - 'tidegate:1:'.length)
    }
    expect([...build().rules.values()].map(({ namespace }) => namespace)).toEqual(namespaces)
    expect(namespaces.length).toBeGreaterThan(30)
  })
})

import { readFileSync } from 'node:fs'
import { concatAST, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { declareEntity, type Entity } from '../../src/cache/entity.ts'
import { cacheKey } from '../../src/cache/key.ts'
import { DocumentPlanner } from '../../src/graphql/document-plan.ts'
import { buildGatewaySchema, readTypeDefs } from '../../src/graphql/schema.ts'
import { localId } from '../../src/modules/global-id.ts'
import { createModules } from '../../src/modules/index.ts'
import { batched, batchedRow, type EntityType, type FieldLoad, versioned } from '../../src/modules/module.ts'

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

/** The namespaces of all entries and of the operations' answers, by coordinate and by name. */
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
  const gateway = buildGatewaySchema({
    typeDefs: concatAST([directives, parse(sdl)]),
    modules: [
      {
        entities: [itemType, wordType],
        resolvers: {
          Query: {
            best: bestIsRow ? batchedRow(itemType, load) : batched(load),
            items: batched(load),
            totals: batched(totals),
            words: batched(load),
          },
          Item: { weight: batched(load) },
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

describe('another key is given', () => {
  it.each<[string, Release, readonly string[]]>([
    ['a field of an object in the value', replaced('part: Float!', 'part: Float! rank: Int!'), ['Query.totals', 'count', 'shares']],
    ['a field of the value that is taken away', replaced('count: Int!', 'total: Int!'), ['Query.totals', 'count', 'shares']],
    ['the type of a field in the value', replaced('part: Float!', 'part: Float'), ['Query.totals', 'count', 'shares']],
    ['a value of an enumeration in an argument', replaced('ASC DESC', 'ASC DESC NONE'), ['Query.items', 'names']],
    ['the default of an argument', replaced('first: Int = 10', 'first: Int = 20'), ['Query.items', 'names']],
    ['a default within an argument', replaced('order: Order = ASC', 'order: Order = DESC'), ['Query.items', 'names']],
    [
      'a field of a row',
      replaced('name: String box', 'name: String size: Int box'),
      ['Item', 'Query.best', 'Query.items', 'names', 'weight'],
    ],
    ['an object within a row', replaced('height: Int', 'height: Int depth: Int'), ['Item', 'Query.best', 'Query.items', 'names', 'weight']],
    ['a field of a public row', replaced('name: ID!', 'name: ID! length: Int'), ['Query.words', 'Word', 'words']],
    [
      'what the value depends on',
      replaced('scope: ROLE, depends: ["Item"]', 'scope: ROLE, depends: ["Item~"]'),
      ['Query.totals', 'count', 'shares'],
    ],
    ['who shares the value', replaced('scope: ROLE', 'scope: USER'), ['Query.totals', 'count', 'shares']],
    ['the version of the rows', { itemVersion: 2 }, ['Item', 'Query.best', 'Query.items', 'names', 'weight']],
    ["the version of the field's loader", { totalsVersion: 2 }, ['Query.totals', 'count', 'shares']],
    ['whether the row or its id is kept', { bestIsRow: true }, ['Query.best']],
    [
      'a listed column',
      { item: { listed: ['shelf', 'name'] } },
      ['Item', 'Item.weight', 'Query.best', 'Query.items', 'Query.totals', 'count', 'names', 'shares', 'weight'],
    ],
    ['the column with the id', { word: { idColumn: 'word' } }, ['Query.words', 'Word', 'words']],
    ['a dimension', { word: { dimensions: ['name'] } }, ['Query.words', 'Word', 'words']],
    ['how a dimension is spelled', { item: { spelling: { shelf: (asked) => asked } } }, expect.arrayContaining(['Item', 'Query.items'])],
    ['who may ask, for whole answers alone', replaced('requires: EDITOR', 'requires: ADMIN'), ['count', 'shares']],
    ['how long others may keep a copy, for whole answers alone', replaced('type Word @cache(l1: 60', 'type Word @cache(l1: 50'), ['words']],
  ])('by a change of %s, and to nothing else', (_, release, changed) => {
    expect(changedBy(release)).toEqual(changed)
  })

  it.each<[string, Release]>([
    ['a description', replaced('"A row."', '"A row, described in other words."')],
    ['an unrelated type', replaced('a: Int b: Int', 'a: Int b: Int c: Int')],
    ['a field that is not cached', replaced('plain: String', 'plain: String other(a: Int): Unrelated')],
    ['the order of fields', replaced('width: Int height: Int', 'height: Int width: Int')],
    ['the order of columns', { item: { listed: ['shelf'], dimensions: ['shelf'] } }],
    ['a version that is said to be 1', { itemVersion: 1, totalsVersion: 1 }],
  ])('to nothing by a change of %s', (_, release) => {
    expect(changedBy(release)).toEqual([])
  })

  it('to no entry by another time to live', () => {
    const entries = changedBy({ sdl: SDL.replaceAll('l2: 60', 'l2: 90') }).filter((name) => !(name in OPERATIONS))
    expect(entries).toEqual([])
  })
})

describe('the namespaces of the whole schema', async () => {
  const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
  const build = () => buildGatewaySchema({ typeDefs, modules: createModules(), overrides: {}, localId })

  it('name a coordinate and its shape, fit into keys, and are the same in every process', () => {
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

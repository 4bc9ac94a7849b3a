import { readFileSync } from 'node:fs'
import { concatAST, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { declareEntity } from '#src/engine/cache/model/entity.ts'
import { batched, type EntityType, type Module } from '#src/gateway/contract/module.ts'
import { buildGatewaySchema } from '#src/gateway/graphql/schema/schema.ts'
import type { PolicyOverrides } from '#src/gateway/policies/policy-registry.ts'
import { nullRoots } from './null-roots.ts'
import { TINY_SDL, TinyStore, tinyModule } from './tiny-module.ts'

const directives = parse(readFileSync(new URL('../../schema/directives.graphql', import.meta.url), 'utf8'))
const roles = parse('enum Role { VIEWER EDITOR ADMIN OPERATOR }')

type AnyEntityType = EntityType<{ readonly id: string | number }>

function entityType(type: string, tenantColumn: string | null, dimensions: readonly string[] = []): AnyEntityType {
  return {
    entity: declareEntity({ type, table: type.toLowerCase(), tenantColumn, idColumn: 'id', dimensions, listed: dimensions }),
    loadMany: async (_read, ids) => ids.map(() => null),
  }
}

const load = batched(async (parents: readonly unknown[]) => parents.map(() => null))
const item = entityType('Item', 'tenant_id', ['shelf'])
const word = entityType('Word', null)

interface Draft {
  readonly sdl: string
  readonly resolvers?: Record<string, unknown>
  readonly entities?: readonly AnyEntityType[]
  readonly watched?: Module['watched']
  readonly overrides?: PolicyOverrides
  /** Whether root fields without a resolver in `resolvers` get a resolver that returns null. Default: true. */
  readonly answersRoots?: boolean
}

function build({ sdl, resolvers = {}, entities = [item, word], watched = [], overrides = {}, answersRoots = true }: Draft) {
  const typeDefs = concatAST([directives, roles, parse(sdl)])
  return buildGatewaySchema({
    typeDefs,
    modules: [...(answersRoots ? [nullRoots(typeDefs)] : []), { entities, watched, resolvers }],
    overrides,
    localId: (id) => id,
  })
}

const TYPES = `
  type Item @cache(l1: 60, l2: 60) { id: ID! }
  type Word @cache(l1: 60, l2: 60, scope: PUBLIC) { name: String }
`
const items = (cache: string, args = '') =>
  `${TYPES} type Query { items${args}: [Item] @listSize(assumedSize: 9) @cache(${cache}) words: [Word] @listSize(assumedSize: 9) }`
const resolved = { Query: { items: load } }
const BOX = `${TYPES} type Box { size: Int @cache(l1: 1, l2: 1, depends: ["Item[shelf: $parent.shelf]"]) } type Query { box: Box }`

describe('a schema whose cache declarations are inconsistent is refused', () => {
  const refusals: readonly (readonly [title: string, draft: Draft, message: RegExp])[] = [
    [
      'when it says how long popular values live and not by what they are popular',
      { sdl: items('l1: 1, l2: 1, popular: 9, depends: []'), resolvers: resolved },
      /Query\.items: @cache\(popular: 9\) does not say whose popularity counts: add popularBy to the @cache of Query\.items/,
    ],
    [
      'when popular values would live for less time than rare ones',
      { sdl: items('l1: 1, l2: 9, popular: 8, popularBy: "$args.text", depends: []', '(text: String)'), resolvers: resolved },
      /Query\.items: @cache\(l2: 9, popular: 8\) would keep popular values for less time than rare ones: make popular at least l2/,
    ],
    [
      'when popularity counts by an argument that the field does not have',
      { sdl: items('l1: 1, l2: 1, popular: 9, popularBy: "$args.query", depends: []', '(text: String)'), resolvers: resolved },
      /Query\.items: @cache\(popularBy: "\$args\.query"\) reads an argument that the field does not have\. It has: text\./,
    ],
    [
      'when popularity counts by something that is neither an argument nor a part of the parent',
      { sdl: items('l1: 1, l2: 1, popular: 9, popularBy: "text", depends: []', '(text: String)'), resolvers: resolved },
      /Query\.items: @cache\(popularBy: "text"\) must read `\$args\.name` or `\$parent\.name`\./,
    ],
    [
      'when rows count popularity',
      {
        sdl: items('l1: 1, l2: 1, depends: []').replace('l1: 60, l2: 60)', 'l1: 60, l2: 60, popularBy: "$parent.id")'),
        resolvers: resolved,
      },
      /Item: @cache\(popularBy:\) is for fields; rows are not told apart by their popularity\./,
    ],
    [
      'when a cached type has no entity',
      { sdl: items('l1: 1, l2: 1, depends: []'), entities: [word], resolvers: resolved },
      /- Item: has @cache, but no module declares an entity type Item/,
    ],
    [
      'when an entity type has no GraphQL type',
      { sdl: `${TYPES} type Query { item: Item }`, entities: [item, word, entityType('Ghost', null)] },
      /- Ghost: is declared as an entity type/,
    ],
    [
      'when a cached field is not batched',
      { sdl: items('l1: 1, l2: 1, depends: []'), resolvers: { Query: { items: () => [] } } },
      /- Query\.items: has @cache, but its resolver is not batched/,
    ],
    [
      'when a mutation is cached',
      {
        sdl: `${TYPES} type Query { word: Word } type Mutation { go: Int @cache(l1: 1, l2: 1, depends: []) }`,
        resolvers: { Mutation: { go: load } },
      },
      /- Mutation\.go: a mutation cannot be cached/,
    ],
    [
      'when a cached field has no `depends`',
      { sdl: items('l1: 1, l2: 1'), resolvers: resolved },
      /- Query\.items: its @cache has no depends: name the types .* or write depends: \[\]/,
    ],
    [
      'when `depends` is declared on a type',
      { sdl: 'type Item @cache(l1: 1, l2: 1, depends: []) { id: ID } type Query { item: Item }', entities: [item] },
      /- Item: @cache\(depends:\) is for fields/,
    ],
    [
      'when `depends` reads a property that the row of the parent does not have',
      {
        sdl: 'type Item { id: ID! size: Int @cache(l1: 1, l2: 1, depends: ["Item[shelf: $parent.shelve]"]) } type Query { item: Item }',
        entities: [item],
        resolvers: { Item: { size: load } },
      },
      /Item\.size: .* reads \$parent\.shelve, which the value of a Item does not have\. It has: id, tenantId, shelf\./,
    ],
    [
      'when `depends` reads a property that is not among the declared names of the parent',
      { sdl: BOX, resolvers: { Box: { size: batched(async (boxes: readonly { code: string }[]) => boxes.map(() => null), ['code']) } } },
      /Box\.size: .* reads \$parent\.shelf, which the value of a Box does not have\. It has: code\./,
    ],
    [
      'when `depends` reads the parent although the properties of the parent are unknown',
      { sdl: BOX, resolvers: { Box: { size: load } } },
      /Box\.size: .* reads \$parent\.shelf, but nobody says what the value of a Box has: .* batched\(load, \['shelf'\]\)/,
    ],
    [
      'when a type that implements Node has no entity',
      {
        sdl: 'interface Node { id: ID! } type Item implements Node { id: ID! } type Query { node(id: ID!): Node }',
        entities: [],
        resolvers: { Node: { __resolveType: () => 'Item' } },
      },
      /- Item: implements Node, but no module declares an entity type Item: put the type in the entities of its module/,
    ],
    [
      'when the id of a type that implements Node has no resolver',
      {
        sdl: 'interface Node { id: ID! } type Item implements Node { id: ID! } type Query { node(id: ID!): Node }',
        entities: [item],
        resolvers: { Node: { __resolveType: () => 'Item' } },
      },
      /- Item\.id: no module has a resolver for it, so it would not be a global id/,
    ],
    [
      'when an object that a row references has no resolver',
      { sdl: 'type Item { id: ID owner: Word } type Word { name: String } type Query { item: Item }' },
      /- Item\.owner: no module has a resolver for it, and no column of a row is an object/,
    ],
    [
      'when a root field has no resolver',
      { sdl: 'type Item { id: ID } type Query { item: Item }', entities: [item], answersRoots: false },
      /- Query\.item: no module has a resolver for it, so it would always be null/,
    ],
    [
      'when `depends` has a syntax error',
      { sdl: items('l1: 1, l2: 1, depends: ["Item[shelf=3]"]'), resolvers: resolved },
      /Query\.items: @cache\(depends: "Item\[shelf=3\]"\) must read/,
    ],
    [
      'when `depends` names a table that is not watched, because no entity declares it',
      { sdl: items('l1: 1, l2: 1, depends: ["Itme"]'), resolvers: resolved },
      /names no declared entity\. Declared are: Item, Word/,
    ],
    [
      'when the predicate in `depends` names no declared dimension',
      { sdl: items('l1: 1, l2: 1, depends: ["Item[size: $args.size]"]', '(size: Int)'), resolvers: resolved },
      /names no dimension of Item\. It has: shelf/,
    ],
    [
      'when `depends` reads an argument that does not exist',
      { sdl: items('l1: 1, l2: 1, depends: ["Item[shelf: $args.shelf]"]', '(first: Int)'), resolvers: resolved },
      /reads an argument that the field does not have\. It has: first/,
    ],
    [
      'when `depends` reads a whole input object',
      { sdl: `input F { shelf: Int } ${items('l1: 1, l2: 1, depends: ["Item[shelf: $args.f]"]', '(f: F)')}`, resolvers: resolved },
      /reads F, an input object/,
    ],
    [
      'when `depends` reads the parent of a root field',
      { sdl: items('l1: 1, l2: 1, depends: ["Item[shelf: $parent.id]"]'), resolvers: resolved },
      /reads \$parent, but a field of Query has none/,
    ],
    [
      'when a public field depends on data of a tenant',
      {
        sdl: `${TYPES} type Query { words: [Word] @listSize(assumedSize: 9) @cache(l1: 1, l2: 1, scope: PUBLIC, depends: ["Item"]) }`,
        resolvers: { Query: { words: load } },
      },
      /is data of a tenant, but the field is of scope PUBLIC/,
    ],
    [
      'when a public type has rows that belong to a tenant',
      { sdl: 'type Item @cache(l1: 1, l2: 1, scope: PUBLIC) { id: ID } type Query { item: Item }', entities: [item] },
      /- Item: @cache\(scope: PUBLIC\) but the entity belongs to a tenant by tenant_id/,
    ],
    [
      'when a type without a tenant is not public',
      { sdl: 'type Word @cache(l1: 1, l2: 1) { name: ID } type Query { word: Word }', entities: [word] },
      /- Word: @cache\(scope: TENANT\) but the entity has no tenant column/,
    ],
    [
      'when a public field returns rows of a tenant',
      { sdl: items('l1: 1, l2: 1, scope: PUBLIC, depends: []'), resolvers: resolved },
      /- Query\.items: is of scope PUBLIC but reaches Item, whose rows belong to a tenant/,
    ],
    [
      'when a public type has a field of scope TENANT',
      {
        sdl: 'type Word @cache(l1: 1, l2: 1, scope: PUBLIC) { uses: Int @cache(l1: 1, l2: 1, depends: []) } type Query { word: Word }',
        entities: [word],
        resolvers: { Word: { uses: load } },
      },
      /- Word: is of scope PUBLIC but reaches Word\.uses, which is of scope TENANT/,
    ],
    [
      'when a public type has an uncached field',
      {
        sdl: 'type Word @cache(l1: 1, l2: 1, scope: PUBLIC) { uses: Int } type Query { word: Word }',
        entities: [word],
        resolvers: { Word: { uses: load } },
      },
      /reaches Word\.uses, which is loaded without @cache\(scope: PUBLIC\)/,
    ],
    [
      'when a public type has a field that requires a role',
      {
        sdl: 'type Word @cache(l1: 1, l2: 1, scope: PUBLIC) { uses: Int @auth(requires: ADMIN) } type Query { word: Word }',
        entities: [word],
      },
      /reaches Word\.uses, which demands a role/,
    ],
    [
      'when a public field is computed from the row of a tenant',
      {
        sdl: `type Item @cache(l1: 1, l2: 1) { id: ID size: Int @cache(l1: 1, l2: 1, scope: PUBLIC, depends: []) } type Query { item: Item }`,
        entities: [item],
        resolvers: { Item: { size: load } },
      },
      /- Item\.size: is of scope PUBLIC, but Item above it belongs to a tenant: give it the scope of its parent/,
    ],
    [
      'when a public field is below a field of a tenant, with an object in between',
      {
        sdl: `type Inner { size: Int @cache(l1: 1, l2: 1, scope: PUBLIC, depends: []) } type Box { inner: Inner }
          type Query { box: Box @cache(l1: 1, l2: 1, depends: []) }`,
        entities: [],
        resolvers: { Query: { box: load }, Inner: { size: load } },
      },
      /- Inner\.size: is of scope PUBLIC, but Query\.box above it is of scope TENANT/,
    ],
    [
      "when a tenant's field declares @cacheControl(scope: PUBLIC)",
      {
        sdl: `${TYPES} type Query { items: [Item] @listSize(assumedSize: 9) @cache(l1: 1, l2: 1, depends: []) @cacheControl(maxAge: 9, scope: PUBLIC) }`,
        resolvers: resolved,
      },
      /- Query\.items: has @cacheControl\(scope: PUBLIC\), but its @cache is of scope TENANT/,
    ],
    [
      'when a @cacheControl hint has a longer maxAge than the @cache of the same field',
      {
        sdl: `${TYPES} type Query { items: [Item] @listSize(assumedSize: 9) @cache(l1: 5, l2: 30, depends: []) @cacheControl(maxAge: 31) }`,
        resolvers: resolved,
      },
      /- Query\.items: has @cacheControl\(maxAge: 31\), but its @cache keeps the value for 30 seconds: write maxAge: 30 or less, or let/,
    ],
    [
      "when the hint of a field has a longer maxAge than the @cache of the field's type",
      { sdl: `${TYPES} type Query { word: Word @cacheControl(maxAge: 61, scope: PUBLIC) item: Item }` },
      /- Query\.word: has @cacheControl\(maxAge: 61\), but the @cache of Word keeps the value for 60 seconds/,
    ],
    [
      'when the hint of a type has a longer maxAge than the @cache of the type',
      {
        sdl: `type Item @cache(l1: 60, l2: 0) @cacheControl(maxAge: 90, scope: PUBLIC) { id: ID! } type Query { item: Item }`,
        entities: [item],
      },
      /- Item: has @cacheControl\(scope: PUBLIC\), but its @cache is of scope TENANT: .*\n- Item: has @cacheControl\(maxAge: 90\), but its @cache keeps the value for 60/,
    ],
    [
      'when the hint of an interface has a longer maxAge than the @cache of a possible type',
      {
        sdl: `interface Thing @cacheControl(maxAge: 61, scope: PUBLIC) { id: ID! }
          type Item implements Thing @cache(l1: 60, l2: 60) { id: ID! } type Query { thing: Thing }`,
        entities: [item],
        resolvers: { Thing: { __resolveType: () => 'Item' } },
      },
      /- Thing: has @cacheControl\(scope: PUBLIC\), but the @cache of Item is of scope TENANT.*\n- Thing: has @cacheControl\(maxAge: 61\), but the @cache of Item/,
    ],
    [
      'when the hint of a field that requires a role says PUBLIC',
      { sdl: `${TYPES} type Query { size: Int @cacheControl(maxAge: 5, scope: PUBLIC) item: Item }` },
      /- Query\.size: has @cacheControl\(scope: PUBLIC\), but the field demands the role VIEWER: write scope: PRIVATE/,
    ],
    [
      'when the maxAge of a hint is negative',
      { sdl: `${TYPES} type Query { size: Int @cacheControl(maxAge: -5) item: Item }` },
      /- Query\.size: @cacheControl\(maxAge: -5\) is less than 0: write 0/,
    ],
    [
      'when the TTL of a stored copy exceeds the life of its value',
      { sdl: items('l1: 60, l2: 30, depends: []'), resolvers: resolved },
      /Query\.items: @cache\(l1: 60, l2: 30\) would keep a copy longer than the value lives/,
    ],
    [
      'when a duration is negative',
      { sdl: items('l1: 1, l2: 1, staleIfError: -1, depends: []'), resolvers: resolved },
      /@cache\(staleIfError:\) must be an integer of seconds from 0 to 2592000, got -1/,
    ],
    ['when @cache caches nothing', { sdl: items('l1: 0, l2: 0'), resolvers: resolved }, /caches nothing: remove the directive/],
    [
      'when a configured policy override names no type or field',
      { sdl: items('l1: 1, l2: 1, depends: []'), resolvers: resolved, overrides: { 'Query.itmes': { l1: 3 } } },
      /override "Query\.itmes" names nothing that has @cache.*Query\.items/,
    ],
    [
      'when a configured policy override has an unknown key',
      { sdl: items('l1: 1, l2: 1, depends: []'), resolvers: resolved, overrides: JSON.parse('{"Query.items": {"ttl": 3}}') },
      /override of Query\.items has the unknown key "ttl": expected l1, l2/,
    ],
    [
      'when a configured policy override is not a number',
      { sdl: items('l1: 1, l2: 1, depends: []'), resolvers: resolved, overrides: JSON.parse('{"Query.items": {"l1": "3s"}}') },
      /Query\.items: @cache\(l1:\) must be an integer.*got "3s"/,
    ],
  ]
  it.each(refusals)('%s', (_title, draft, message) => {
    expect(() => build(draft)).toThrow(message)
  })

  it('with one error that lists all problems of the schema', () => {
    expect(() => build({ sdl: items('l1: 1, l2: 1, depends: []'), entities: [word] })).toThrow(/- Item: .*\n- Query\.items: /)
  })
})

it('The example schema in README is valid, and its @cacheControl directives are the hints that follow from its @cache directives.', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const example = /## Cache a field[\s\S]*?```graphql\n([\s\S]*?)```/.exec(readme)?.[1] as string
  expect(example).toMatch(/@cache\([\s\S]*@cacheControl\(/)
  const served = (text: string) =>
    build({
      sdl: `interface Node { id: ID! } type Domain { id: ID! } type DomainConnection { size: Int } type Query { campaign: Campaign }
        ${text.replace('domains(', 'id: ID! domains(')}`,
      entities: [entityType('Campaign', 'tenant_id'), entityType('Domain', 'tenant_id', ['campaign_id'])],
      resolvers: { Node: { __resolveType: () => 'Campaign' }, Campaign: { id: () => 'an id', domains: load } },
    })
  const hintsOf = ({ fields }: ReturnType<typeof served>) =>
    ['Query.campaign', 'Campaign.domains'].map((coordinate) => fields.get(coordinate)?.hint.settled)
  expect(hintsOf(served(example))).toEqual(hintsOf(served(example.replace(/@cacheControl\([^)]*\)/g, ''))))
  expect(() => served(example.replaceAll('maxAge: 60', 'maxAge: 901'))).toThrow(/maxAge: 900 or less/)
})

it('A dimension (a column whose values become invalidation tags) is reported as unread if no `depends` argument names it.', () => {
  expect(build({ sdl: items('l1: 1, l2: 1, depends: ["Item"]'), resolvers: resolved }).unreadDimensions).toEqual(['Item.shelf'])
  const read = items('l1: 1, l2: 1, depends: ["Item[shelf: $args.shelf]"]', '(shelf: Int)')
  expect(build({ sdl: read, resolvers: resolved }).unreadDimensions).toEqual([])
})

describe('the cache policies of a schema', () => {
  const tiny = (overrides: PolicyOverrides = {}) =>
    buildGatewaySchema({
      typeDefs: concatAST([directives, parse(TINY_SDL)]),
      modules: [tinyModule(new TinyStore(), Date.now)],
      overrides,
      localId: (id) => id,
    })

  it('are read from the schema in seconds and converted to milliseconds', () => {
    expect(tiny().rules.get('Note')).toEqual({
      coordinate: 'Note',
      namespace: expect.stringMatching(/^Note@[A-Za-z0-9_-]{10}$/),
      scope: 'TENANT',
      depends: undefined,
      isOverridden: false,
      tags: [],
      values: { l1: 60, l2: 900, staleWhileRevalidate: 0, staleIfError: 300, browser: 0 },
      hintSeconds: 60,
      policy: { name: 'Note', l1Ms: 60_000, l2Ms: 900_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 300_000 },
    })
  })

  it('are overridden by durations in the configuration, which can also turn caching off', () => {
    const { rules } = tiny({ Note: { l1: 30 }, 'Query.notes': { l1: 0, l2: 0 } })
    expect(rules.get('Note')?.policy).toMatchObject({ l1Ms: 30_000, l2Ms: 900_000 })
    expect(rules.get('Query.notes')?.policy).toMatchObject({ l1Ms: 0, l2Ms: 0 })
  })

  it('become @cacheControl hints, unless the schema already has a hint at the same place', () => {
    const hint = (gateway: ReturnType<typeof build>, type: string, field?: string) => gateway.fields.get(`${type}.${field}`)
    expect(hint(tiny(), 'Query', 'words')).toMatchObject({
      hint: { settled: { maxAge: 60, scope: 'PUBLIC' } },
      isStrict: false,
      limitMs: undefined,
      scope: 'PUBLIC',
    })
    expect(hint(tiny(), 'Query', 'note')).toMatchObject({ hint: { settled: { maxAge: 60, scope: 'PRIVATE' } } })
    expect(hint(tiny({ Note: { l1: 5 } }), 'Query', 'note')).toMatchObject({ hint: { settled: { maxAge: 5 } } })
    const written = build({
      sdl: `${TYPES} type Query { words: [Word] @listSize(assumedSize: 9) @cache(l1: 9, l2: 9, scope: PUBLIC, depends: []) @cacheControl(maxAge: 3) }`,
      resolvers: { Query: { words: load } },
    })
    expect(hint(written, 'Query', 'words')).toMatchObject({ hint: { settled: { maxAge: 3, scope: 'PUBLIC' } }, limitMs: 3000 })
  })

  it('shorten a @cacheControl hint of the schema if the configuration sets a shorter TTL, but never lengthen the hint', () => {
    const written = (overrides: PolicyOverrides) =>
      build({
        sdl: `${TYPES} type Query {
          words: [Word] @listSize(assumedSize: 9) @cache(l1: 9, l2: 90, scope: PUBLIC, depends: []) @cacheControl(maxAge: 60, scope: PUBLIC)
          word: Word @cacheControl(maxAge: 60, scope: PUBLIC)
        }`,
        resolvers: { Query: { words: load } },
        overrides,
      })
    const ages = (overrides: PolicyOverrides) =>
      ['words', 'word'].map((name) => written(overrides).fields.get(`Query.${name}`)?.hint.settled.maxAge)
    expect(ages({})).toEqual([60, 60])
    expect(ages({ 'Query.words': { l1: 4, l2: 8 } })).toEqual([4, 60])
    expect(ages({ Word: { l1: 2 } })).toEqual([2, 2])
    expect(ages({ Word: { l1: 90, l2: 90 } })).toEqual([60, 60])
  })
})

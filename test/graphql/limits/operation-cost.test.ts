import { makeExecutableSchema } from '@graphql-tools/schema'
import { execute, type GraphQLSchema, getOperationAST, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { compileCost } from '#src/gateway/graphql/document/limits/operation-cost.ts'
import { listSizeProblems, readFieldCosts } from '#src/gateway/graphql/schema/list-sizes.ts'
import fc from '../../property.ts'

const DIRECTIVES = /* GraphQL */ `
  directive @listSize(
    assumedSize: Int!
    slicingArguments: [String!]! = []
    slicingArgumentDefaultValue: Int
    sizedFields: [String!]! = []
    hoursBetween: [String!]! = []
    daysBetween: [String!]! = []
  ) on FIELD_DEFINITION
  directive @cost(weight: Int!) on FIELD_DEFINITION
`
const SDL = /* GraphQL */ `
  ${DIRECTIVES}
  input Page { limit: Int = 4 }
  interface Thing { id: ID! }
  type Query {
    row: Row!
    page(first: Int! = 3): Connection! @listSize(assumedSize: 5, slicingArguments: ["first"], sizedFields: ["nodes", "edges"])
    pageFromEnd(first: Int, last: Int): Connection!
      @listSize(assumedSize: 5, slicingArguments: ["first", "last"], slicingArgumentDefaultValue: 3, sizedFields: ["nodes", "edges"])
    rows: [Row!]! @listSize(assumedSize: 4)
    byIds(ids: [ID!]!): [Row]! @listSize(assumedSize: 5, slicingArguments: ["ids"])
    byPage(page: Page!): [Row!]! @listSize(assumedSize: 5, slicingArguments: ["page.limit"])
    things: [Thing!]! @listSize(assumedSize: 2)
    hours(from: String!, to: String): [Row!]! @listSize(assumedSize: 100, hoursBetween: ["from", "to"])
    days(from: String!, to: String): [Row!]! @listSize(assumedSize: 100, daysBetween: ["from", "to"])
    dear: Int @cost(weight: 1000)
  }
  type Connection { total: Int @cost(weight: 10) nodes: [Row!]! edges: [Edge!]! }
  type Edge { cursor: String! node: Row! }
  type Row implements Thing { id: ID! inner: Row! tags: [String!]! @listSize(assumedSize: 3) rows(first: Int! = 2): [Row!]! @listSize(assumedSize: 3, slicingArguments: ["first"]) }
  type Small implements Thing { id: ID! }
`
const HOUR_MS = 60 * 60 * 1000
const NOW = Date.parse('2026-03-01T10:30:00Z')

/** Returns lists of the maximum length. */
const list = (length: number) => Array.from({ length }, () => ({}))
const schema = makeExecutableSchema({
  typeDefs: SDL,
  resolvers: {
    Thing: { __resolveType: () => 'Row' },
    Query: {
      row: () => ({}),
      page: (_: unknown, { first }: { first: number }) => ({ size: Math.min(first, 5) }),
      pageFromEnd: (_: unknown, { first, last }: { first?: number | null; last?: number | null }) => ({
        size: Math.min(first ?? last ?? 3, 5),
      }),
      rows: () => list(4),
      byIds: (_: unknown, { ids }: { ids: string[] }) => list(Math.min(ids.length, 5)),
      byPage: (_: unknown, { page }: { page: { limit: number } }) => list(Math.min(page.limit, 5)),
      things: () => list(2),
      dear: () => 1,
    },
    Connection: { total: () => 1, nodes: ({ size }: { size: number }) => list(size), edges: ({ size }: { size: number }) => list(size) },
    Edge: { cursor: () => 'c', node: () => ({}) },
    Row: {
      id: () => 'id',
      inner: () => ({}),
      tags: () => ['a', 'b', 'c'],
      rows: (_: unknown, { first }: { first: number }) => list(Math.min(first, 3)),
    },
  },
})
const costs = readFieldCosts(schema)

function costOf(text: string, variables: Record<string, unknown> = {}, of: GraphQLSchema = schema): number {
  const document = parse(text)
  expect(validate(of, document)).toEqual([])
  const operation = getOperationAST(document) ?? expect.unreachable('no operation')
  return compileCost(of, of === schema ? costs : readFieldCosts(of), document, operation)(variables, NOW)
}

/** Counts every field and every list item in a response. */
function valuesIn(data: unknown): number {
  if (Array.isArray(data)) return data.reduce((sum: number, item) => sum + 1 + valuesIn(item), 0)
  if (typeof data !== 'object' || data === null) return 0
  return Object.values(data).reduce((sum: number, value) => sum + 1 + valuesIn(value), 0)
}

describe('the cost of an operation', () => {
  it.each<[string, string, Record<string, unknown>, number]>([
    ['a field', '{ row { id } }', {}, 2],
    ['a field that is selected twice without an alias', '{ row { id } row { id inner { id } } }', {}, 4],
    ['a field that is selected twice with an alias', '{ row { id } again: row { id } }', {}, 4],
    ['a list of strings', '{ row { tags } }', {}, 1 + 1 + 3],
    ['a list of rows', '{ rows { id tags } }', {}, 1 + 4 * (1 + 1 + 4)],
    ['a page of the default length', '{ page { nodes { id } } }', {}, 2 + 3 * 2],
    ['a page whose length is an argument', '{ page(first: 5) { nodes { id } } }', {}, 2 + 5 * 2],
    ['a page whose length is a variable', 'query ($n: Int!) { page(first: $n) { nodes { id } } }', { n: 1 }, 2 + 2],
    ['a page whose length is the default of a variable', 'query ($n: Int! = 2) { page(first: $n) { nodes { id } } }', {}, 2 + 2 * 2],
    ['a page with neither of its two lengths', '{ pageFromEnd { nodes { id } } }', {}, 2 + 3 * 2],
    ['a page with null for both of its lengths', '{ pageFromEnd(first: null, last: null) { nodes { id } } }', {}, 2 + 3 * 2],
    ['a page from the end', 'query ($n: Int) { pageFromEnd(first: null, last: $n) { nodes { id } } }', { n: 1 }, 2 + 2],
    ['a page with both lengths, of which the larger one counts', '{ pageFromEnd(first: 1, last: 4) { nodes { id } } }', {}, 2 + 4 * 2],
    ['a page length above the maximum', '{ page(first: 1000000) { nodes { id } } }', {}, 2 + 5 * 2],
    ['a negative page length', '{ page(first: -7) { nodes { id } } }', {}, 2],
    [
      'both nodes and edges of a page, with its total counted once',
      '{ page(first: 2) { total nodes { id } edges { cursor node { id } } } }',
      {},
      1 + 10 + (1 + 2 * 2) + (1 + 2 * 4),
    ],
    ['a list of ids in an argument', '{ byIds(ids: ["a", "b"]) { id } }', {}, 1 + 2 * 2],
    ['a list of ids in a variable', 'query ($ids: [ID!]!) { byIds(ids: $ids) { id } }', { ids: ['a', 'b', 'c'] }, 1 + 3 * 2],
    ['a page length within an input object', '{ byPage(page: { limit: 2 }) { id } }', {}, 1 + 2 * 2],
    ['a page length within an input object in a variable', 'query ($p: Page!) { byPage(page: $p) { id } }', { p: { limit: 1 } }, 1 + 2],
    [
      'an input object without a page length, which counts as the maximum',
      'query ($p: Page!) { byPage(page: $p) { id } }',
      { p: {} },
      1 + 5 * 2,
    ],
    ['a time series', '{ hours(from: "2026-03-01T00:00:00Z", to: "2026-03-01T09:00:00Z") { id } }', {}, 1 + 10 * 2],
    ['a series of days', '{ days(from: "2026-02-01T00:00:00Z", to: "2026-02-10T23:00:00Z") { id } }', {}, 1 + 12 * 2],
    ['a time series that ends now', '{ hours(from: "2026-03-01T00:30:00Z") { id } }', {}, 1 + 11 * 2],
    ['a time series with an invalid range, which counts as the maximum', '{ hours(from: "then") { id } }', {}, 1 + 100 * 2],
    ['a field with a high @cost', '{ dear again: dear }', {}, 2000],
    ['nested lists', '{ rows { rows { rows { id } } } }', {}, 1 + 4 * (1 + 1 + 2 * (1 + 1 + 2 * 2))],
    [
      'the most expensive type of an interface',
      '{ things { id ... on Row { tags } ... on Small { a: id b: id } } }',
      {},
      1 + 2 * (1 + 1 + 4),
    ],
    ['a fragment that is spread twice', '{ row { ...F } other: row { ...F } } fragment F on Row { id tags }', {}, 2 * (1 + 1 + 4)],
    [
      'fields that @skip or @include exclude, which cost nothing',
      'query ($no: Boolean! = false) { row { id tags @include(if: $no) ... @skip(if: true) { inner { id } } } }',
      {},
      2,
    ],
    ['fields that @include includes', 'query ($yes: Boolean!) { row { id tags @include(if: $yes) } }', { yes: true }, 2 + 4],
    ['`__typename`', '{ __typename row { __typename } }', {}, 3],
    ['the standard introspection query, which costs nothing', '{ __schema { types { name fields { name type { name } } } } }', {}, 0],
  ])('counts the right number of values for %s', (_, text, variables, expected) => {
    expect(costOf(text, variables)).toBe(expected)
  })

  it('is multiplied at each nested list of an introspection query, unless that query is the standard query', () => {
    const types = Object.keys(schema.getTypeMap()).length
    const once = costOf('{ __schema { t: types { name } } }')
    expect(once).toBe(1 + 1 + types * 2)
    const twice = costOf('{ __schema { t: types { fields { type { fields { name } } } } } }')
    expect(twice).toBeGreaterThan(types * 7 * 7)
  })

  const field = (depth: number): fc.Arbitrary<string> =>
    depth === 0
      ? fc.constantFrom('id', 'tags', '__typename', 'a: id', 'b: tags')
      : fc.oneof(
          { weight: 2, arbitrary: field(0) },
          set(depth - 1).map((inner) => `inner ${inner}`),
          fc.tuple(fc.integer({ min: 0, max: 4 }), set(depth - 1)).map(([first, inner]) => `rows${first}: rows(first: ${first}) ${inner}`),
          set(depth - 1).map((inner) => `... on Row ${inner}`),
          set(depth - 1).map((inner) => `... ${inner}`),
        )
  const set = (depth: number): fc.Arbitrary<string> =>
    fc.array(field(depth), { minLength: 1, maxLength: 4 }).map((fields) => `{ ${fields.join(' ')} }`)
  const root = fc.oneof(
    set(2).map((inner) => `row ${inner}`),
    set(2).map((inner) => `rows ${inner}`),
    fc
      .tuple(fc.integer({ min: -1, max: 7 }), set(2))
      .map(([first, inner]) => `page${first + 1}: page(first: ${first}) { nodes ${inner} edges { node ${inner} } }`),
    set(1).map((inner) => `things { id ... on Row ${inner} }`),
  )

  it('is the number of values in the largest possible response, in which every list has its maximum length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(root, { minLength: 1, maxLength: 3 }), async (roots) => {
        const text = `{ ${roots.join(' ')} }`
        const document = parse(text)
        fc.pre(validate(schema, document).length === 0)
        const { data, errors } = await execute({ schema, document })
        expect(errors).toBeUndefined()
        expect(costOf(text)).toBe(valuesIn(data))
      }),
      { numRuns: 500 },
    )
  })
})

describe('the start-up check that every list in the schema has a size limit', () => {
  const problems = (types: string) => [...listSizeProblems(makeExecutableSchema({ typeDefs: `${DIRECTIVES} ${types}` }))]

  it.each([
    [
      'a list without a size',
      'type Query { rows: [Int] }',
      /^Query\.rows: is a list, and nothing says how long it can be: give it @listSize\(assumedSize:\)\.$/,
    ],
    [
      'a list in an object that a field returns without a size',
      'type Query { page: Page } type Page { nodes: [Int] }',
      /^Page\.nodes: is a list, .* or name it in the sizedFields of Query\.page\.$/,
    ],
    [
      'a list in an object that one of two fields returns without a size',
      'type Query { a: Page @listSize(assumedSize: 1, sizedFields: ["nodes"]) b: Page } type Page { nodes: [Int] }',
      /^Page\.nodes: is a list, .* sizedFields of Query\.b\.$/,
    ],
    [
      'a slicing argument that does not exist',
      'type Query { rows: [Int] @listSize(assumedSize: 1, slicingArguments: ["first"]) }',
      /the argument first, which the field does not have/,
    ],
    [
      'a sized field that does not exist',
      'type Query { page: Page @listSize(assumedSize: 1, sizedFields: ["nodse"]) } type Page { id: ID }',
      /the field nodse, which Page does not have/,
    ],
    ['a negative cost', 'type Query { a: Int @cost(weight: -1) }', /@cost\(weight:\) must be 0 or more/],
  ])('rejects %s', (_, types, message) => {
    expect(problems(types)).toEqual([expect.stringMatching(message)])
  })

  it('accepts a schema in which every list has a size limit', () => {
    expect([...listSizeProblems(schema)]).toEqual([])
  })
})

it('The cost of a time series counts one item for each hour of the range.', () => {
  expect(costOf(`{ hours(from: "${new Date(NOW - 3 * HOUR_MS).toISOString()}", to: "${new Date(NOW).toISOString()}") { id } }`)).toBe(
    1 + 4 * 2,
  )
})

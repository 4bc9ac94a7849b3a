import { makeExecutableSchema } from '@graphql-tools/schema'
import fc from 'fast-check'
import { execute, type GraphQLSchema, getOperationAST, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { listSizeProblems, readFieldCosts } from '../../../src/graphql/limits/list-sizes.ts'
import { compileCost } from '../../../src/graphql/limits/operation-cost.ts'

const DIRECTIVES = /* GraphQL */ `
  directive @listSize(
    assumedSize: Int!
    slicingArguments: [String!]! = []
    sizedFields: [String!]! = []
    hoursBetween: [String!]! = []
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
    rows: [Row!]! @listSize(assumedSize: 4)
    byIds(ids: [ID!]!): [Row]! @listSize(assumedSize: 5, slicingArguments: ["ids"])
    byPage(page: Page!): [Row!]! @listSize(assumedSize: 5, slicingArguments: ["page.limit"])
    things: [Thing!]! @listSize(assumedSize: 2)
    hours(from: String!, to: String): [Row!]! @listSize(assumedSize: 100, hoursBetween: ["from", "to"])
    dear: Int @cost(weight: 1000)
  }
  type Connection { total: Int @cost(weight: 10) nodes: [Row!]! edges: [Edge!]! }
  type Edge { cursor: String! node: Row! }
  type Row implements Thing { id: ID! inner: Row! tags: [String!]! @listSize(assumedSize: 3) rows(first: Int! = 2): [Row!]! @listSize(assumedSize: 3, slicingArguments: ["first"]) }
  type Small implements Thing { id: ID! }
`
const HOUR_MS = 60 * 60 * 1000
const NOW = Date.parse('2026-03-01T10:30:00Z')

/** Every list is as long as it may be. */
const list = (length: number) => Array.from({ length }, () => ({}))
const schema = makeExecutableSchema({
  typeDefs: SDL,
  resolvers: {
    Thing: { __resolveType: () => 'Row' },
    Query: {
      row: () => ({}),
      page: (_: unknown, { first }: { first: number }) => ({ size: Math.min(first, 5) }),
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

/** Every field and every item of a list that the answer has. */
function valuesIn(data: unknown): number {
  if (Array.isArray(data)) return data.reduce((sum: number, item) => sum + 1 + valuesIn(item), 0)
  if (typeof data !== 'object' || data === null) return 0
  return Object.values(data).reduce((sum: number, value) => sum + 1 + valuesIn(value), 0)
}

describe('the cost of an operation', () => {
  it.each<[string, string, Record<string, unknown>, number]>([
    ['a field', '{ row { id } }', {}, 2],
    ['a field twice under one name', '{ row { id } row { id inner { id } } }', {}, 4],
    ['a field twice under two names', '{ row { id } again: row { id } }', {}, 4],
    ['a list of texts', '{ row { tags } }', {}, 1 + 1 + 3],
    ['a list of rows', '{ rows { id tags } }', {}, 1 + 4 * (1 + 1 + 4)],
    ['a list of a usual length', '{ page { nodes { id } } }', {}, 2 + 3 * 2],
    ['a list of a length given', '{ page(first: 5) { nodes { id } } }', {}, 2 + 5 * 2],
    ['a list of a length given by a variable', 'query ($n: Int!) { page(first: $n) { nodes { id } } }', { n: 1 }, 2 + 2],
    ['a list of a length given by default', 'query ($n: Int! = 2) { page(first: $n) { nodes { id } } }', {}, 2 + 2 * 2],
    ['a longer list than there is', '{ page(first: 1000000) { nodes { id } } }', {}, 2 + 5 * 2],
    ['a list of less than nothing', '{ page(first: -7) { nodes { id } } }', {}, 2],
    [
      'both forms of a page, and its total once',
      '{ page(first: 2) { total nodes { id } edges { cursor node { id } } } }',
      {},
      1 + 10 + (1 + 2 * 2) + (1 + 2 * 4),
    ],
    ['what is asked for by names', '{ byIds(ids: ["a", "b"]) { id } }', {}, 1 + 2 * 2],
    ['what is asked for by names in a variable', 'query ($ids: [ID!]!) { byIds(ids: $ids) { id } }', { ids: ['a', 'b', 'c'] }, 1 + 3 * 2],
    ['a length within an input object', '{ byPage(page: { limit: 2 }) { id } }', {}, 1 + 2 * 2],
    ['a length within an input object, by a variable', 'query ($p: Page!) { byPage(page: $p) { id } }', { p: { limit: 1 } }, 1 + 2],
    ['a length that is not told: the most', 'query ($p: Page!) { byPage(page: $p) { id } }', { p: {} }, 1 + 5 * 2],
    ['a series', '{ hours(from: "2026-03-01T00:00:00Z", to: "2026-03-01T09:00:00Z") { id } }', {}, 1 + 10 * 2],
    ['a series up to now', '{ hours(from: "2026-03-01T00:30:00Z") { id } }', {}, 1 + 11 * 2],
    ['a series that is not a range', '{ hours(from: "then") { id } }', {}, 1 + 100 * 2],
    ['a dear field', '{ dear again: dear }', {}, 2000],
    ['lists in lists', '{ rows { rows { rows { id } } } }', {}, 1 + 4 * (1 + 1 + 2 * (1 + 1 + 2 * 2))],
    ['the dearest of the possible types', '{ things { id ... on Row { tags } ... on Small { a: id b: id } } }', {}, 1 + 2 * (1 + 1 + 4)],
    ['fragments at each spread', '{ row { ...F } other: row { ...F } } fragment F on Row { id tags }', {}, 2 * (1 + 1 + 4)],
    [
      'nothing of what is left out',
      'query ($no: Boolean! = false) { row { id tags @include(if: $no) ... @skip(if: true) { inner { id } } } }',
      {},
      2,
    ],
    ['all of what is put in', 'query ($yes: Boolean!) { row { id tags @include(if: $yes) } }', { yes: true }, 2 + 4],
    ['`__typename`', '{ __typename row { __typename } }', {}, 3],
    ['nothing, for the standard introspection', '{ __schema { types { name fields { name type { name } } } } }', {}, 0],
  ])('counts %s', (_, text, variables, expected) => {
    expect(costOf(text, variables)).toBe(expected)
  })

  it('of an introspection that is not the standard one is the product of its lists', () => {
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

  it('is the number of values in the answer, where every list is as long as it may be', async () => {
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

describe('a schema with a list whose length nothing bounds', () => {
  const problems = (types: string) => [...listSizeProblems(makeExecutableSchema({ typeDefs: `${DIRECTIVES} ${types}` }))]

  it.each([
    [
      'has no size',
      'type Query { rows: [Int] }',
      /^Query\.rows: is a list, and nothing says how long it can be: give it @listSize\(assumedSize:\)\.$/,
    ],
    [
      'is in an object that a field gives without a size',
      'type Query { page: Page } type Page { nodes: [Int] }',
      /^Page\.nodes: is a list, .* or name it in the sizedFields of Query\.page\.$/,
    ],
    [
      'is in an object that one of two fields gives without a size',
      'type Query { a: Page @listSize(assumedSize: 1, sizedFields: ["nodes"]) b: Page } type Page { nodes: [Int] }',
      /^Page\.nodes: is a list, .* sizedFields of Query\.b\.$/,
    ],
    [
      'names an argument that is not there',
      'type Query { rows: [Int] @listSize(assumedSize: 1, slicingArguments: ["first"]) }',
      /the argument first, which the field does not have/,
    ],
    [
      'names a field that is not there',
      'type Query { page: Page @listSize(assumedSize: 1, sizedFields: ["nodse"]) } type Page { id: ID }',
      /the field nodse, which Page does not have/,
    ],
    ['has a cost below nothing', 'type Query { a: Int @cost(weight: -1) }', /@cost\(weight:\) must be 0 or more/],
  ])('is found, where it %s', (_, types, message) => {
    expect(problems(types)).toEqual([expect.stringMatching(message)])
  })

  it('is not the schema of these tests', () => {
    expect([...listSizeProblems(schema)]).toEqual([])
  })
})

it('an hour is the step of a series', () => {
  expect(costOf(`{ hours(from: "${new Date(NOW - 3 * HOUR_MS).toISOString()}", to: "${new Date(NOW).toISOString()}") { id } }`)).toBe(
    1 + 4 * 2,
  )
})

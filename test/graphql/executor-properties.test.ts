import { makeExecutableSchema } from '@graphql-tools/schema'
import type { IResolvers } from '@graphql-tools/utils'
import {
  execute,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  type GraphQLSchema,
  getOperationAST,
  parse,
  responsePathAsArray,
  validate,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { isCompilable } from '#src/gateway/graphql/execution/compilable.ts'
import { createExecutor } from '#src/gateway/graphql/execution/executor.ts'
import fc from '../property.ts'

const SDL = /* GraphQL */ `
  type Query { row(n: Int, f: Filter): Row rows(first: Int! = 2, ids: [ID!]): [Row!]! maybe(first: Int! = 2): [Row] sure: Row! grid: [[Row!]]! plain: Plain }
  type Row {
    id: ID! label(n: Int = 3, f: Filter, c: Color, w: When): String color(c: Color = RED): Color
    row(n: Int, f: Filter): Row sure: Row! rows(first: Int! = 2, ids: [ID!]): [Row!]! maybe(first: Int! = 2): [Row] tags: [String!]! plain: Plain
  }
  type Plain { text: String! inner: Plain list: [Plain!]! number: Float }
  input Filter { n: Int = 5 ids: [ID!] c: Color = GREEN inner: Inner w: When on: Boolean = true }
  input Inner { n: Int c: Color = RED list: [[Int!]] w: When on: Boolean! = true }
  enum Color { RED GREEN }
  scalar When
`

const DEEPEST = 3
const PLAIN = { text: 'text', number: 1.5, list: [], inner: { text: 'inner', inner: null, list: [{ text: 'first', list: [] }] } }

/** Ways in which a resolver can succeed or fail. */
const OUTCOMES = ['value', 'promise', 'null', 'thrown', 'rejected', 'returned'] as const
type Outcome = (typeof OUTCOMES)[number]
/** Outcomes of a resolver, used in turn. If all outcomes are successes, compiled code executes the whole operation. */
const plans = fc.oneof(
  fc.array(fc.constantFrom<Outcome>('value', 'promise'), { minLength: 1, maxLength: 5 }),
  fc.array(fc.constantFrom<Outcome>('value', 'promise', 'null'), { minLength: 1, maxLength: 9 }),
  fc.array(fc.constantFrom(...OUTCOMES), { minLength: 1, maxLength: 15 }),
)

/** Types of the variables, with valid and invalid values. */
const VARIABLES: Readonly<Record<string, { readonly type: string; readonly values: readonly unknown[] }>> = {
  n: { type: 'Int', values: [1, -7, null, 2 ** 31, '1'] },
  m: { type: 'Int! = 2', values: [0, 1, null, 1.5] },
  ids: { type: '[ID!]', values: [[], ['a', 7], 'b', 8, null, [null], {}] },
  f: {
    type: 'Filter',
    values: [
      {},
      { n: null },
      { ids: 'x', inner: { c: null, n: 3 } },
      { inner: { list: [[1], 2, null], on: false } },
      { on: null },
      [],
      'f',
      { other: 1 },
      { w: 2 },
    ],
  },
  c: { type: 'Color = GREEN', values: ['RED', 'GREEN', null, 'BLUE', 1] },
  w: { type: 'When', values: ['now', null, 5] },
  constructor: { type: 'Int', values: [5, null] },
}

const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  n: ['1', '-3', 'null', '$n', '$m', '$constructor'],
  first: ['0', '1', '$m', '$n'],
  ids: ['[]', '[1, 2]', '7', 'null', '$ids'],
  f: ['{}', '{ n: 2, ids: [3], inner: { c: RED } }', '{ c: null }', 'null', '$f', '{ n: $n, ids: $ids }'],
  c: ['RED', 'null', '$c'],
  w: ['null', '$w', '"then"'],
}

const ROW_FIELDS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['row', ['n', 'f']],
  ['sure', []],
  ['rows', ['first', 'ids']],
  ['maybe', ['first']],
]

const alias = fc.oneof({ weight: 3, arbitrary: fc.constant('') }, fc.constantFrom('a: ', 'then: ', 'constructor: ', 'toString: '))

function called(name: string, names: readonly string[]): fc.Arbitrary<string> {
  const given = names.map((argument) => fc.option(fc.constantFrom(...(ARGUMENTS[argument] ?? [])), { nil: undefined }))
  return fc.tuple(alias, ...given).map(([renamed, ...values]) => {
    const list = values.flatMap((value, index) => (value === undefined ? [] : [`${names[index]}: ${value}`]))
    return `${renamed}${name}${list.length > 0 ? `(${list.join(', ')})` : ''}`
  })
}

const leaf = fc.oneof(
  fc.constantFrom('id', '__typename', 'tags', 'plain { text inner { number list { text } } }', 'plain { list { text } number }'),
  called('label', ['n', 'f', 'c', 'w']),
  called('color', ['c']),
)

function within(depth: number, spreads: boolean): fc.Arbitrary<string> {
  const parts: fc.Arbitrary<string>[] = [leaf]
  if (spreads) parts.push(fc.constantFrom('...First', '...Second'))
  if (depth < DEEPEST) {
    for (const [name, args] of ROW_FIELDS)
      parts.push(fc.tuple(called(name, args), within(depth + 1, spreads)).map(([field, inner]) => `${field} ${inner}`))
    parts.push(within(depth + 1, spreads).map((inner) => `... on Row ${inner}`))
  }
  return fc.array(fc.oneof(...parts), { minLength: 1, maxLength: 3 }).map((selected) => `{ ${selected.join(' ')} }`)
}

const root = fc.oneof(
  fc.constantFrom('plain { text inner { text } }', '__typename'),
  ...[...ROW_FIELDS, ['grid', []] as const].map(([name, args]) =>
    fc.tuple(called(name, args), within(1, true)).map(([field, inner]) => `${field} ${inner}`),
  ),
)

const documents = fc
  .tuple(fc.array(root, { minLength: 1, maxLength: 3 }), within(3, false), within(3, false))
  .map(([roots, first, second]) => {
    const fragments = { First: ` fragment First on Row ${first}`, Second: ` fragment Second on Row ${second}` }
    const body = `{ ${roots.join(' ')} }`
    const text = Object.entries(fragments).reduce((all, [name, fragment]) => (body.includes(`...${name}`) ? all + fragment : all), body)
    const declared = Object.entries(VARIABLES).filter(([name]) => new RegExp(`\\$${name}\\b`).test(text))
    return declared.length > 0 ? `query (${declared.map(([name, { type }]) => `$${name}: ${type}`).join(', ')}) ${text}` : text
  })

const variables = fc.record(Object.fromEntries(Object.entries(VARIABLES).map(([name, { values }]) => [name, fc.constantFrom(...values)])), {
  requiredKeys: [],
})

interface Context {
  readonly plan: readonly Outcome[]
}

describe('the executor, for random operations,', () => {
  const schema = createSchema()

  it('gives the same data and errors as graphql-js, and passes the same arguments to resolvers', async () => {
    let compiled = 0
    await fc.assert(
      fc.asyncProperty(documents, variables, plans, async (text, variableValues, plan) => {
        const document = parse(text)
        fc.pre(validate(schema, document).length === 0)
        const operation = getOperationAST(document)
        if (operation && isCompilable(schema, document, operation)) compiled++
        const contextValue: Context = { plan }
        const expected = JSON.stringify(await execute({ schema, document, variableValues, contextValue }))
        const run = createExecutor(schema)
        for (let time = 1; time <= 4; time++) {
          const result = await run({ document, operationName: undefined, variableValues, contextValue })
          expect(JSON.stringify(result), `time ${time}`).toBe(expected)
        }
      }),
      { numRuns: 400 },
    )
    expect(compiled).toBeGreaterThan(100)
  })
})

function createSchema(): GraphQLSchema {
  type Make = (args: Record<string, unknown>, info: GraphQLResolveInfo, context: Context) => unknown
  const give =
    (make: Make): GraphQLFieldResolver<unknown, Context> =>
    (_parent, args, context, info) => {
      const path = responsePathAsArray(info.path)
      const failure = () => new Error(`at ${path.join('.')}`)
      const outcome = context.plan[path.join('').length % context.plan.length]
      if (outcome === 'null') return null
      if (outcome === 'thrown') throw failure()
      if (outcome === 'rejected') return Promise.reject(failure())
      if (outcome === 'returned') return failure()
      const value = make(args, info, context)
      return outcome === 'promise' ? Promise.resolve(value) : value
    }
  const row = { id: 'id', tags: ['one', 'two'], plain: PLAIN }
  // If an item fails synchronously, graphql-js drops the pending items before it. Items that may fail are therefore all
  // promises.
  const item = ({ plan }: Context) => (plan.every(succeeds) ? row : Promise.resolve(row))
  const list = give(({ first }, _info, context) => Array.from({ length: Number(first ?? 2) }, () => item(context)))
  const told = give((args, info) => {
    const { parentType, fieldName, fieldNodes, returnType, path, variableValues } = info
    const places = fieldNodes.map(({ loc }) => loc?.start)
    return JSON.stringify([parentType.name, fieldName, places, `${returnType}`, responsePathAsArray(path), inOrder(args), variableValues])
  })
  const shared = { row: give(() => row), sure: give(() => row), rows: list, maybe: list }
  const When = new GraphQLScalarType({
    name: 'When',
    parseValue: (value) => {
      if (typeof value !== 'string') throw new TypeError('When: expected a text.')
      return `at ${value}`
    },
  })
  const grid = give((_args, _info, context) => [[item(context)], [], [item(context), item(context)]].map((part) => Promise.resolve(part)))
  const resolvers = {
    Query: { ...shared, grid, plain: give(() => PLAIN) },
    Row: { ...shared, label: told, color: give(({ c }) => c) },
    Color: { RED: 'r', GREEN: 7 },
    When,
  }
  return makeExecutableSchema({ typeDefs: SDL, resolvers: resolvers as IResolvers })
}

/** Sorts the arguments, because resolvers may not rely on their order. */
function inOrder(args: Readonly<Record<string, unknown>>) {
  return Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1))
}

function succeeds(outcome: Outcome): boolean {
  return outcome === 'value' || outcome === 'promise'
}

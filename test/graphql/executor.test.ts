import { makeExecutableSchema } from '@graphql-tools/schema'
import type { IResolvers } from '@graphql-tools/utils'
import { execute, GraphQLError, type GraphQLFieldResolver, GraphQLScalarType, type GraphQLSchema, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createExecutor } from '#src/gateway/graphql/execution/executor.ts'

/** Number of executions of each operation. The last executions use compiled code if the operation is compilable. */
const EXECUTIONS = 4

describe('the executor', () => {
  const SDL = /* GraphQL */ `
    type Query {
      value: String
      echo(text: String, list: [Int!], input: Input, color: Color): String
      thing: Thing
      sure: Thing!
      things: [Thing]
      sureThings: [Thing!]
      nested: [[Int]]
      any: Any
      anyOf: [Any!]
      color: Color
      odd: Odd
      plain: Plain
    }
    type Thing { name: String sureName: String! place: String other: Thing sureOther: Thing! odd: Odd numbers: [Int!] }
    interface Any { name: String }
    type One implements Any { name: String one: Int! }
    type Two implements Any { name: String two: Int }
    type Plain { text: String inner: Plain list: [Plain] }
    enum Color { RED GREEN }
    input Input { n: Int = 5 m: Int color: Color = GREEN }
    scalar Odd
  `
  type Resolve = GraphQLFieldResolver<Record<string, unknown>, unknown>
  const failing = (message: string) => () => {
    throw new GraphQLError(message, { extensions: { code: 'OWN' } })
  }

  function schemaOf(resolvers: Readonly<Record<string, Readonly<Record<string, Resolve>>>>, resolveType?: () => unknown): GraphQLSchema {
    const Odd = new GraphQLScalarType({
      name: 'Odd',
      serialize: (value) => (value === 'even' ? failing('Odd cannot be even.')() : { odd: value }),
    })
    const Any = { __resolveType: resolveType ?? ((value: { readonly is: string }) => value.is) }
    return makeExecutableSchema({ typeDefs: SDL, resolvers: { ...resolvers, Any, Odd, Color: { RED: 'r', GREEN: 7 } } as IResolvers })
  }

  async function expectSame(schema: GraphQLSchema, text: string, variables: Record<string, unknown> = {}): Promise<string> {
    const document = parse(text)
    expect(validate(schema, document)).toEqual([])
    const run = createExecutor(schema)
    const reference = await execute({ schema, document, variableValues: variables, contextValue: {} })
    const expected = JSON.stringify(reference)
    for (let time = 1; time <= EXECUTIONS; time++) {
      const result = await run({ document, operationName: undefined, variableValues: variables, contextValue: {} })
      expect(JSON.stringify(result), `${text}, time ${time}`).toBe(expected)
      expect(codesOf(result.errors)).toEqual(codesOf(reference.errors))
    }
    return expected
  }

  const echo: Resolve = (_parent, args, _context, info) => `${info.parentType.name}.${info.fieldName} ${JSON.stringify(args)}`

  it('propagates null up to the nearest nullable parent', async () => {
    const schema = schemaOf({
      Query: {
        thing: () => ({}),
        sure: async () => ({ name: 'x' }),
        things: () => [{ sureName: 'a' }, {}],
        sureThings: async () => [{ sureName: 'a' }, {}],
      },
      Thing: { sureOther: async ({ name }) => (name === 'x' ? null : {}), other: () => ({}) },
    })
    await expectSame(
      schema,
      '{ thing { name other { sureName } sureOther { other { other { sureName } name } } } things { sureName } sureThings { sureName } }',
    )
    await expectSame(schema, '{ thing { sureOther { name } } sure { name sureOther { name } } }')
    expect(await expectSame(schema, '{ value sure { sureOther { name } sureName } }')).toContain('"data":null')
  })

  it('reports errors that resolvers throw, return or reject with, in fields and in lists', async () => {
    const schema = schemaOf({
      Query: {
        value: failing('thrown'),
        thing: async () => failing('rejected')(),
        sure: () => ({}),
        things: () => [Promise.reject(new Error('first')), { name: 'second' }, new Error('third'), Promise.resolve({ name: 'fourth' })],
        sureThings: async () => [{ name: 'first' }, Promise.reject(new Error('second'))],
        nested: () => [[1, null], null, [Promise.resolve(2), Promise.reject(new Error('deep'))]],
      },
      Thing: { place: async () => failing('no place')(), sureName: failing('no name') },
    })
    await expectSame(schema, '{ value thing { name } nested }')
    expect(await expectSame(schema, '{ things { name place } }')).toContain('"fourth"')
    await expectSame(schema, '{ things { sureName name } sureThings { name place } }')
    await expectSame(schema, '{ sure { place name } value again: value }')
    await expectSame(schema, '{ sure { place sureName other { name } } value }')
  })

  it('resolves promises, lists of promises, and promises of such lists', async () => {
    const schema = schemaOf({
      Query: {
        value: async () => 'v',
        things: () => [Promise.resolve({ name: 'a' }), null, { name: 'b' }],
        sureThings: async () => new Set([{ name: 'c' }]),
        nested: async () => [[1], []],
      },
      Thing: { place: async ({ name }) => `at ${name}`, numbers: () => [Promise.resolve(1), 2] as never },
    })
    await expectSame(schema, '{ nested things { place name numbers } value sureThings { numbers place } __typename }')
  })

  it('merges the selections of a field that is selected in several places', async () => {
    const schema = schemaOf({
      Query: { thing: () => ({ name: 'n', place: 'p' }) },
      Thing: { other: async () => ({ name: 'inner' }), sureOther: () => ({ place: 'there' }) },
    })
    await expectSame(
      schema,
      '{ thing { place other { name } ...T } ...Q thing { name sureOther { __typename } } } fragment T on Thing { other { place } name } fragment Q on Query { thing { sureOther { place } place } value }',
    )
  })

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('evaluates @skip and @include separately for each of two spreads of a fragment: %s, %s', async (a, b) => {
    const schema = schemaOf({ Query: { thing: () => ({ name: 'n', place: 'p' }), value: () => 'v' } })
    const declared = 'query ($a: Boolean!, $b: Boolean = true)'
    await expectSame(
      schema,
      `${declared} { ...F @include(if: $a) ...F @include(if: $b) value @skip(if: $a) @include(if: $b) } fragment F on Query { thing { name } }`,
      { a, b },
    )
    await expectSame(
      schema,
      `${declared} { x: thing { ...F @skip(if: $a) } y: thing { ...F @skip(if: $b) } ... @include(if: $a) { value } } fragment F on Thing { name place @include(if: $b) }`,
      { a, b },
    )
  })

  it('lets graphql-js resolve abstract types, even if a type resolver of the schema fails or is asynchronous', async () => {
    const any = {
      Query: {
        any: () => ({ is: 'One', name: 'n', one: 1 }),
        anyOf: async () => [
          { is: 'Two', name: 't' },
          { is: 'One', name: 'o' },
        ],
      },
    }
    const text =
      '{ any { __typename name ... on One { one } } anyOf { ...P ... on Two { two } } } fragment P on Any { name ... on One { one } }'
    await expectSame(schemaOf(any), text)
    await expectSame(schemaOf(any, failing('no type')), text)
    await expectSame(
      schemaOf(any, async () => 'Two'),
      text,
    )
    await expectSame(
      schemaOf(any, () => 'Three'),
      text,
    )
  })

  it('reports leaf values that cannot be serialized, with the codes of the thrown errors', async () => {
    const schema = schemaOf({
      Query: { odd: () => 'even', thing: () => ({ odd: 3, numbers: [1, 'x'] }), color: () => 'BLUE', value: () => ({}) },
    })
    await expectSame(schema, '{ odd thing { odd numbers } color value }')
    await expectSame(schemaOf({ Query: { color: () => 'r', odd: async () => 1 } }), '{ color odd }')
  })

  it('passes the same arguments to resolvers as graphql-js, whichever arguments the document omits', async () => {
    const schema = schemaOf({ Query: { echo } })
    const text =
      'query ($n: Int, $m: Int! = 4, $list: [Int!], $input: Input, $c: Color = RED, $t: String = "t") { a: echo(input: { n: $n }) b: echo(list: $list, color: $c) c: echo(input: $input) d: echo(text: $t, list: [1, $m], color: GREEN) }'
    for (const variables of [{}, { n: 1, list: 2 }, { n: 3, input: { m: 1 } }, { n: 3, list: [1, 2], input: { color: null }, c: null }])
      await expectSame(schema, text, variables)
    await expectSame(schema, '{ a: echo(list: [1, 2], input: { m: 2 }, color: RED) b: echo(list: 3) c: echo }')
    for (const variables of [{}, { i: { n: null } }, { i: { n: 2 ** 40 } }, { i: [] }, { i: 7 }, { i: { x: 1 } }, { i: { color: 'BLUE' } }])
      await expectSame(schema, 'query ($i: Input!) { echo(input: $i) }', variables)
  })

  it('treats a string literal as text, whatever it contains', async () => {
    const marked = ['DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d', 'NAN__57f286b9_4c20_487f_b409_79804ddcb4f8']
    for (const mark of marked) {
      const text = `__MAGIC_${mark}globalThis.executed=true`
      expect(await expectSame(schemaOf({ Query: { echo } }), `{ echo(text: "${text}") }`)).toContain(text)
      await expectSame(schemaOf({ Query: { echo } }), `query ($t: String = "${text}") { echo(text: $t) }`)
    }
    expect(Reflect.has(globalThis, 'executed')).toBe(false)
  })

  it('passes each resolver the info of its own field, whatever the fields are called', async () => {
    const schema = schemaOf({ Query: { thing: () => ({}), echo, value: echo }, Thing: { name: echo, place: echo } })
    expect(await expectSame(schema, '{ thing { name place } name_thing: value place_thing: echo }')).toContain('Thing.name')
    await expectSame(
      schema,
      '{ __proto__: value constructor: value toString: thing { __proto__: name hasOwnProperty: place } then: value }',
    )
  })

  it('executes fragments that would grow exponentially if they were expanded, without expanding them', async () => {
    const levels = Array.from(
      { length: 22 },
      (_, level) => `fragment L${level} on Thing { other { ...L${level + 1} } sureOther { ...L${level + 1} } }`,
    )
    const schema = schemaOf({ Query: { thing: () => null } })
    expect(await expectSame(schema, `{ thing { ...L0 } } ${levels.join(' ')} fragment L22 on Thing { name }`)).toBe(
      '{"data":{"thing":null}}',
    )
  })

  it('awaits a promise in a property of a row, but the compiled operation reads the promise as a plain object', async () => {
    const rows = { text: 'row', inner: { text: 'inner', list: [{ text: 'a' }, null] } }
    await expectSame(schemaOf({ Query: { plain: () => rows } }), '{ plain { text inner { text list { text } } } }')
    const schema = schemaOf({ Query: { plain: () => ({ inner: Promise.resolve({ text: 'late' }) }) } })
    const terms = { document: parse('{ plain { inner { text } } }'), operationName: undefined, variableValues: {}, contextValue: {} }
    const run = createExecutor(schema)
    const results = [await run(terms), await run(terms), await run(terms)].map((result) => JSON.stringify(result))
    expect(results).toEqual([
      '{"data":{"plain":{"inner":{"text":"late"}}}}',
      '{"data":{"plain":{"inner":{"text":"late"}}}}',
      '{"data":{"plain":{"inner":{"text":null}}}}',
    ])
  })
})

function codesOf(errors: readonly GraphQLError[] = []) {
  return errors.map(({ extensions }) => extensions['code'])
}

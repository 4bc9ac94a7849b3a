import { buildSchema, getOperationAST, parse } from 'graphql'
import { expect, it } from 'vitest'
import { isCompilable } from '#src/gateway/graphql/execution/compilable.ts'

const schema = buildSchema(`
  input Filter { name: String, and: [Filter!] }
  input Page { first: Int = 5, order: Order }
  input Order { descending: Boolean }
  interface Named { name: String }
  type Thing implements Named { name: String, snake_case: String }
  type Query { things(filter: Filter, page: Page, name: String): [Thing], named: Named }
`)

it.each<[document: string, compiled: boolean]>([
  ['{ things { name } }', true],
  ['query ($page: Page) { things(page: $page) { name } }', true],
  ['query ($name: String) { things(name: $name) { name } }', true],
  ['query ($filter: Filter) { things(filter: $filter) { name } }', false],
  ['query ($first: Int) { things(page: { first: $first }) { name } }', false],
  ['{ things(name: "a") { name } }', false],
  ['query ($no: Boolean!) { things { name @skip(if: $no) } }', false],
  ['{ things { snake_case } }', false],
  ['{ things { a_b: name } }', false],
  ['{ __proto__: things { name } }', false],
  ['{ named { name } }', false],
  [`{ ${Array.from({ length: 151 }, (_, number) => `f${number}: things { name }`).join(' ')} }`, false],
])('isCompilable for the operation %s returns %s.', (text, compiled) => {
  const document = parse(text)
  const operation = getOperationAST(document)
  expect(operation && isCompilable(schema, document, operation)).toBe(compiled)
})

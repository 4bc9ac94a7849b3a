import { buildASTSchema, type GraphQLSchema, isNonNullType, isObjectType, parse } from 'graphql'
import { expect, it } from 'vitest'
import { readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'

/** Returns the root fields, and the fields of groups of root fields, whose error would null the fields beside them. */
function nullingFields(schema: GraphQLSchema): string[] {
  return ['Query', 'Analytics'].flatMap((name) => {
    const type = schema.getType(name)
    const fields = isObjectType(type) ? Object.values(type.getFields()) : []
    return fields.filter((field) => isNonNullType(field.type)).map((field) => `${name}.${field.name}`)
  })
}

it('No field of Query or of Analytics is non-null, so the error of one never takes the fields beside it away.', async () => {
  const typeDefs = await readTypeDefs(new URL('../../schema', import.meta.url).pathname)
  expect(nullingFields(buildASTSchema(typeDefs))).toEqual([])
})

it('A list that is non-null is found, at the root and in the group.', () => {
  const schema = buildASTSchema(parse('type Query { a: [Int!] b: [Int!]! analytics: Analytics } type Analytics { c: Int! d: Int }'))
  expect(nullingFields(schema)).toEqual(['Query.b', 'Analytics.c'])
})

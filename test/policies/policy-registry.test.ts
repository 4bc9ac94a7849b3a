import { readFileSync } from 'node:fs'
import { buildSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { POLICY_ATTRIBUTES, type PolicyAttribute } from '#src/gateway/policies/policy-attributes.ts'
import { type PolicyOverrides, PolicyRegistry } from '#src/gateway/policies/policy-registry.ts'

const SCOPE = 'enum CacheScope { PUBLIC TENANT }'
const schemaWith = (argument: string) =>
  buildSchema(`
    directive @cache(l1: Int!, l2: Int!, ${argument}, scope: CacheScope! = TENANT, depends: [String!]) on OBJECT | FIELD_DEFINITION
    ${SCOPE}
    type Query { thing: Int @cache(l1: 1, l2: 2, planted: 7) }
  `)
const PLANTED: PolicyAttribute = { name: 'planted', unit: 'seconds', composes: 'least', engine: 'negativeMs' }
const LIFE = POLICY_ATTRIBUTES.filter(({ name }) => name === 'l1' || name === 'l2')

describe('a cache policy attribute', () => {
  it('is passed to the cache engine without further code if it has a row in the table of attributes and an argument of @cache', () => {
    const registry = new PolicyRegistry({
      schema: schemaWith('planted: Int'),
      configured: {},
      attributes: [...LIFE, PLANTED],
    })
    const rule = registry.rules.get('Query.thing')
    expect(rule?.policy).toMatchObject({ l1Ms: 1000, l2Ms: 2000, negativeMs: 7000 })
    expect(registry.compose('Response', rule ? [rule] : []).policy.negativeMs).toBe(7000)
    registry.set('operator', { 'Query.thing': { planted: 3 } })
    expect(registry.rules.get('Query.thing')?.policy.negativeMs).toBe(3000)
  })

  it('causes an error at start that names it if @cache has no such argument', () => {
    const schema = buildSchema(
      `directive @cache(l1: Int!, l2: Int!, scope: CacheScope! = TENANT) on OBJECT ${SCOPE} type Query { thing: Int }`,
    )
    expect(() => new PolicyRegistry({ schema, configured: {}, attributes: [...LIFE, PLANTED] })).toThrow(
      'The policy attribute planted has a row in policy-attributes.ts, but @cache has no argument planted: add it in directives.graphql',
    )
  })

  it('causes an error at start that names it if it has no row in the table of attributes', () => {
    expect(() => new PolicyRegistry({ schema: schemaWith('planted: Int'), configured: {}, attributes: LIFE })).toThrow(
      'The argument planted of @cache has no row in policy-attributes.ts, so nothing reads it: add the row',
    )
  })
})

const directives = readFileSync(new URL('../../schema/directives.graphql', import.meta.url), 'utf8')
const schema = buildSchema(`${directives}
  enum Role { VIEWER }
  type Query { a: Int @cache(l1: 60, l2: 600, depends: []), b: Int @cache(l1: 60, l2: 600, depends: []) }
`)
const open = (configured: PolicyOverrides = {}) => new PolicyRegistry({ schema, configured })
const lifeOf = (registry: PolicyRegistry, name: string) => registry.rules.get(`Query.${name}`)?.policy.l1Ms

describe('overrides of cache policies', () => {
  it('take precedence over the schema, later layers over earlier layers, until they are removed', () => {
    const registry = open({ 'Query.a': { l1: 50 }, 'Query.b': { l1: 51 } })
    registry.set('operator', { 'Query.a': { l1: 40 }, 'Query.b': { l2: 52 } })
    expect(lifeOf(registry, 'a')).toBe(40_000)
    expect(registry.rules.get('Query.b')?.policy).toMatchObject({ l1Ms: 51_000, l2Ms: 52_000 })
    registry.set('operator', {})
    expect(lifeOf(registry, 'a')).toBe(50_000)
    expect(registry.version).toBe(3)
  })

  it('do not change if the caller later changes the object that it passed', () => {
    const registry = open()
    const given = { 'Query.a': { l1: 5 } }
    registry.set('operator', given)
    given['Query.a'].l1 = 6
    registry.run([])
    expect(lifeOf(registry, 'a')).toBe(5000)
  })

  it.each<[string, PolicyOverrides, RegExp]>([
    ['for a field without @cache', { 'Query.a': { l1: 5 }, 'Query.c': { l1: 5 } }, /layer operator: the override "Query\.c" names nothing/],
    [
      'for a name that every JavaScript object inherits',
      { 'Query.a': { l1: 5 }, toString: { l1: 5 } },
      /the override "toString" names nothing/,
    ],
    [
      'given with an unknown key',
      { 'Query.a': { l1: 5 }, 'Query.b': { ttl: 5 } },
      /override of Query\.b has the unknown key "ttl": expected l1/,
    ],
    ['out of bounds', { 'Query.a': { l1: 5 }, 'Query.b': { l1: -1 } }, /Query\.b: @cache\(l1:\) must be an integer .* got -1/],
    [
      'in contradiction to the schema',
      { 'Query.a': { l1: 5 }, 'Query.b': { l2: 5 } },
      /Query\.b: @cache\(l1: 60, l2: 5\) would keep a copy/,
    ],
  ])('are all rejected if one of them is %s', (_, overrides, message) => {
    const registry = open()
    expect(() => registry.set('operator', overrides)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }))
    expect(() => registry.set('operator', overrides)).toThrow(message)
    expect(lifeOf(registry, 'a')).toBe(60_000)
    expect(registry.version).toBe(1)
  })
})

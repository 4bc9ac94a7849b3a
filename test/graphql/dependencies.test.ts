import { buildSchema, type GraphQLField, GraphQLObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { anyChangeTag, declareEntity, dimensionTag, listTag } from '#src/engine/cache/model/entity.ts'
import { compileDependencies } from '#src/gateway/policies/dependencies.ts'
import fc from '../property.ts'

const bid = declareEntity({
  type: 'Bid',
  table: 'bids',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['call_id', 'status', 'on_day', 'in_month'],
  listed: ['call_id', 'status', 'on_day', 'in_month'],
  spelling: {
    status: (asked) => {
      if (asked === 'nonsense') throw new Error('No row has that.')
      return asked === 'EXPIRED' ? 'ACTIVE' : asked
    },
  },
  times: { placed_at: { day: 'on_day', month: 'in_month' } },
})
const tld = declareEntity({ type: 'Tld', table: 'tlds', tenantColumn: null, idColumn: 'name', dimensions: ['kind'], listed: ['kind'] })
const entities = new Map([bid, tld].map((entity) => [entity.type, entity]))
const schema = buildSchema(/* GraphQL */ `
  input Filter { call: ID, statuses: [String!], inner: Filter }
  type Call { bids(filter: Filter, status: String, from: String, to: String): Int }
  type Query { call: Call }
`)

function compile(item: string) {
  const type = schema.getType('Call')
  if (!(type instanceof GraphQLObjectType)) throw new TypeError('Call is an object type')
  const field = type.getFields()['bids'] as GraphQLField<unknown, unknown>
  const rule = {
    coordinate: 'Call.bids',
    scope: 'TENANT' as const,
    depends: [item],
    values: {},
    tags: [],
    popularBy: undefined,
    isOverridden: false,
    hintSeconds: 60,
    policy: { name: 'Call.bids', l1Ms: 1, l2Ms: 1, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 },
  }
  const localId = (id: string) => (id.startsWith('Call:') ? id.slice(5) : undefined)
  const { items } = compileDependencies({ rule, parentType: type, isRoot: false, field, entities, parentNames: ['id', 'a.b'], localId })
  const [dependency] = items
  if (!dependency) throw new TypeError('one item gives one dependency')
  return (tenant: string, parent: unknown, args: Readonly<Record<string, unknown>>) => dependency(tenant, { parent, args, now: NOW })
}

const NOW = Date.parse('2026-03-18T10:20:30Z')

const tagValue = fc.oneof(fc.integer(), fc.string({ maxLength: 256 }))

describe('the tags that the `depends` of a value declares', () => {
  it('contain the tag of all lists of the type (`Bid[]`) if `depends` names no predicate such as `status: …`', () => {
    expect(compile('Bid')('t1', { id: 1 }, {})).toEqual([listTag(bid, 't1')])
  })

  it('name the tenant `public` instead of the tenant of the caller if the data is public', () => {
    expect(compile('Tld')('t1', { id: 1 }, {})).toEqual([listTag(tld, 'public')])
  })

  it("contain the column of a predicate with the value of the parent's property", () => {
    fc.assert(
      fc.property(tagValue, (id) => {
        expect(compile('Bid[call_id: $parent.id]')('t1', { id }, {})).toEqual([dimensionTag(bid, 't1', 'call_id', id)])
      }),
    )
  })

  it('contain one tag for each item if `depends` compares a column with an argument that is a list', () => {
    const statuses = fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(statuses, (statuses) => {
        const tags = compile('Bid[status: $args.filter.statuses]')('t1', { id: 1 }, { filter: { statuses } })
        expect(tags).toEqual(statuses.map((status) => dimensionTag(bid, 't1', 'status', status)))
      }),
    )
  })

  it("contain the tag of all lists of the type if the predicate's value is absent, null or unfit for a tag", () => {
    const beyond = fc.oneof(
      fc.constant(undefined),
      fc.constant(null),
      fc.constant([]),
      fc.double({ noInteger: true }),
      fc.object(),
      fc.string({ minLength: 257, maxLength: 300 }),
      fc.constant(Array.from({ length: 51 }, String)),
      fc.constant(['a', null]),
    )
    fc.assert(
      fc.property(beyond, (status) => {
        expect(compile('Bid[status: $args.status]')('t1', { id: 1 }, { status })).toEqual([listTag(bid, 't1')])
      }),
    )
  })

  it('contain only the first predicate that has a value, if `|` separates several predicates', () => {
    const dependency = compile('Bid[call_id: $args.filter.call | status: $args.status]')
    expect(dependency('t1', {}, { filter: { call: 'Call:7' }, status: 'WON' })).toEqual([dimensionTag(bid, 't1', 'call_id', '7')])
    expect(dependency('t1', {}, { filter: { call: null }, status: 'WON' })).toEqual([dimensionTag(bid, 't1', 'status', 'WON')])
    expect(dependency('t1', {}, { filter: {} })).toEqual([listTag(bid, 't1')])
  })

  it('contain a filter value as the column stores it, or the tag of all lists of the type if the column cannot have the value', () => {
    const dependency = compile('Bid[status: $args.status]')
    expect(dependency('t1', {}, { status: 'EXPIRED' })).toEqual([dimensionTag(bid, 't1', 'status', 'ACTIVE')])
    expect(dependency('t1', {}, { status: 'nonsense' })).toEqual([listTag(bid, 't1')])
  })

  it('contain the days of a time range; with the keyword `past`, they contain the days only if the range ended before today', () => {
    const past = { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' }
    const day = dimensionTag(bid, 't1', 'on_day', '2026-03-01')
    expect(compile('Bid[placed_at: $args.from..$args.to]')('t1', {}, past)).toEqual([day])
    const dependency = compile('Bid[placed_at: past $args.from..$args.to | status: $args.status]')
    expect(dependency('t1', {}, { ...past, status: 'WON' })).toEqual([day])
    expect(dependency('t1', {}, { from: past.from, status: 'WON' })).toEqual([dimensionTag(bid, 't1', 'status', 'WON')])
  })

  it('contain the tag for any change of the type if there is no `if` condition, or if the condition is met', () => {
    expect(compile('Bid~')('t1', {}, {})).toEqual([anyChangeTag(bid, 't1')])
    const dependency = compile('Bid~ if $args.status = WON | LOST')
    expect(dependency('t1', {}, { status: 'LOST' })).toEqual([anyChangeTag(bid, 't1')])
    expect(dependency('t1', {}, { status: 'ACTIVE' })).toEqual([])
    expect(dependency('t1', {}, {})).toEqual([])
  })

  it('are empty if an `if` or `unless` condition on the presence of an argument is not met', () => {
    const [given, notGiven] = [compile('Bid if $args.filter.statuses'), compile('Bid unless $args.filter.statuses')]
    expect(given('t1', {}, { filter: { statuses: ['WON'] } })).toEqual([listTag(bid, 't1')])
    expect(notGiven('t1', {}, { filter: { statuses: ['WON'] } })).toEqual([])
    for (const args of [{}, { filter: null }, { filter: { statuses: null } }, { filter: { statuses: [] } }]) {
      expect(given('t1', {}, args)).toEqual([])
      expect(notGiven('t1', {}, args)).toEqual([listTag(bid, 't1')])
    }
  })

  it('are never compiled from a misspelled declaration, because compiling it throws an error', () => {
    for (const item of [
      'bid',
      'Bid[]',
      'Bid[status]',
      'Bid[status: WON]',
      'Bid[status: past $args.status]',
      'Bid~ if status',
      'Bid~ if $args.status =',
      'Bid~ unless $args.status = WON',
      'Bid[status: $parent]',
    ])
      expect(() => compile(item)).toThrow('must read')
    expect(() => compile('Bid[status: $args.from..$args.to]')).toThrow('names no time dimension of Bid. It has: placed_at.')
  })

  it('can be computed for arbitrary arguments, and always name the tenant', () => {
    const args = fc.dictionary(fc.string(), fc.anything())
    fc.assert(
      fc.property(args, fc.anything(), (args, parent) => {
        for (const item of ['Bid[status: $args.filter.inner.statuses]', 'Bid[call_id: $parent.a.b]']) {
          for (const tag of compile(item)('t1', parent, { ...args, filter: args })) expect(tag.startsWith('t1:Bid[]')).toBe(true)
        }
      }),
    )
  })

  it('contain the row id of a global id (GraphQL type ID), without the type name that the global id contains', () => {
    const dependency = compile('Bid[call_id: $args.filter.call]')
    expect(dependency('t1', { id: 1 }, { filter: { call: 'Call:7' } })).toEqual([dimensionTag(bid, 't1', 'call_id', '7')])
    expect(dependency('t1', { id: 1 }, { filter: { call: 'nonsense' } })).toEqual([listTag(bid, 't1')])
  })
})

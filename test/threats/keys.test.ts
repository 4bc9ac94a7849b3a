import { parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cacheKey, type Json } from '#src/engine/cache/model/key.ts'
import { DocumentPlanner } from '#src/gateway/graphql/document/document-plan.ts'
import { cacheable } from '#src/gateway/graphql/document/prepared-operation.ts'
import { rawRequestOf } from '#src/gateway/http/raw-request.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { RequestIndex } from '#src/gateway/responses/request-index.ts'
import { startTinyGateway } from '../graphql/tiny-gateway.ts'
import fc from '../property.ts'

/** Values that a careless cache key would confuse; undefined stands for an absent part. */
const ALIKE: readonly (Json | undefined)[] = [
  ...[undefined, null, '', 'null', 'undefined', false, 'false', 0, -0, '0', '-0', 1, '1', 1.5, [], [null], [[]], {}, { a: null }, { a: 1 }],
  ...['a', ['a'], ['a', 'b'], 'a","b', 'a,b', 'a:b', 'a\u0000b', 'a\nb', '\u00e9', 'e\u0301', '\u212b', '\u00c5', '\ud800', '\ufffd'],
  ...['x'.repeat(1000), `${'x'.repeat(999)}y`, 9007199254740992, '9007199254740992', 1e21, '1e+21', { b: 1, a: 2 }, { a: 2, b: 1 }],
]
const ROLES = ['VIEWER', 'ADMIN'] as const
const viewers: readonly Principal[] = ['t1', 't2', 't1-a'].flatMap((tenant) =>
  ROLES.flatMap((role) => ['u1', 'u2', 'a-u1'].map((userId) => ({ tenant, role, userId }))),
)

describe('T1: the cache key of a value', () => {
  it('T1: is equal to another key only if tenant, namespace and parts are equal', () => {
    const inputs = viewers.flatMap(({ tenant }) =>
      ['Note', 'Note.length'].flatMap((space) => ALIKE.map((part) => ({ tenant, space, part }))),
    )
    const input = fc.constantFrom(...inputs)
    fc.assert(
      fc.property(input, input, fc.boolean(), (a, other, same) => {
        const b = same ? a : other
        const key = ({ tenant, space, part }: typeof a) => cacheKey(tenant, space, [{ part }]).text
        expect(key(a) === key(b)).toBe(a.tenant === b.tenant && a.space === b.space && isSame(a.part, b.part))
      }),
      { numRuns: 2000 },
    )
  })

  it('T1: differs for all pairs of similar inputs', () => {
    const keys = ALIKE.map((part) => cacheKey('t1', 'Note', [{ part }]).text)
    for (const [i, a] of ALIKE.entries())
      for (const [j, b] of ALIKE.entries()) expect(keys[i] === keys[j], `${String(a)} and ${String(b)}`).toBe(isSame(a, b))
  })
})

describe('T1: the cache key of a response', () => {
  const DECLARED = '($a: ID!, $b: String)'
  const operations = [
    { scope: 'PUBLIC', text: `query Q${DECLARED} { word(name: $a) { name } words { nodes { name } } }` },
    { scope: 'PUBLIC', text: `query Q${DECLARED} { word(name: $a) { name } words { nodes { letters } } }` },
    { scope: 'TENANT', text: `query Q${DECLARED} { note(id: $a) { text } notes(folder: $b) { nodes { id } } }` },
    { scope: 'TENANT', text: `query Q${DECLARED} { note(id: $a) { text } notes(folder: "$b") { nodes { id } } }` },
    { scope: 'ROLE', text: `query Q${DECLARED} { note(id: $a) { text } notes(folder: $b) { nodes { id } } budget }` },
    { scope: 'USER', text: `query Q${DECLARED} { note(id: $a) { text } notes(folder: $b) { nodes { id } } greeting }` },
  ] as const
  const layouts: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => text.replaceAll(' ', '\n\t'),
    (text) => text.replaceAll(' ', ' # {"a": "b"}\r\n'),
    (text) => text.replaceAll(' ', ' ,, '),
    (text) => `\ufeff${text}`,
    (text) => text.replace('query Q', 'query Other'),
    (text) => text.replace('query Q', 'query'),
  ]
  interface Asked {
    readonly operation: (typeof operations)[number]
    readonly viewer: Principal
    readonly a: Json | undefined
    readonly b: Json | undefined
    readonly layout: (text: string) => string
    readonly reversed: boolean
    readonly undeclared: Json | undefined
  }
  const value = fc.constantFrom(...ALIKE)
  const asked = fc.record<Asked>({
    operation: fc.constantFrom(...operations),
    viewer: fc.constantFrom(...viewers),
    a: value,
    b: value,
    layout: fc.constantFrom(...layouts),
    reversed: fc.boolean(),
    undeclared: value,
  })

  let gateway: Awaited<ReturnType<typeof startTinyGateway>>
  let planner: DocumentPlanner
  beforeAll(async () => {
    gateway = await startTinyGateway()
    planner = new DocumentPlanner(gateway.endpoint.gateway)
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  const keyOf = ({ operation, viewer, a, b, layout, reversed, undeclared }: Asked): string => {
    const document = parse(layout(operation.text))
    const plan = planner.plan(document, undefined)
    if (!plan) throw new Error('The document has no operation.')
    const given = Object.entries({ a, b, undeclared }).filter(([, part]) => part !== undefined)
    const variables = Object.fromEntries(reversed ? given.reverse() : given)
    const where = cacheable({ document, documentHash: '', operationName: undefined, variables, viewer, plan, cost: 1 })
    if (!where) throw new Error('The answer is not kept.')
    expect(where.request.tags).toEqual([where.request.key.tenant])
    expect(where.request.key.tenant).toBe(operation.scope === 'PUBLIC' ? 'public' : viewer.tenant)
    return where.request.key.text
  }
  /** Compares everything that the response may depend on. */
  const isAlike = (one: Asked, other: Asked): boolean => {
    const { scope } = one.operation
    const [x, y] = [one.viewer, other.viewer]
    return (
      one.operation === other.operation &&
      isSame(one.a, other.a) &&
      isSame(one.b, other.b) &&
      (scope === 'PUBLIC' || x.tenant === y.tenant) &&
      (scope === 'PUBLIC' || scope === 'TENANT' || x.role === y.role) &&
      (scope !== 'USER' || x.userId === y.userId)
    )
  }

  it('T1: is the same for the same operation and the same scope of callers, however the document is formatted or named', () => {
    fc.assert(
      fc.property(asked, asked, (one, other) => {
        const again = { ...one, layout: other.layout, reversed: other.reversed, undeclared: other.undeclared }
        expect(keyOf(again)).toBe(keyOf(one))
      }),
      { numRuns: 300 },
    )
  })

  it('T1: differs for another operation, variable or tenant, in scope ROLE for another role, and in scope USER for another user', () => {
    const parts = ['operation', 'viewer', 'a', 'b'] as const
    fc.assert(
      fc.property(asked, asked, fc.subarray([...parts], { minLength: 1 }), (one, other, changed) => {
        const second = { ...one, ...Object.fromEntries(changed.map((part) => [part, other[part]])) }
        expect(keyOf(second) === keyOf(one)).toBe(isAlike(one, second))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('T1: the store of requests that the gateway recognises by their bytes', () => {
  /** Header fields contain all characters that could be taken for a separator. Texts contain any characters. */
  const field = fc.string({ unit: fc.constantFrom('a', '1', '0', ' ', ',', ';', ':', '"', '\\', '\t', '|', '\u00e9'), maxLength: 6 })
  const text = fc.string({ unit: fc.constantFrom('a', '1', '0', ' ', '\n', '\r', '\u0000', '"', '\u00e9', '{'), maxLength: 12 })
  const caller = fc.constantFrom<Principal | null>(null, ...viewers, { tenant: 't1', role: 'VIEWER', userId: 'u1\\n' })
  interface Sent {
    readonly method: string
    readonly accept: string
    readonly contentType: string
    readonly preflighted: boolean
    readonly caller: Principal | null
    readonly text: string
  }
  const sent = fc.record<Sent>({
    method: fc.constantFrom('GET', 'POST'),
    accept: field,
    contentType: field,
    preflighted: fc.boolean(),
    caller,
    text,
  })
  const PARTS: (keyof Sent)[] = ['method', 'accept', 'contentType', 'preflighted', 'caller', 'text']
  const rawOf = ({ method, caller, text, ...headers }: Sent) => rawRequestOf(method, headers, caller, text)

  it('T1: returns a response only for exactly the same request', () => {
    fc.assert(
      fc.property(sent, sent, fc.subarray(PARTS), (one, other, changed) => {
        const second = { ...one, ...Object.fromEntries(changed.map((part) => [part, other[part]])) }
        const index = new RequestIndex<object>({ maxBytes: 100_000 })
        const noted = {}
        index.set(rawOf(one), noted)
        expect(index.get(rawOf(second)) === noted).toBe(isSame(one, second))
      }),
      { numRuns: 2000 },
    )
  })

  it('T1: distinguishes requests whose parts give the same text when concatenated', () => {
    const usual: Sent = { method: 'POST', accept: '', contentType: '', preflighted: false, caller: null, text: '' }
    const caller = (tenant: string, userId: string): Principal => ({ tenant, role: 'VIEWER', userId })
    const requests: readonly Sent[] = [
      { ...usual, contentType: 'ab', accept: '' },
      { ...usual, contentType: 'a', accept: 'b' },
      { ...usual, contentType: '', accept: 'ab' },
      { ...usual, accept: 'a', caller: caller('t1', 'u1'), text: 'x' },
      { ...usual, accept: '', caller: caller('at1', 'u1'), text: 'x' },
      { ...usual, accept: 'a', caller: caller('t1', 'u1x'), text: '' },
      { ...usual, accept: 'at1 VIEWER u1x', caller: null, text: '' },
      { ...usual, accept: 'a', caller: null, text: 't1 VIEWER u1x' },
      { ...usual, preflighted: true, contentType: '1' },
      { ...usual, preflighted: true, contentType: '', accept: '1' },
      { ...usual, preflighted: false, contentType: '11' },
    ]
    const index = new RequestIndex<object>({ maxBytes: 100_000 })
    const noted = requests.map((request) => ({ request }))
    for (const one of noted) index.set(rawOf(one.request), one)
    for (const one of noted) expect(index.get(rawOf(one.request))).toBe(one)
  })

  it('T1: is not confused by a text that contains the separators of a request', () => {
    const index = new RequestIndex<object>({ maxBytes: 100_000 })
    const headers = { accept: '', contentType: 'application/json', preflighted: false }
    const [viewer] = viewers
    index.set(rawRequestOf('POST', headers, viewer ?? null, '{}'), {})
    for (const prefix of ['t1 VIEWER u1\n', '\nt1 VIEWER u1\n', 'application/json\n\nt1 VIEWER u1\n'])
      for (const contentType of ['application/json', ''])
        expect(index.get(rawRequestOf('POST', { ...headers, contentType }, null, `${prefix}{}`))).toBeUndefined()
  })
})

/** Returns whether two values are the same JSON. -0 differs from 0, and an absent value differs from every other value. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => name in b && isSame(Reflect.get(a, name), Reflect.get(b, name)))
}

import { readFileSync } from 'node:fs'
import { concatAST, isObjectType, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { TokenSealer } from '#src/engine/cache/model/consistency-token.ts'
import { batched, type Module } from '#src/gateway/contract/module.ts'
import { buildGatewaySchema } from '#src/gateway/graphql/schema/schema.ts'
import type { Principal, Role } from '#src/gateway/identity/principal.ts'
import { at, startTinyGateway, viewer } from '../graphql/tiny-gateway.ts'
import { TINY_SDL, TinyStore, tinyModule } from '../graphql/tiny-module.ts'
import { bearer, post, startTinyServer } from './tiny-server.ts'

/** Operations that select every field, including failing and uncacheable fields. */
const OPERATIONS = [
  '{ note(id: "1") { id text folder length } }',
  '{ note(id: "1") { loud } }',
  '{ note(id: "404") { id } }',
  '{ node(id: "2") { __typename id ... on Note { text } } }',
  '{ notes { nodes { id text folder length } } }',
  '{ notes(folder: "in") { nodes { id } vandalised } }',
  '{ word(name: "call") { name letters } words { nodes { name letters } } }',
  '{ greeting }',
  '{ budget }',
  '{ greeting budget notes { nodes { text } } words { nodes { name } } }',
  '{ revenue }',
  '{ soon tools { version } }',
  '{ lucky }',
  '{ clearance }',
  '{ raw }',
  '{ words { nodes { name } } fails(how: "taken") }',
]
const CALLERS: readonly (Principal | null)[] = [
  null,
  ...['t1', 't2'].flatMap((tenant) =>
    ['u1', 'u2'].flatMap((user) => ['VIEWER', 'ADMIN'].map((role) => viewer(tenant, role as Role, user))),
  ),
  viewer('t1', 'EDITOR'),
  viewer('t2', 'OPERATOR'),
]

function twoTenants(): TinyStore {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'one' })
  store.put({ id: 2, tenantId: 't1', folder: 'out', text: 'three' })
  store.put({ id: 1, tenantId: 't2', folder: 'in', text: 'of the other' })
  store.written = []
  return store
}

describe('T2: private data', () => {
  it('T2: is never read from a shared entry: for every field, each caller gets the same bytes as without the cache', async () => {
    await using cached = await startTinyServer({ gateway: { store: twoTenants() } })
    const { schema } = cached.gateway.endpoint.gateway
    for (const type of [schema.getQueryType(), schema.getType('Note'), schema.getType('Word'), schema.getType('NoteList')])
      for (const name of Object.keys(isObjectType(type) ? type.getFields() : {})) expect(OPERATIONS.join()).toContain(name)
    await using plain = await startTinyServer({ gateway: { store: twoTenants(), enabled: false } })
    const requests = await Promise.all(
      OPERATIONS.flatMap((query) =>
        CALLERS.map(async (caller) => post(query, { 'x-request-id': 'same', ...(caller ? { authorization: await bearer(caller) } : {}) })),
      ),
    )
    for (const round of [requests, requests.toReversed(), requests]) {
      for (const request of round) {
        const [answer, expected] = await Promise.all([cached.send(request), plain.send(request)])
        expect({ request, status: answer.status, text: answer.text }).toEqual({ request, status: expected.status, text: expected.text })
      }
    }
    expect(cached.atHand.count).toBeGreaterThan(100)
  })

  it('T2: cannot be declared public: a schema is refused if a PUBLIC field reaches data of a tenant', () => {
    const build = (sdl: string) =>
      buildGatewaySchema({
        typeDefs: concatAST([parse(readFileSync(new URL('../../schema/directives.graphql', import.meta.url), 'utf8')), parse(sdl)]),
        modules: [tinyModule(new TinyStore(), () => 0)],
        overrides: {},
        localId: (id) => id,
      })
    expect(() => build(TINY_SDL)).not.toThrow()
    const exposed = TINY_SDL.replace('@cache(l1: 60, l2: 300,', '@cache(scope: PUBLIC, l1: 60, l2: 300,')
    expect(() => build(exposed)).toThrow(/Query\.notes: is of scope PUBLIC but/)
  })
})

/** Returns the module with a list whose loads complete together, once the expected number of loads has begun. */
function heldUntil(expected: number, began: string[]): (module: Module) => Module {
  const { promise, resolve } = Promise.withResolvers<void>()
  const notes = batched<unknown, unknown, { ids: number[] }>(async (parents, _args, read) => {
    if (began.push(read.tenant) === expected) resolve()
    await promise
    return parents.map(() => ({ ids: [1] }))
  })
  return (module) => ({ ...module, resolvers: { ...module.resolvers, Query: { ...(module.resolvers['Query'] as object), notes } } })
}

/**
 * Two queries. The response of the first is cached as a whole. The second contains an uncacheable field, so its other
 * fields are cached one by one.
 */
const TIERS = [
  ['whole responses', '{ notes { nodes { text } } }'],
  ['fields', '{ notes { nodes { text } } lucky }'],
] as const

describe('T18: concurrent callers of the same field', () => {
  it.each(TIERS)('T18: wait for separate loads if they belong to different tenants: %s', async (_, query) => {
    const began: string[] = []
    await using gateway = await startTinyGateway({ store: twoTenants(), adapt: heldUntil(2, began) })
    const answers = await Promise.all(['t1', 't2'].map((tenant) => gateway.ask(query, { viewer: viewer(tenant) })))
    expect(began.sort()).toEqual(['t1', 't2'])
    expect(answers.map(({ data }) => at(data, 'notes', 'nodes', 0, 'text'))).toEqual(['one', 'of the other'])
  })

  it.each(TIERS)('T18: share one load if they belong to the same tenant: %s', async (_, query) => {
    const began: string[] = []
    await using gateway = await startTinyGateway({ store: twoTenants(), adapt: heldUntil(1, began) })
    const answers = await Promise.all(['u1', 'u2', 'u3'].map((user) => gateway.ask(query, { viewer: viewer('t1', 'VIEWER', user) })))
    expect(began).toEqual(['t1'])
    expect(answers.map(({ data }) => at(data, 'notes', 'nodes', 0, 'text'))).toEqual(['one', 'one', 'one'])
  })

  it.each([
    ['roles', 'budget', [viewer('t1', 'VIEWER'), viewer('t1', 'ADMIN')], ['budget for VIEWER', 'budget for ADMIN']],
    ['users', 'greeting', [viewer('t1', 'VIEWER', 'u1'), viewer('t1', 'VIEWER', 'u2')], ['hello u1', 'hello u2']],
  ] as const)('T18: wait for separate loads if the scope depends on their %s', async (_, field, callers, expected) => {
    await using gateway = await startTinyGateway()
    for (const query of [`{ ${field} }`, `{ again: ${field} lucky }`]) {
      const answers = await Promise.all(callers.map((caller) => gateway.ask(query, { viewer: caller })))
      expect(answers.map(({ data }) => Object.values(data as object)[0])).toEqual(expected)
    }
    expect(gateway.store.loadsOf(field)).toBe(2)
  })
})

describe('T17: the time and the content of responses from the cache', () => {
  const PRIVATE = [
    '{ note(id: "1") { text length } }',
    '{ notes { nodes { text length } } }',
    '{ greeting budget soon tools { version } }',
    '{ notes { nodes { text length } } lucky }',
  ]

  it.each(
    PRIVATE,
  )('T17: reveal nothing about other tenants, because the first request of every tenant causes the same loads: %s', async (query) => {
    const ask = async (server: Awaited<ReturnType<typeof startTinyServer>>, tenant: string) => {
      server.store.loads.length = 0
      const { headers } = await server.send(post(query, { authorization: await bearer(viewer(tenant)) }))
      return { loads: server.store.loads.map(({ name, keys }) => `${name} ${keys.length}`), cache: headers['x-cache'], age: headers['age'] }
    }
    await using server = await startTinyServer({ gateway: { store: alike() } })
    await using fresh = await startTinyServer({ gateway: { store: alike() } })
    const expected = await ask(fresh, 't2')
    const first = await ask(server, 't1')
    for (let i = 0; i < 3; i++) await ask(server, 't1')
    expect(await ask(server, 't2')).toEqual(expected)
    expect(expected).toEqual(first)
    expect(expected).toMatchObject({ cache: 'MISS', age: undefined })
    expect(expected.loads.length).toBeGreaterThan(0)
  })

  it('T17: do not reveal the number of writes, because all consistency tokens have the same length and only the secret opens them', () => {
    const sealer = new TokenSealer(['a secret'], () => 0.5)
    const epoch = 'an-epoch'
    const clocks = [0, 1, 35, 36, 37, 1000, 46_655, 46_656, 10 ** 6, 10 ** 9, 2 ** 48]
    const tokens = [...clocks.map((clock) => sealer.seal({ epoch, clock })), sealer.seal('barrier')]
    expect(new Set(tokens).size).toBe(tokens.length)
    for (const [index, token] of tokens.entries()) {
      expect(new TokenSealer(['another secret'], () => 0.5).openAll(token)).toBeUndefined()
      expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain(epoch)
      for (const other of tokens.slice(index + 1)) expect(maxCommonStart(token, other)).toBeLessThan(8)
    }
    expect(new Set(tokens.map((token) => token.length)).size).toBe(1)
  })
})

function alike(): TinyStore {
  const store = new TinyStore()
  for (const tenantId of ['t1', 't2']) store.put({ id: 1, tenantId, folder: 'in', text: 'one' })
  store.written = []
  return store
}

function maxCommonStart(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

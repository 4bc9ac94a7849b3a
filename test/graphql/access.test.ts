import { describe, expect, it } from 'vitest'
import { hasRole } from '#src/gateway/graphql/schema/roles.ts'
import type { Role } from '#src/gateway/identity/principal.ts'
import { startTinyGateway, viewer } from './tiny-gateway.ts'
import { TinyStore } from './tiny-module.ts'

function oneNote(): TinyStore {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'one' })
  store.written = []
  return store
}

const ANYBODY = [null, viewer('t1'), viewer('t1', 'EDITOR'), viewer('t1', 'ADMIN'), viewer('t1', 'OPERATOR')]

describe('access control', () => {
  const matrix: readonly (readonly [query: string, codes: readonly (string | undefined)[]])[] = [
    ['{ words { nodes { name } } }', [undefined, undefined, undefined, undefined, undefined]],
    ['{ word(name: "call") { name } }', [undefined, undefined, undefined, undefined, undefined]],
    ['{ __schema { queryType { name } } }', [undefined, undefined, undefined, undefined, undefined]],
    ['{ __typename }', [undefined, undefined, undefined, undefined, undefined]],
    ['{ note(id: "1") { id } }', ['UNAUTHENTICATED', undefined, undefined, undefined, 'FORBIDDEN']],
    ['{ node(id: "1") { id } }', ['UNAUTHENTICATED', undefined, undefined, undefined, 'FORBIDDEN']],
    ['{ tools { version } }', ['UNAUTHENTICATED', undefined, undefined, undefined, 'FORBIDDEN']],
    ['{ lucky }', ['UNAUTHENTICATED', undefined, undefined, undefined, 'FORBIDDEN']],
    ['{ revenue }', ['UNAUTHENTICATED', 'FORBIDDEN', 'FORBIDDEN', undefined, 'FORBIDDEN']],
    ['{ note(id: "1") { loud } }', ['UNAUTHENTICATED', 'FORBIDDEN', 'FORBIDDEN', undefined, 'FORBIDDEN']],
    ['mutation { setText(id: "1", text: "x") { id } }', ['UNAUTHENTICATED', 'FORBIDDEN', undefined, undefined, 'FORBIDDEN']],
  ]
  it.each(matrix)('gives callers of each role either the data or the right error code for %s', async (query, codes) => {
    await using gateway = await startTinyGateway({ store: oneNote() })
    for (const [position, who] of ANYBODY.entries()) {
      const { errors } = await gateway.ask(query, { viewer: who })
      expect([who?.role, errors[0]?.extensions['code']]).toEqual([who?.role, codes[position]])
    }
  })

  it('returns allowed fields, and returns null and an error with the path for each forbidden field', async () => {
    await using gateway = await startTinyGateway({ store: oneNote() })
    const { data, errors, status } = await gateway.ask('{ words { nodes { name } } mine: note(id: "1") { text } }')
    expect(data).toEqual({ words: { nodes: [{ name: 'call' }, { name: 'bid' }] }, mine: null })
    expect(errors.map(({ path }) => path)).toEqual([['mine']])
    expect(status).toBe(200)
  })

  it('does not execute the resolver of a forbidden field', async () => {
    await using gateway = await startTinyGateway({ store: oneNote() })
    await gateway.ask('mutation { setText(id: "1", text: "x") { id } }', { viewer: viewer('t1') })
    await gateway.ask('{ revenue }', { viewer: viewer('t1') })
    expect(gateway.store.loads).toEqual([])
    expect(gateway.store.notes[0]?.text).toBe('one')
  })

  it('does not serve a cached value to a caller whose role is too low', async () => {
    await using gateway = await startTinyGateway({ store: oneNote() })
    expect((await gateway.ask('{ revenue }', { viewer: viewer('t1', 'ADMIN') })).data).toEqual({ revenue: 7 })
    expect((await gateway.ask('{ revenue }', { viewer: viewer('t1') })).data).toEqual({ revenue: null })
  })

  it('never serves an operator a value that is cached for the members of a tenant', async () => {
    await using gateway = await startTinyGateway({ store: oneNote() })
    const ask = (role: Role) => gateway.ask('{ notes { nodes { text } } }', { viewer: viewer('t1', role) })
    for (let asked = 0; asked < 3; asked++) expect((await ask('VIEWER')).data).toEqual({ notes: { nodes: [{ text: 'one' }] } })
    for (let asked = 0; asked < 3; asked++) {
      const { data, errors } = await ask('OPERATOR')
      expect([data, errors[0]?.extensions['code']]).toEqual([null, 'FORBIDDEN'])
    }
  })

  it.each([
    ['VIEWER', [true, true, true, false]],
    ['EDITOR', [false, true, true, false]],
    ['ADMIN', [false, false, true, false]],
    ['OPERATOR', [false, false, false, true]],
  ] as const)('allows a field that requires the role %s only to callers with that role or with a role that includes that role', (demanded, expected) => {
    expect((['VIEWER', 'EDITOR', 'ADMIN', 'OPERATOR'] as const).map((role) => hasRole(role, demanded))).toEqual(expected)
  })

  it('rejects an access token for the tenant `public`, which is reserved for public data', async () => {
    await using gateway = await startTinyGateway()
    const { status, errors } = await gateway.ask('{ words { nodes { name } } }', { viewer: viewer('public') })
    expect([status, errors[0]?.extensions['code']]).toEqual([403, 'FORBIDDEN'])
  })
})

describe('introspection of the schema', () => {
  it('is refused if it is turned off, and error messages then contain no suggestions', async () => {
    await using gateway = await startTinyGateway({ introspection: false })
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "Note") { name } }', '{ wodrs { nodes { name } } }']) {
      const { status, body } = await gateway.ask(query, { headers: { accept: 'application/graphql-response+json' } })
      expect(status).toBe(400)
      expect(body).not.toMatch(/words|Did you mean/)
    }
  })
})

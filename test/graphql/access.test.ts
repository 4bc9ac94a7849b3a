import { describe, expect, it } from 'vitest'
import { startTinyGateway, viewer } from './tiny-gateway.ts'
import { TinyStore } from './tiny-module.ts'

function oneNote(): TinyStore {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'one' })
  store.written = []
  return store
}

const ANYBODY = [null, viewer('t1'), viewer('t1', 'EDITOR'), viewer('t1', 'ADMIN'), viewer('t1', 'OPERATOR')]

describe('who may ask', () => {
  const matrix: readonly (readonly [query: string, codes: readonly (string | undefined)[]])[] = [
    ['{ words { nodes { name } } }', [undefined, undefined, undefined, undefined, undefined]],
    ['{ word(name: "call") { name } }', [undefined, undefined, undefined, undefined, undefined]],
    ['{ __schema { queryType { name } } }', [undefined, undefined, undefined, undefined, undefined]],
    ['{ __typename }', [undefined, undefined, undefined, undefined, undefined]],
    ['{ note(id: "1") { id } }', ['UNAUTHENTICATED', undefined, undefined, undefined, undefined]],
    ['{ node(id: "1") { id } }', ['UNAUTHENTICATED', undefined, undefined, undefined, undefined]],
    ['{ tools { version } }', ['UNAUTHENTICATED', undefined, undefined, undefined, undefined]],
    ['{ lucky }', ['UNAUTHENTICATED', undefined, undefined, undefined, undefined]],
    ['{ revenue }', ['UNAUTHENTICATED', 'FORBIDDEN', 'FORBIDDEN', undefined, undefined]],
    ['{ note(id: "1") { loud } }', ['UNAUTHENTICATED', 'FORBIDDEN', 'FORBIDDEN', undefined, undefined]],
    ['mutation { setText(id: "1", text: "x") { id } }', ['UNAUTHENTICATED', 'FORBIDDEN', undefined, undefined, undefined]],
  ]
  it.each(matrix)('%s', async (query, codes) => {
    await using gateway = await startTinyGateway({ store: oneNote() })
    for (const [position, who] of ANYBODY.entries()) {
      const { errors } = await gateway.ask(query, { viewer: who })
      expect([who?.role, errors[0]?.extensions['code']]).toEqual([who?.role, codes[position]])
    }
  })

  it('gives what may be seen, and null with the path of what may not', async () => {
    await using gateway = await startTinyGateway({ store: oneNote() })
    const { data, errors, status } = await gateway.ask('{ words { nodes { name } } mine: note(id: "1") { text } }')
    expect(data).toEqual({ words: { nodes: [{ name: 'call' }, { name: 'bid' }] }, mine: null })
    expect(errors.map(({ path }) => path)).toEqual([['mine']])
    expect(status).toBe(200)
  })

  it('does not run what is refused', async () => {
    await using gateway = await startTinyGateway({ store: oneNote() })
    await gateway.ask('mutation { setText(id: "1", text: "x") { id } }', { viewer: viewer('t1') })
    await gateway.ask('{ revenue }', { viewer: viewer('t1') })
    expect(gateway.store.loads).toEqual([])
    expect(gateway.store.notes[0]?.text).toBe('one')
  })

  it('does not give a cached value to someone of a lower role', async () => {
    await using gateway = await startTinyGateway({ store: oneNote() })
    expect((await gateway.ask('{ revenue }', { viewer: viewer('t1', 'ADMIN') })).data).toEqual({ revenue: 7 })
    expect((await gateway.ask('{ revenue }', { viewer: viewer('t1') })).data).toEqual({ revenue: null })
  })

  it('refuses a token that names the reserved tenant', async () => {
    await using gateway = await startTinyGateway()
    const { status, errors } = await gateway.ask('{ words { nodes { name } } }', { viewer: viewer('public') })
    expect([status, errors[0]?.extensions['code']]).toEqual([403, 'FORBIDDEN'])
  })
})

describe('the schema', () => {
  it('does not show where introspection is off, not even by suggestions', async () => {
    await using gateway = await startTinyGateway({ introspection: false })
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "Note") { name } }', '{ wodrs { nodes { name } } }']) {
      const { status, body } = await gateway.ask(query, { headers: { accept: 'application/graphql-response+json' } })
      expect(status).toBe(400)
      expect(body).not.toMatch(/words|Did you mean/)
    }
  })
})

import { describe, expect, it } from 'vitest'
import { MemoryLog } from '#src/engine/cache/log/memory-log.ts'
import { at, startTinyGateway, viewer } from './tiny-gateway.ts'
import { TinyStore } from './tiny-module.ts'

function twoTenants(): TinyStore {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'one' })
  store.put({ id: 2, tenantId: 't1', folder: 'in', text: 'three' })
  store.put({ id: 1, tenantId: 't2', folder: 'in', text: 'of the other' })
  store.written = []
  return store
}

describe('the gateway, when it loads data,', () => {
  it('calls a loader once for all rows of a type in a response, and once for all values of a field', async () => {
    await using gateway = await startTinyGateway({ store: twoTenants() })
    const { data } = await gateway.ask('{ notes { nodes { text length } } again: notes { nodes { length } } }', { viewer: viewer('t1') })
    expect(at(data, 'notes', 'nodes')).toEqual([
      { text: 'one', length: 3 },
      { text: 'three', length: 5 },
    ])
    expect(at(data, 'again', 'nodes')).toEqual([{ length: 3 }, { length: 5 }])
    expect(gateway.store.loads.map(({ name, keys }) => [name, keys.length])).toEqual([
      ['notes', 1],
      ['Note', 2],
      ['length', 2],
    ])
  })

  it('loads nothing for a repeated query, and answers with X-Cache: HIT', async () => {
    await using gateway = await startTinyGateway({ store: twoTenants() })
    const query = '{ notes(folder: "in") { nodes { text length } } }'
    const first = await gateway.ask(query, { viewer: viewer('t1') })
    const loads = gateway.store.loads.length
    const second = await gateway.ask(query, { viewer: viewer('t1') })
    expect(gateway.store.loads.length).toBe(loads)
    expect(second.data).toEqual(first.data)
    expect([first.headers.get('x-cache'), second.headers.get('x-cache'), second.headers.get('x-cache-level')]).toEqual([
      'MISS',
      'HIT',
      'L1',
    ])
  })

  it('caches values separately by their arguments, and distinguishes null, absent and empty arguments', async () => {
    await using gateway = await startTinyGateway({ store: twoTenants() })
    for (const folder of ['"in"', '"out"', '""'])
      await gateway.ask(`{ notes(folder: ${folder}) { nodes { id } } }`, { viewer: viewer('t1') })
    await gateway.ask('{ notes { nodes { id } } }', { viewer: viewer('t1') })
    expect(gateway.store.loadsOf('notes')).toBe(4)
  })

  it('caches the absence of a row', async () => {
    await using gateway = await startTinyGateway({ store: twoTenants() })
    for (let i = 0; i < 2; i++)
      expect((await gateway.ask('{ note(id: "404") { id } }', { viewer: viewer('t1') })).data).toEqual({ note: null })
    expect(gateway.store.loadsOf('Note')).toBe(1)
  })

  it('gives the same answers with the cache off, and then loads every time', async () => {
    await using on = await startTinyGateway({ store: twoTenants() })
    await using off = await startTinyGateway({ store: twoTenants(), enabled: false })
    const query = '{ notes { nodes { text length } } word(name: "call") { letters } soon lucky }'
    for (let i = 0; i < 2; i++)
      expect((await off.ask(query, { viewer: viewer('t1') })).data).toEqual((await on.ask(query, { viewer: viewer('t1') })).data)
    expect(off.store.loadsOf('Note')).toBe(2)
    expect((await off.ask(query, { viewer: viewer('t1') })).headers.get('x-cache')).toBe('BYPASS')
  })

  it('does not let a resolver modify a cached value', async () => {
    await using gateway = await startTinyGateway({ store: twoTenants() })
    const broken = await gateway.ask('{ notes { vandalised } }', { viewer: viewer('t1') })
    expect(broken.errors[0]?.extensions['code']).toBe('INTERNAL_SERVER_ERROR')
    expect(at((await gateway.ask('{ notes { nodes { id } } }', { viewer: viewer('t1') })).data, 'notes', 'nodes')).toEqual([
      { id: '1' },
      { id: '2' },
    ])
  })

  it('expires a value at the expiry time that the resolver returned with the value', async () => {
    await using gateway = await startTinyGateway()
    const { extensions } = await gateway.ask('{ soon }', { viewer: viewer('t1'), debug: true, headers: { 'x-cache-debug': '1' } })
    expect(at(extensions, 'cache', 'fields', 0, 'ttlMs')).toBeLessThanOrEqual(5000)
  })
})

describe('a cached value', () => {
  it('is never shared between tenants, whether it is a row or a field value', async () => {
    await using gateway = await startTinyGateway({ store: twoTenants() })
    const query = '{ note(id: "1") { text length } notes { nodes { text } } }'
    const one = await gateway.ask(query, { viewer: viewer('t1') })
    const two = await gateway.ask(query, { viewer: viewer('t2') })
    expect(at(one.data, 'note')).toEqual({ text: 'one', length: 3 })
    expect(at(two.data, 'note')).toEqual({ text: 'of the other', length: 12 })
    expect(two.headers.get('x-cache')).toBe('MISS')
  })

  it('is shared by callers of the same role in scope ROLE, and used only for the same user in scope USER', async () => {
    await using gateway = await startTinyGateway()
    const query = '{ budget greeting }'
    expect((await gateway.ask(query, { viewer: viewer('t1', 'VIEWER', 'u1') })).data).toEqual({
      budget: 'budget for VIEWER',
      greeting: 'hello u1',
    })
    expect((await gateway.ask(query, { viewer: viewer('t1', 'VIEWER', 'u2') })).data).toEqual({
      budget: 'budget for VIEWER',
      greeting: 'hello u2',
    })
    expect((await gateway.ask(query, { viewer: viewer('t1', 'ADMIN', 'u1') })).data).toEqual({
      budget: 'budget for ADMIN',
      greeting: 'hello u1',
    })
    expect(gateway.store.loadsOf('budget')).toBe(2)
    expect(gateway.store.loadsOf('greeting')).toBe(3)
  })

  it('is shared by all callers in scope PUBLIC', async () => {
    await using gateway = await startTinyGateway()
    for (const who of [null, viewer('t1'), viewer('t2', 'ADMIN')]) await gateway.ask('{ words { nodes { letters } } }', { viewer: who })
    expect(gateway.store.loadsOf('words')).toBe(1)
    expect(gateway.store.loadsOf('Word')).toBe(1)
  })

  it('is loaded by code that sees only those parts of the request that are in the cache key', async () => {
    await using gateway = await startTinyGateway({ store: twoTenants() })
    await gateway.ask('{ note(id: "1") { length } words { nodes { name } } budget greeting }', { viewer: viewer('t1', 'ADMIN', 'u9') })
    const seen = Object.fromEntries(
      gateway.store.loads.map(({ name, read }) => [name, Object.keys(read).filter((key) => !['db', 'now', 'signal'].includes(key))]),
    )
    expect(seen).toEqual({
      Note: ['tenant'],
      length: ['tenant'],
      words: ['tenant'],
      Word: ['tenant'],
      budget: ['tenant', 'role'],
      greeting: ['tenant', 'role', 'userId'],
    })
    for (const { read } of gateway.store.loads) expect(Object.isFrozen(read)).toBe(true)
    expect(gateway.store.loads.find(({ name }) => name === 'Word')?.read.tenant).toBe('public')
  })
})

describe('the gateway, after a write,', () => {
  it('shows the new value in the answer to the mutation and in the next read', async () => {
    await using gateway = await startTinyGateway({ store: twoTenants() })
    const read = '{ notes(folder: "in") { nodes { text length } } }'
    await gateway.ask(read, { viewer: viewer('t1') })
    const written = await gateway.ask('mutation { setText(id: "1", text: "eleven") { text length } }', { viewer: viewer('t1', 'EDITOR') })
    expect(written.data).toEqual({ setText: { text: 'eleven', length: 6 } })
    expect(written.headers.get('x-cache')).toBe('BYPASS')
    const after = await gateway.ask(read, { viewer: viewer('t1') })
    expect(at(after.data, 'notes', 'nodes')).toContainEqual({ text: 'eleven', length: 6 })
    expect(after.headers.get('x-cache')).toBe('MISS')
  })

  it('includes a new row in the lists to which it belongs', async () => {
    await using gateway = await startTinyGateway({ store: twoTenants() })
    await gateway.ask('{ notes(folder: "in") { nodes { text } } out: notes(folder: "out") { nodes { text } } }', { viewer: viewer('t1') })
    await gateway.ask('mutation { addNote(folder: "out", text: "new") { id } }', { viewer: viewer('t1', 'EDITOR') })
    const { data } = await gateway.ask('{ out: notes(folder: "out") { nodes { text } } }', { viewer: viewer('t1') })
    expect(data).toEqual({ out: { nodes: [{ text: 'new' }] } })
  })

  it('sends the same consistency token in the header and in the extensions of the response, and no token without a write', async () => {
    await using gateway = await startTinyGateway({ store: twoTenants() })
    const written = await gateway.ask('mutation { setText(id: "1", text: "x") { id } }', { viewer: viewer('t1', 'EDITOR') })
    expect(written.headers.get('consistency-token')).toMatch(/^[\w-]{40,}$/)
    expect(written.extensions['consistencyToken']).toBe(written.headers.get('consistency-token'))
    const read = await gateway.ask('{ lucky }', { viewer: viewer('t1') })
    expect([read.headers.has('consistency-token'), read.extensions]).toEqual([false, {}])
    const refused = await gateway.ask('mutation { setText(id: "404", text: "x") { id } }', { viewer: viewer('t1', 'EDITOR') })
    expect([refused.errors[0]?.extensions['code'], refused.headers.has('consistency-token')]).toEqual(['NOT_FOUND', false])
  })

  it('shows the write immediately on another instance to a request with the consistency token of the write', async () => {
    const log = new MemoryLog()
    const store = twoTenants()
    await using here = await startTinyGateway({ store, log })
    await using there = await startTinyGateway({ store, log })
    const read = '{ note(id: "1") { text } }'
    await there.ask(read, { viewer: viewer('t1') })
    const { headers } = await here.ask('mutation { setText(id: "1", text: "seen") { id } }', { viewer: viewer('t1', 'EDITOR') })
    const answer = await there.ask(read, { viewer: viewer('t1'), sessionToken: headers.get('consistency-token') })
    expect(answer.data).toEqual({ note: { text: 'seen' } })
  })

  it('reads all new rows of the invalidation log before the next read if the outcome of COMMIT is unknown', async () => {
    const log = new MemoryLog()
    const store = twoTenants()
    await using here = await startTinyGateway({ store, log })
    await using there = await startTinyGateway({ store, log })
    const read = '{ note(id: "1") { text } }'
    await there.ask(read, { viewer: viewer('t1') })
    store.losesCommit = true
    const lost = await here.ask('mutation { setText(id: "1", text: "kept") { id } }', { viewer: viewer('t1', 'EDITOR') })
    expect(lost.errors[0]?.extensions['code']).toBe('UNAVAILABLE')
    const answer = await there.ask(read, { viewer: viewer('t1'), sessionToken: lost.headers.get('consistency-token') })
    expect(answer.data).toEqual({ note: { text: 'kept' } })
  })

  it('ignores a forged consistency token', async () => {
    await using gateway = await startTinyGateway({ store: twoTenants() })
    expect((await gateway.ask('{ note(id: "1") { text } }', { viewer: viewer('t1'), sessionToken: 'forged'.repeat(50) })).data).toEqual({
      note: { text: 'one' },
    })
  })
})

import { describe, expect, it } from 'vitest'
import { rawRequestOf } from '../../src/http/raw-request.ts'
import { batched, type Module } from '../../src/modules/module.ts'
import { at, startTinyGateway, viewer } from './tiny-gateway.ts'
import { TinyStore } from './tiny-module.ts'

function storeOfOne(): TinyStore {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'one' })
  store.written = []
  return store
}

const LISTED = '{ notes(folder: "in") { nodes { text } } }'
const text = (answer: { readonly data: unknown }) => at(answer.data, 'notes', 'nodes', 0, 'text')

describe('an operation that came before', () => {
  it('is recognised however its document is laid out and its variables are ordered', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    const asker = { viewer: viewer('t1', 'EDITOR') }
    await gateway.ask('query A($a: String, $b: ID!) { notes(folder: $a) { nodes { id } } note(id: $b) { text } }', {
      ...asker,
      variables: { a: 'in', b: '1' },
    })
    const loads = gateway.store.loads.length
    const again = await gateway.ask(
      `# the same
      query A($a: String, $b: ID!) {
        notes(folder: $a) { nodes { id } }
        note(id: $b) { text }
      }`,
      { ...asker, variables: { b: '1', a: 'in', unused: true } },
    )
    expect(again.headers.get('age')).toBe('0')
    expect(again.headers.get('x-cache-level')).toBe('L1')
    expect(gateway.store.loads).toHaveLength(loads)
  })

  it('is another one with other variables, of another tenant, or of another role where a role is demanded', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    const isStored = async (query: string, asking: Parameters<typeof gateway.ask>[1]) =>
      (await gateway.ask(query, asking)).headers.has('age')
    const query = 'query ($folder: String) { notes(folder: $folder) { nodes { text } } revenue }'
    const ask = (tenant: string, role: 'ADMIN', folder: string) => isStored(query, { viewer: viewer(tenant, role), variables: { folder } })
    expect(await ask('t1', 'ADMIN', 'in')).toBe(false)
    expect(await ask('t1', 'ADMIN', 'in')).toBe(true)
    expect(await ask('t1', 'ADMIN', 'out')).toBe(false)
    expect(await ask('t2', 'ADMIN', 'in')).toBe(false)
    const refused = await gateway.ask(query, { viewer: viewer('t1', 'VIEWER'), variables: { folder: 'in' } })
    expect(refused.errors[0]?.extensions['code']).toBe('FORBIDDEN')
  })

  it('is shared by the users of a tenant, unless it shows what is of one user', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    const greet = async (userId: string) => gateway.ask(`{ greeting notes { nodes { id } } }`, { viewer: viewer('t1', 'VIEWER', userId) })
    expect((await greet('u1')).data).toMatchObject({ greeting: 'hello u1' })
    expect((await greet('u2')).data).toMatchObject({ greeting: 'hello u2' })
    expect((await greet('u1')).headers.get('age')).toBe('0')
    await gateway.ask(LISTED, { viewer: viewer('t1', 'VIEWER', 'u1') })
    expect((await gateway.ask(LISTED, { viewer: viewer('t1', 'VIEWER', 'u2') })).headers.get('age')).toBe('0')
  })

  it('shows a write at once where the write was made, and elsewhere to whoever brings its token', async () => {
    const store = storeOfOne()
    await using here = await startTinyGateway({ store })
    await using there = await startTinyGateway({ store, log: here.log })
    const asker = { viewer: viewer('t1', 'EDITOR') }
    await Promise.all([here.ask(LISTED, asker), there.ask(LISTED, asker)])
    const written = await here.ask('mutation { setText(id: "1", text: "two") { text } }', asker)
    expect(text(await here.ask(LISTED, asker))).toBe('two')
    expect(text(await there.ask(LISTED, { ...asker, sessionToken: written.headers.get('consistency-token') }))).toBe('two')
  })
})

describe('an answer that must not be stored', () => {
  it.each([
    ['that an administrator wants nothing left of', 'no-store', 'soon'],
    ['with a part that fails', 'max-age=0', 'fails'],
  ])('%s is not shared with who brings the token of a write that came after its parts were read', async (_, cacheControl, part) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const held = batched(async (parents) => {
      await promise
      return parents.map(() => (part === 'fails' ? new Error('no') : 1))
    })
    const adapt = (module: Module): Module => ({
      ...module,
      resolvers: { ...module.resolvers, Query: { ...(module.resolvers['Query'] as object), soon: held } },
    })
    await using gateway = await startTinyGateway({ store: storeOfOne(), adapt })
    const asker = { viewer: viewer('t1', 'ADMIN') }
    const query = '{ notes(folder: "in") { nodes { text } } soon }'
    const first = gateway.ask(query, { ...asker, headers: { 'cache-control': cacheControl } })
    await expect.poll(() => gateway.store.loadsOf('Note')).toBe(1)
    const written = await gateway.ask('mutation { setText(id: "1", text: "two") { id } }', asker)
    const second = gateway.ask(query, { ...asker, sessionToken: written.headers.get('consistency-token') })
    const third = gateway.ask(query, asker)
    await new Promise((turn) => setImmediate(turn))
    resolve()
    expect(text(await first)).toBe('one')
    expect(text(await second)).toBe('two')
    expect(text(await third)).toBe('two')
  })

  it('is made for each who asks, where a resolver reads past the cache', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    const ask = () => gateway.ask('{ raw notes { nodes { id } } }', { viewer: viewer('t1') })
    const answers = await Promise.all([ask(), ask(), ask()])
    for (const { headers } of [...answers, await ask()]) {
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.has('age')).toBe(false)
    }
  })

  it('tells each who waited for it a request id of its own, and nothing of what went wrong', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    const ask = () => gateway.ask('{ fails(how: "sql") notes { nodes { id } } }', { viewer: viewer('t1') })
    for (const { errors, headers } of [...(await Promise.all([ask(), ask(), ask()])), await ask()]) {
      expect(errors).toMatchObject([{ path: ['fails'], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' } }])
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  it('is not found again after what it is made of ends by itself', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    await gateway.ask('{ soon }', { viewer: viewer('t1') })
    const { headers } = await gateway.ask('{ soon }', { viewer: viewer('t1') })
    expect(Number(/ttl=(\d+)/.exec(headers.get('cache-status') ?? '')?.[1])).toBeLessThanOrEqual(5)
  })
})

describe('a request that asks something of the cache itself', () => {
  const asking = (role: 'ADMIN' | 'VIEWER', cacheControl: string) => ({
    viewer: viewer('t1', role),
    headers: { 'cache-control': cacheControl },
  })

  it('has everything loaded anew by no-cache, and kept for the others', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    await gateway.ask(LISTED, asking('ADMIN', ''))
    const loads = gateway.store.loads.length
    await gateway.ask(LISTED, asking('ADMIN', 'no-cache'))
    expect(gateway.store.loads).toHaveLength(2 * loads)
    expect((await gateway.ask(LISTED, asking('VIEWER', ''))).headers.get('x-cache')).toBe('HIT')
    expect(gateway.store.loads).toHaveLength(2 * loads)
  })

  it('has nothing stored by no-store', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    await gateway.ask(LISTED, asking('ADMIN', 'no-store'))
    const loads = gateway.store.loads.length
    expect((await gateway.ask(LISTED, asking('VIEWER', ''))).headers.get('x-cache')).toBe('MISS')
    expect(gateway.store.loads).toHaveLength(2 * loads)
  })

  it('is not heard where its role does not allow that', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    await gateway.ask(LISTED, asking('VIEWER', ''))
    expect((await gateway.ask(LISTED, asking('VIEWER', 'no-cache'))).headers.get('x-cache')).toBe('HIT')
  })
})

describe('a request that is known by its text', () => {
  const usual = { accept: '', contentType: 'application/json', preflighted: false }
  const body = JSON.stringify({ query: LISTED })
  const send = async (gateway: Awaited<ReturnType<typeof startTinyGateway>>, asker: ReturnType<typeof viewer>) => {
    const raw = rawRequestOf('POST', usual, asker, body)
    await gateway.endpoint.execute({
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, search: '', body: Buffer.from(body), viewer: asker },
      ...{ requestId: 'r', debug: false, raw },
    })
    return raw
  }

  it('is at hand from the second time on, until something of it changes', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    const raw = await send(gateway, viewer('t1', 'EDITOR'))
    const atHand = gateway.endpoint.atHand(raw, undefined)
    expect(Buffer.from(atHand?.response.bytes ?? []).toString()).toBe('{"data":{"notes":{"nodes":[{"text":"one"}]}}}')
    await gateway.ask('mutation { setText(id: "1", text: "two") { text } }', { viewer: viewer('t1', 'EDITOR') })
    expect(gateway.endpoint.atHand(raw, undefined)).toBeUndefined()
    const recalled = await gateway.endpoint.recall(raw, { viewer: viewer('t1', 'EDITOR'), requestId: 'r' })
    expect(Buffer.from((recalled?.response?.body as Uint8Array | undefined) ?? []).toString()).toContain('two')
  })

  it('is not at hand for anybody else', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    await send(gateway, viewer('t1', 'EDITOR'))
    for (const other of [viewer('t2', 'EDITOR'), viewer('t1', 'VIEWER'), viewer('t1', 'EDITOR', 'u2'), null])
      expect(gateway.endpoint.atHand(rawRequestOf('POST', usual, other, body), undefined)).toBeUndefined()
  })
})

it('an answer is debugged with where its whole is kept, if it is', async () => {
  await using gateway = await startTinyGateway({ store: storeOfOne() })
  const debug = { viewer: viewer('t1'), debug: true, headers: { 'x-cache-debug': '1' } }
  const kept = async (query: string) => at((await gateway.ask(query, debug)).extensions, 'cache', 'response')
  expect(await kept(LISTED)).toMatchObject({ key: expect.stringMatching(/^t1:response@/), hasLease: true })
  expect(at(await kept(LISTED), 'memory')).toBeUndefined()
  await gateway.ask(LISTED, { viewer: viewer('t1') })
  expect(await kept(LISTED)).toMatchObject({ memory: { isServed: true } })
  expect(await kept('{ lucky }')).toBeNull()
})

describe('several operations in one request', () => {
  const list = (queries: readonly string[]) => Buffer.from(JSON.stringify(queries.map((query) => ({ query }))))
  const post = (gateway: Awaited<ReturnType<typeof startTinyGateway>>, body: Buffer) =>
    gateway.endpoint.execute({
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, search: '', body, viewer: viewer('t1', 'EDITOR') },
      ...{ requestId: 'r', debug: false },
    })

  it('are refused unless they are switched on, and when they are too many', async () => {
    await using off = await startTinyGateway({ store: storeOfOne() })
    expect((await post(off, list([LISTED, LISTED]))).status).toBe(400)
    await using on = await startTinyGateway({ store: storeOfOne(), mostBatched: 2 })
    expect((await post(on, list([LISTED, LISTED, LISTED]))).status).toBe(400)
    expect((await post(on, list([]))).status).toBe(400)
  })

  it('leave other requests their turns of the event loop between each other, also where all of them are refused', async () => {
    await using gateway = await startTinyGateway({ mostBatched: 5 })
    let turns = 0
    let isAnswered = false
    const count = () => {
      turns++
      if (!isAnswered) setImmediate(count)
    }
    setImmediate(count)
    await post(gateway, list(['{ a }', '{ b }', '{ c }', '{ d }']))
    isAnswered = true
    expect(turns).toBeGreaterThanOrEqual(3)
  })

  it('are answered in their order, each seeing the writes before it, and stored as the strictest may be', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne(), mostBatched: 5 })
    const { status, headers, body } = await post(
      gateway,
      list([LISTED, 'mutation { setText(id: "1", text: "two") { text } }', LISTED, '{ nonsense }', '{ words { nodes { name } } }']),
    )
    expect(status).toBe(200)
    expect(JSON.parse(Buffer.from(body as Uint8Array).toString())).toMatchObject([
      { data: { notes: { nodes: [{ text: 'one' }] } } },
      { data: { setText: { text: 'two' } } },
      { data: { notes: { nodes: [{ text: 'two' }] } } },
      { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
      { data: { words: { nodes: [{ name: 'call' }, { name: 'bid' }] } } },
    ])
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('consistency-token')).toBeTruthy()
    const reads = await post(gateway, list([LISTED, '{ words { nodes { name } } }']))
    expect(reads.headers.get('cache-control')).toBe('private, no-cache')
  })
})

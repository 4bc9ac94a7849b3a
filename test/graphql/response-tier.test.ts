import { describe, expect, it } from 'vitest'
import { systemEnv } from '#src/engine/cache/model/env.ts'
import { batched, type Module } from '#src/gateway/contract/module.ts'
import { rawRequestOf } from '#src/gateway/http/raw-request.ts'
import { atHand } from './at-hand.ts'
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

describe('an operation whose whole response is cached', () => {
  it('is recognised even if the whitespace of its document or the order of its variables differs', async () => {
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

  it('is stored separately for other variables and for another tenant, and is refused if the role may not read a field', async () => {
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

  it('is shared by the users of a tenant, unless it contains a value of scope USER', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    const greet = async (userId: string) => gateway.ask(`{ greeting notes { nodes { id } } }`, { viewer: viewer('t1', 'VIEWER', userId) })
    expect((await greet('u1')).data).toMatchObject({ greeting: 'hello u1' })
    expect((await greet('u2')).data).toMatchObject({ greeting: 'hello u2' })
    expect((await greet('u1')).headers.get('age')).toBe('0')
    await gateway.ask(LISTED, { viewer: viewer('t1', 'VIEWER', 'u1') })
    expect((await gateway.ask(LISTED, { viewer: viewer('t1', 'VIEWER', 'u2') })).headers.get('age')).toBe('0')
  })

  it('shows a write immediately on the same instance, and on other instances to a request with the consistency token of the write', async () => {
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

describe('a response that must not be stored, or only until one of its values expires,', () => {
  it.each([
    ['if it was requested with no-store', 'no-store', 'soon'],
    ['if it contains an error', 'max-age=0', 'fails'],
  ])('is not shared with a caller who sends the consistency token of a later write, %s', async (_, cacheControl, part) => {
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

  it('says no-store and has no Age header if a resolver bypasses the cache', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    const ask = () => gateway.ask('{ raw notes { nodes { id } } }', { viewer: viewer('t1') })
    const answers = await Promise.all([ask(), ask(), ask()])
    for (const { headers } of [...answers, await ask()]) {
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.has('age')).toBe(false)
    }
  })

  it('gives every concurrent caller a request id instead of the details of an internal error', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    const ask = () => gateway.ask('{ fails(how: "sql") notes { nodes { id } } }', { viewer: viewer('t1') })
    for (const { errors, headers } of [...(await Promise.all([ask(), ask(), ask()])), await ask()]) {
      expect(errors).toMatchObject([{ path: ['fails'], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' } }])
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  it('is not served after one of its values has expired', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    await gateway.ask('{ soon }', { viewer: viewer('t1') })
    const { headers } = await gateway.ask('{ soon }', { viewer: viewer('t1') })
    expect(Number(/ttl=(\d+)/.exec(headers.get('cache-status') ?? '')?.[1])).toBeLessThanOrEqual(5)
  })
})

describe('a request with a Cache-Control header', () => {
  const asking = (role: 'ADMIN' | 'VIEWER', cacheControl: string) => ({
    viewer: viewer('t1', role),
    headers: { 'cache-control': cacheControl },
  })

  it('makes the gateway reload all values if it says no-cache, and store the new response for other callers', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    await gateway.ask(LISTED, asking('ADMIN', ''))
    const loads = gateway.store.loads.length
    await gateway.ask(LISTED, asking('ADMIN', 'no-cache'))
    expect(gateway.store.loads).toHaveLength(2 * loads)
    expect((await gateway.ask(LISTED, asking('VIEWER', ''))).headers.get('x-cache')).toBe('HIT')
    expect(gateway.store.loads).toHaveLength(2 * loads)
  })

  it('makes the gateway store nothing if it says no-store', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    await gateway.ask(LISTED, asking('ADMIN', 'no-store'))
    const loads = gateway.store.loads.length
    expect((await gateway.ask(LISTED, asking('VIEWER', ''))).headers.get('x-cache')).toBe('MISS')
    expect(gateway.store.loads).toHaveLength(2 * loads)
  })

  it("is answered as if the header were missing if the caller's role may not use it", async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    await gateway.ask(LISTED, asking('VIEWER', ''))
    expect((await gateway.ask(LISTED, asking('VIEWER', 'no-cache'))).headers.get('x-cache')).toBe('HIT')
  })
})

describe('a request whose bytes were seen before', () => {
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

  it('is served from memory until one of the values in its response changes', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    const raw = await send(gateway, viewer('t1', 'EDITOR'))
    const held = atHand(gateway.endpoint, raw)
    expect(Buffer.from(held?.response.bytes ?? []).toString()).toBe('{"data":{"notes":{"nodes":[{"text":"one"}]}}}')
    await gateway.ask('mutation { setText(id: "1", text: "two") { text } }', { viewer: viewer('t1', 'EDITOR') })
    expect(atHand(gateway.endpoint, raw)).toBeUndefined()
    const recalled = await gateway.endpoint.recall(raw, gateway.endpoint.find(raw), { viewer: viewer('t1', 'EDITOR'), requestId: 'r' })
    expect(Buffer.from((recalled?.response?.body as Uint8Array | undefined) ?? []).toString()).toContain('two')
  })

  it('is not served from memory if another caller sends the same bytes', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne() })
    await send(gateway, viewer('t1', 'EDITOR'))
    for (const other of [viewer('t2', 'EDITOR'), viewer('t1', 'VIEWER'), viewer('t1', 'EDITOR', 'u2'), null])
      expect(atHand(gateway.endpoint, rawRequestOf('POST', usual, other, body))).toBeUndefined()
  })
})

it('The debug output of a response says in which tier the whole response is cached, if it is cached.', async () => {
  await using gateway = await startTinyGateway({ store: storeOfOne() })
  const debug = { viewer: viewer('t1'), debug: true, headers: { 'x-cache-debug': '1' } }
  const kept = async (query: string) => at((await gateway.ask(query, debug)).extensions, 'cache', 'response')
  expect(await kept(LISTED)).toMatchObject({ key: expect.stringMatching(/^t1:response@/), hasLease: true })
  expect(at(await kept(LISTED), 'memory')).toBeUndefined()
  await gateway.ask(LISTED, { viewer: viewer('t1') })
  expect(await kept(LISTED)).toMatchObject({ memory: { isServed: true } })
  expect(await kept('{ lucky }')).toBeNull()
})

describe('a batch of several operations in one request', () => {
  const list = (queries: readonly string[]) => Buffer.from(JSON.stringify(queries.map((query) => ({ query }))))
  const post = (gateway: Awaited<ReturnType<typeof startTinyGateway>>, body: Buffer) =>
    gateway.endpoint.execute({
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, search: '', body, viewer: viewer('t1', 'EDITOR') },
      ...{ requestId: 'r', debug: false },
    })

  it('is rejected if batches are not enabled or if it has too many operations', async () => {
    await using off = await startTinyGateway({ store: storeOfOne() })
    expect((await post(off, list([LISTED, LISTED]))).status).toBe(400)
    await using on = await startTinyGateway({ store: storeOfOne(), maxBatched: 2 })
    expect((await post(on, list([LISTED, LISTED, LISTED]))).status).toBe(400)
    expect((await post(on, list([]))).status).toBe(400)
  })

  it('lets other requests run between its operations, even if all of them are rejected', async () => {
    await using gateway = await startTinyGateway({ maxBatched: 5 })
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

  it('is reported with the duration of each operation, which does not contain those of the operations before it', async () => {
    let slept = 0
    class SlowStore extends TinyStore {
      override put(note: Parameters<TinyStore['put']>[0]): void {
        super.put(note)
        slept += 800
      }
    }
    const store = new SlowStore()
    for (const note of storeOfOne().notes) store.put(note)
    const env = { ...systemEnv, monotonic: () => systemEnv.monotonic() + slept }
    await using gateway = await startTinyGateway({ store, maxBatched: 5, env })
    await post(gateway, list(['mutation { setText(id: "1", text: "two") { text } }', LISTED]))
    const [write, read] = gateway.operations.map(({ durationMs }) => durationMs)
    expect(write).toBeGreaterThanOrEqual(800)
    expect(read).toBeLessThan(800)
  })

  it('is answered in order, shows later operations the writes of earlier operations, and gets the strictest cache headers among its operations', async () => {
    await using gateway = await startTinyGateway({ store: storeOfOne(), maxBatched: 5 })
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

import { describe, expect, it } from 'vitest'
import { bulkTag, EVERYTHING_TAG, rowTag } from '#src/engine/cache/index.ts'
import { CuttableLog, MapTier, policy, Source, startInstance, Thing, thing } from './instance.ts'
import { ManualEnv, settled } from './manual-env.ts'

describe('reads of the same key', () => {
  it('cause a single load, however many of the reads are concurrent', async () => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog())
    source.values.set(1, 'value')
    source.hold()
    const readers = Array.from({ length: 500 }, () => a.read([1]))
    await settled()
    source.release()
    expect(new Set((await Promise.all(readers)).flat())).toEqual(new Set(['value']))
    expect(source.loads).toEqual([[1]])
    expect(a.layers.filter((layer) => layer === 'coalesced')).toHaveLength(499)
  })

  it('share the load of each key even if each read asks for many keys', async () => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog())
    source.hold()
    const first = a.read([1, 2])
    const second = a.read([2, 3, 3])
    await settled()
    source.release()
    await Promise.all([first, second])
    expect(source.loads).toEqual([[1, 2], [3]])
  })

  it('never share a load between different tenants', async () => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog())
    const session = a.cache.openSession()
    const load = (tenant: string) => async () => ({ value: tenant })
    const [acme, other] = await Promise.all(
      ['acme', 'other'].map((tenant) => a.cache.get(thing(1, tenant), policy, load(tenant), { session })),
    )
    expect([acme, other]).toEqual(['acme', 'other'])
  })
})

describe('a loaded value', () => {
  it('is cached as absent if it is null', async () => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog())
    expect([await a.read([1]), await a.read([1])]).toEqual([[null], [null]])
    expect(source.loads).toHaveLength(1)
  })

  it('cannot be modified by its readers', async () => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog())
    source.values.set(1, { list: [1] })
    const [value] = (await a.read([1])) as [{ list: number[] }]
    expect(() => value.list.push(2)).toThrow(TypeError)
  })

  it('is returned even if the load of another key in the same read fails, and the next read loads the failed key again', async () => {
    const a = await startInstance(new Source(), new CuttableLog())
    let failing = true
    const load = async (indexes: readonly number[]) =>
      indexes.map((index) => (index === 1 && failing ? new Error('broken') : { value: index }))
    const read = () => a.cache.getMany([thing(0), thing(1), thing(2)], policy, load, { session: a.cache.openSession() })
    expect(await read()).toEqual([0, new Error('broken'), 2])
    failing = false
    expect(await read()).toEqual([0, 1, 2])
  })

  it('is not served from any tier after the end time that its loader returned', async () => {
    const env = new ManualEnv()
    const shared = new MapTier()
    const log = new CuttableLog()
    const a = await startInstance(new Source(), log, env, { remote: shared })
    let version = 1
    const load = async () => ({ value: version, until: env.now() + 500 })
    const read = () => a.cache.get(thing(1), policy, load, { session: a.cache.openSession() })
    expect(await read()).toBe(1)
    version = 2
    await env.advance(499)
    expect(await read()).toBe(1)
    await env.advance(1)
    expect(await read()).toBe(2)
  })
})

describe('the time to live of a cached value', () => {
  it('ends after the duration `l1` of the policy in the process and after the duration `l2` in the shared tier', async () => {
    const source = new Source()
    const env = new ManualEnv()
    const a = await startInstance(source, new CuttableLog(), env, { remote: new MapTier() })
    await a.read([1])
    await env.advance(50_000)
    await a.read([1])
    await env.advance(11_000)
    await a.read([1])
    await env.advance(900_000)
    await a.read([1])
    expect(a.layers).toEqual(['origin', 'l1', 'l2', 'origin'])
  })

  it('is extended by staleWhileRevalidate, while a single load runs in the background', async () => {
    const source = new Source()
    const env = new ManualEnv()
    const a = await startInstance(source, new CuttableLog(), env)
    const terms = { staleWhileRevalidateMs: 30_000 }
    source.values.set(1, 'first')
    await a.read([1], undefined, terms)
    source.values.set(1, 'second')
    await env.advance(61_000)
    source.hold()
    expect(await a.read([1], undefined, terms)).toEqual(['first'])
    expect(await a.read([1], undefined, terms)).toEqual(['first'])
    source.release()
    await settled()
    expect(await a.read([1], undefined, terms)).toEqual(['second'])
    expect(source.loads).toHaveLength(2)
  })

  it('is never extended by staleWhileRevalidate after an invalidation', async () => {
    const source = new Source()
    const env = new ManualEnv()
    const log = new CuttableLog()
    const a = await startInstance(source, log, env)
    const terms = { staleWhileRevalidateMs: 30_000 }
    source.values.set(1, 'first')
    await a.read([1], undefined, terms)
    await env.advance(61_000)
    source.values.set(1, 'second')
    await log.append([rowTag(Thing, 'acme', 1)])
    await env.advance(100)
    expect(await a.read([1], undefined, terms)).toEqual(['second'])
  })

  it('is extended by staleIfError while loads fail, and the value is then marked as stale', async () => {
    const source = new Source()
    const env = new ManualEnv()
    const a = await startInstance(source, new CuttableLog(), env)
    const terms = { staleIfErrorMs: 300_000 }
    source.values.set(1, 'old')
    await a.read([1], undefined, terms)
    source.failing = true
    await env.advance(100_000)
    expect(await a.read([1], undefined, terms)).toEqual(['old'])
    await env.advance(300_000)
    expect((await a.read([1], undefined, terms))[0]).toBeInstanceOf(Error)
    expect(a.layers).toEqual(['origin', 'stale'])
  })
})

describe('the shared tier', () => {
  it('serves a value to one instance after another instance has loaded it', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const shared = new MapTier()
    const a = await startInstance(source, log, new ManualEnv(), { remote: shared })
    const b = await startInstance(source, log, new ManualEnv(), { remote: shared })
    source.values.set(1, { text: 'x'.repeat(5000) })
    await a.read([1])
    await settled()
    expect(await b.read([1])).toEqual([{ text: 'x'.repeat(5000) }])
    expect(b.layers).toEqual(['l2'])
  })

  it('gives a hit to all concurrent readers of a key', async () => {
    const source = new Source()
    source.values.set(1, 'value')
    const [log, remote] = [new CuttableLog(), new MapTier()]
    await (await startInstance(source, log, new ManualEnv(), { remote })).read([1])
    await settled()
    const other = await startInstance(source, log, new ManualEnv(), { remote })
    expect(await Promise.all([other.read([1]), other.read([1])])).toEqual([['value'], ['value']])
    expect(other.layers).toEqual(['l2', 'l2'])
  })

  it('counts an entry as a miss if a byte of the entry was changed, or if two entries were swapped', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const shared = new MapTier()
    const a = await startInstance(source, log, new ManualEnv(), { remote: shared })
    source.values.set(1, 'one')
    source.values.set(2, 'two')
    await a.read([1, 2])
    await settled()
    const [[firstKey, first], [secondKey, second]] = [...shared.entries] as [[string, Uint8Array], [string, Uint8Array]]
    for (let at = 0; at < first.length; at++) {
      const damaged = Uint8Array.from(first)
      damaged[at] = (damaged[at] as number) ^ 0x41
      shared.entries.set(firstKey, damaged)
      const b = await startInstance(source, log, new ManualEnv(), { remote: shared })
      expect(await b.read([1])).toEqual(['one'])
      expect(b.layers).toEqual(['origin'])
      await settled()
    }
    shared.entries.set(firstKey, second)
    shared.entries.set(secondKey, first)
    const c = await startInstance(source, log, new ManualEnv(), { remote: shared })
    expect(await c.read([1, 2])).toEqual(['one', 'two'])
    expect(c.layers).toEqual(['origin', 'origin'])
  })

  it('is bypassed for a while after a failure, and then tried again by a single reader', async () => {
    const source = new Source()
    const env = new ManualEnv()
    const shared = new MapTier()
    shared.failing = true
    const a = await startInstance(source, new CuttableLog(), env, { remote: shared })
    for (let id = 0; id < 10; id++) expect(await a.read([id])).toEqual([null])
    expect(a.events.filter((event) => event.type === 'tier-error').length).toBeLessThanOrEqual(6)
    shared.failing = false
    await env.advance(1100)
    await a.read([11])
    await settled()
    expect(a.events.filter((event) => event.type === 'breaker').map((event) => event.state)).toEqual(['open', 'half-open', 'closed'])
  })
})

describe('an invalidation', () => {
  it.each([
    ['a row', rowTag(Thing, 'acme', 1)],
    ['a bulk change of the type', bulkTag(Thing, 'acme')],
    ['the tenant', 'acme'],
    ['everything', EVERYTHING_TAG],
  ])('with the tag of %s reaches all cached values that depend on that tag', async (_, tag) => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog())
    await a.read([1])
    await a.cache.invalidate([tag])
    await a.read([1])
    expect(source.loads).toHaveLength(2)
  })

  it('of another tenant or another row does not affect a cached value', async () => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog())
    await a.read([1])
    await a.cache.invalidate(['other', rowTag(Thing, 'other', 1), rowTag(Thing, 'acme', 2)])
    await a.read([1])
    expect(source.loads).toHaveLength(1)
  })

  it('reaches a value even if the value has more tags than an entry can store', async () => {
    const a = await startInstance(new Source(), new CuttableLog())
    let loads = 0
    const many = Array.from({ length: 1000 }, (_, id) => rowTag(Thing, 'acme', id))
    const read = () => a.cache.get(thing(1), policy, async () => ({ value: ++loads, tags: many }), { session: a.cache.openSession() })
    await read()
    await a.cache.invalidate(['acme:Thing~', rowTag(Thing, 'acme', 999)])
    expect(await read()).toBe(2)
  })
})

describe('a type whose changes are not written to the invalidation log', () => {
  it('is not cached, and is reported as unwatched', async () => {
    class BlindLog extends CuttableLog {
      override async unwatched() {
        return [{ type: 'Thing', reason: 'its triggers are disabled' }]
      }
    }
    const source = new Source()
    const a = await startInstance(source, new BlindLog())
    await a.read([1])
    await a.read([1])
    expect(source.loads).toHaveLength(2)
    expect(a.events).toContainEqual({ type: 'unwatched', entity: 'Thing', reason: 'its triggers are disabled' })
  })
})

describe('a cache that is turned off', () => {
  it('loads the value for each read and still acknowledges writes', async () => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog(), new ManualEnv(), { enabled: false })
    await a.read([1])
    await a.read([1])
    expect(source.loads).toHaveLength(2)
    expect(await a.cache.acknowledge(a.cache.openSession())).not.toBe('')
  })
})

it('A reader that joins a reload which another one asked for has a cause of its own for its miss.', async () => {
  const source = new Source()
  const instance = await startInstance(source, new CuttableLog())
  const { cache, events } = instance
  source.hold()
  const reloading = cache.getMany([thing(1)], policy, source.loader([1]), { session: cache.openSession(), refresh: true })
  const reading = instance.read([1])
  await settled()
  source.release()
  await Promise.all([reloading, reading])
  expect(events.flatMap((event) => (event.type === 'miss' ? [event.cause] : [])).sort()).toEqual(['bypassed', 'cold'])
})

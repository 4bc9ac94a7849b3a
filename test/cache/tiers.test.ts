import { describe, expect, it } from 'vitest'
import { bulkTag, EVERYTHING_TAG, rowTag } from '../../src/cache/index.ts'
import { CuttableLog, MapTier, policy, Source, startInstance, Thing, thing } from './instance.ts'
import { ManualEnv, settled } from './manual-env.ts'

describe('reads of the same key', () => {
  it('are loaded once, however many come at once', async () => {
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

  it('share loads key by key when they ask for many', async () => {
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

  it('of different tenants are never shared', async () => {
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

describe('a value', () => {
  it('that is null is cached as known to be absent', async () => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog())
    expect([await a.read([1]), await a.read([1])]).toEqual([[null], [null]])
    expect(source.loads).toHaveLength(1)
  })

  it('cannot be changed by who reads it', async () => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog())
    source.values.set(1, { list: [1] })
    const [value] = (await a.read([1])) as [{ list: number[] }]
    expect(() => value.list.push(2)).toThrow(TypeError)
  })

  it('that failed to load is an error for its key alone, and is loaded again the next time', async () => {
    const a = await startInstance(new Source(), new CuttableLog())
    let failing = true
    const load = async (indexes: readonly number[]) =>
      indexes.map((index) => (index === 1 && failing ? new Error('broken') : { value: index }))
    const read = () => a.cache.getMany([thing(0), thing(1), thing(2)], policy, load, { session: a.cache.openSession() })
    expect(await read()).toEqual([0, new Error('broken'), 2])
    failing = false
    expect(await read()).toEqual([0, 1, 2])
  })

  it('that changes by itself is not served beyond that moment, from either tier', async () => {
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

describe('time to live', () => {
  it('ends in this process after l1, in the shared tier after l2', async () => {
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

  it('that ran out is bridged by the old copy while one load runs in the background', async () => {
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

  it('is never extended by revalidation after an invalidation', async () => {
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

  it('that ran out may be bridged, flagged, while the source fails', async () => {
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
  it('gives one instance what another loaded', async () => {
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

  it('is a hit for all who ask for it at once', async () => {
    const source = new Source()
    source.values.set(1, 'value')
    const [log, remote] = [new CuttableLog(), new MapTier()]
    await (await startInstance(source, log, new ManualEnv(), { remote })).read([1])
    await settled()
    const other = await startInstance(source, log, new ManualEnv(), { remote })
    expect(await Promise.all([other.read([1]), other.read([1])])).toEqual([['value'], ['value']])
    expect(other.layers).toEqual(['l2', 'l2'])
  })

  it('is a miss when any byte of an entry was changed, and when two entries were swapped', async () => {
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

  it('that fails is asked no more for a while, and then asked by one reader whether it is back', async () => {
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

describe('invalidation', () => {
  it.each([
    ['a row', rowTag(Thing, 'acme', 1)],
    ['a bulk change of the type', bulkTag(Thing, 'acme')],
    ['the tenant', 'acme'],
    ['everything', EVERYTHING_TAG],
  ])('by the tag of %s reaches what depends on it', async (_, tag) => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog())
    await a.read([1])
    await a.cache.invalidate([tag])
    await a.read([1])
    expect(source.loads).toHaveLength(2)
  })

  it('of another tenant or row leaves it alone', async () => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog())
    await a.read([1])
    await a.cache.invalidate(['other', rowTag(Thing, 'other', 1), rowTag(Thing, 'acme', 2)])
    await a.read([1])
    expect(source.loads).toHaveLength(1)
  })

  it('reaches a value with more tags than are kept', async () => {
    const a = await startInstance(new Source(), new CuttableLog())
    let loads = 0
    const many = Array.from({ length: 1000 }, (_, id) => rowTag(Thing, 'acme', id))
    const read = () => a.cache.get(thing(1), policy, async () => ({ value: ++loads, tags: many }), { session: a.cache.openSession() })
    await read()
    await a.cache.invalidate(['acme:Thing~', rowTag(Thing, 'acme', 999)])
    expect(await read()).toBe(2)
  })
})

describe('a type whose changes do not reach the log', () => {
  it('is not cached, and said to be so', async () => {
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

describe('the cache that is off', () => {
  it('answers from the source each time and still acknowledges writes', async () => {
    const source = new Source()
    const a = await startInstance(source, new CuttableLog(), new ManualEnv(), { enabled: false })
    await a.read([1])
    await a.read([1])
    expect(source.loads).toHaveLength(2)
    expect(await a.cache.acknowledge(a.cache.openSession())).not.toBe('')
  })
})

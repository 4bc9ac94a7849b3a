import { describe, expect, it } from 'vitest'
import { DeadlineExceededError, LoadTimeoutError, MemoryLog, rowTag } from '#src/engine/cache/index.ts'
import { MapTier, policy, Source, startInstance, Thing, thing, write } from './instance.ts'
import { ManualEnv, settled } from './manual-env.ts'

async function start(options: Parameters<typeof startInstance>[3] = {}) {
  const env = new ManualEnv()
  const source = new Source()
  const log = new MemoryLog()
  source.values.set(1, 'one')
  return { env, source, log, instance: await startInstance(source, log, env, options) }
}

describe('a cached value', () => {
  it('has the TTL that its policy sets for absent values, if the value is null', async () => {
    const { env, source, instance } = await start()
    source.values.delete(1)
    expect(await instance.read([1], undefined, { negativeMs: 5000 })).toEqual([null])
    await env.advance(4000)
    await instance.read([1], undefined, { negativeMs: 5000 })
    expect(source.loads).toHaveLength(1)
    source.values.set(1, 'made where no log sees it')
    await env.advance(1100)
    expect(await instance.read([1], undefined, { negativeMs: 5000 })).toEqual(['made where no log sees it'])
  })

  it('can live longer in the shared tier than its policy says if the loader returned a longer TTL', async () => {
    const { env, instance } = await start({ remote: new MapTier() })
    let loads = 0
    const read = () =>
      instance.cache.get(
        thing(1),
        { ...policy, l1Ms: 1000, l2Ms: 2000 },
        async () => {
          loads++
          return { value: 'asked for often', ttlMs: 60_000 }
        },
        { session: instance.cache.openSession() },
      )
    await read()
    await env.advance(30_000)
    await read()
    expect(loads).toBe(1)
    await env.advance(31_000)
    await read()
    expect(loads).toBe(2)
  })

  it('is never stored if its loader returned undefined, which means that the result is unknown', async () => {
    const { instance } = await start({ remote: new MapTier() })
    let loads = 0
    const read = () =>
      instance.cache.get(thing(1), policy, async () => ({ value: ++loads === 1 ? undefined : 'known' }), {
        session: instance.cache.openSession(),
      })
    expect(await read()).toBeUndefined()
    expect(await read()).toBe('known')
  })

  it('is reloaded once before it expires if the load took long, and readers are still served meanwhile', async () => {
    const { env, source, instance } = await start()
    const terms = { l1Ms: 10_000, l2Ms: 0, earlyRefresh: 1 }
    source.hold()
    const first = instance.read([1], undefined, terms)
    await env.advance(900)
    source.release()
    await first
    await env.advance(8000)
    for (let reads = 0; reads < 200; reads++) {
      expect(await instance.read([1], undefined, terms)).toEqual(['one'])
      await env.advance(1)
    }
    const { length } = source.loads
    expect(length).toBeGreaterThan(1)
    expect(instance.events.filter((event) => event.type === 'refresh' && event.reason === 'early')).toHaveLength(length - 1)
    expect(instance.layers.slice(1).every((layer) => layer === 'l1')).toBe(true)
  })

  it('is not reloaded long before it expires, and is never reloaded early if its policy has no early refresh', async () => {
    const { env, source, instance } = await start()
    for (let reads = 0; reads < 200; reads++) {
      await instance.read([1], undefined, { l1Ms: 60_000, earlyRefresh: 1 })
      await env.advance(10)
    }
    expect(source.loads).toHaveLength(1)
  })
})

describe('a policy that changes while values are cached', () => {
  const LONG = { ...policy, l1Ms: 60_000, l2Ms: 900_000 }

  it.each([
    ['it reduces the TTL in the memory of the process', { l1Ms: 10_000, l2Ms: 900_000 }, 'l2'],
    ['it reduces the TTL in both tiers', { l1Ms: 10_000, l2Ms: 10_000 }, 'origin'],
    ['it forbids caching', { l1Ms: 0, l2Ms: 0 }, 'origin'],
  ])('applies immediately to cached values if %s', async (_, shorter, layer) => {
    const { env, instance } = await start({ remote: new MapTier() })
    await instance.read([1], undefined, LONG)
    await env.advance(9000)
    await instance.read([1], undefined, LONG)
    await env.advance(2000)
    await instance.read([1], undefined, shorter)
    expect(instance.layers).toEqual(['origin', 'l1', layer])
  })

  it('reduces the TTL of a cached null immediately', async () => {
    const { env, source, instance } = await start({ remote: new MapTier() })
    source.values.delete(1)
    await instance.read([1], undefined, LONG)
    await env.advance(6000)
    source.values.set(1, 'made where no log sees it')
    expect(await instance.read([1], undefined, { ...LONG, negativeMs: 5000 })).toEqual(['made where no log sees it'])
  })

  it('gives a longer TTL immediately to copies in the shared tier, but not to copies that are already in the memory of a process', async () => {
    const { env, instance } = await start({ remote: new MapTier() })
    await instance.read([1], undefined, { ...LONG, l1Ms: 10_000, l2Ms: 20_000 })
    await env.advance(25_000)
    await instance.read([1], undefined, LONG)
    await env.advance(40_000)
    await instance.read([1], undefined, LONG)
    expect(instance.layers).toEqual(['origin', 'l2', 'l1'])
  })

  it('applies equally to a read of one key and to a read of many keys', async () => {
    const { env, instance } = await start()
    let loads = 0
    const read = (l1Ms: number) =>
      instance.cache.get(thing(1), { ...LONG, l1Ms, l2Ms: 0 }, async () => ({ value: ++loads }), { session: instance.cache.openSession() })
    expect(await read(60_000)).toBe(1)
    await env.advance(11_000)
    expect(await read(60_000)).toBe(1)
    expect(await read(10_000)).toBe(2)
  })
})

describe('a slow load', () => {
  it('is not shared with a reader who came after the loaded value had already expired', async () => {
    const { env, instance } = await start()
    const closesAt = env.now() + 1000
    const held: (() => void)[] = []
    const read = () =>
      instance.cache.get(
        thing(1),
        policy,
        async () => {
          const value = env.now() < closesAt ? 'open' : 'closed'
          await new Promise<void>((resolve) => held.push(resolve))
          return value === 'open' ? { value, until: closesAt } : { value }
        },
        { session: instance.cache.openSession() },
      )
    const early = read()
    await settled()
    const joined = read()
    await env.advance(1001)
    const late = read()
    await settled()
    for (const release of held.splice(0)) release()
    // The value was "open" until it expired. Readers who came before the expiry may get that value, readers who came later may not.
    expect(await Promise.all([early, joined])).toEqual(['open', 'open'])
    await settled()
    for (const release of held.splice(0)) release()
    expect(await late).toBe('closed')
  })

  it('is aborted at the hard timeout, and its value is not stored', async () => {
    const { env, instance } = await start()
    let signal: AbortSignal | undefined
    const read = instance.cache.get(
      thing(1),
      { ...policy, hardTimeoutMs: 300 },
      (given) => {
        signal = given
        return new Promise<never>(() => undefined)
      },
      { session: instance.cache.openSession() },
    )
    const failure = expect(read).rejects.toThrow(LoadTimeoutError)
    await env.advance(301)
    await failure
    expect(signal?.aborted).toBe(true)
    expect(await instance.read([1])).toEqual(['one'])
  })

  it('returns a stale copy to its reader at the soft timeout, and continues for the next reader', async () => {
    const { env, source, instance } = await start()
    const terms = { l1Ms: 1000, l2Ms: 0, staleIfErrorMs: 60_000, softTimeoutMs: 50 }
    await instance.read([1], undefined, terms)
    await env.advance(2000)
    source.values.set(1, 'newer')
    source.hold()
    const read = instance.read([1], undefined, terms)
    await env.advance(51)
    expect(await read).toEqual(['one'])
    expect(instance.layers.at(-1)).toBe('stale')
    source.release()
    await settled()
    expect(await instance.read([1], undefined, terms)).toEqual(['newer'])
    expect(instance.layers.at(-1)).toBe('l1')
    expect(source.loads).toHaveLength(2)
  })

  it('never returns a copy that a write has invalidated, not even at the soft timeout', async () => {
    const { env, source, log, instance } = await start()
    const terms = { l1Ms: 1000, l2Ms: 0, staleIfErrorMs: 60_000, softTimeoutMs: 50 }
    await instance.read([1], undefined, terms)
    await write(instance, log, source, 1, 'newer')
    source.hold()
    const read = instance.read([1], undefined, terms)
    await env.advance(500)
    source.release()
    expect(await read).toEqual(['newer'])
  })
})

describe('a copy in the shared tier', () => {
  it('is not served if the clock of its writer was so far ahead that the timestamp of the copy is in the future', async () => {
    const remote = new MapTier()
    const log = new MemoryLog()
    const source = new Source()
    source.values.set(1, 'expired')
    const ahead = new ManualEnv()
    await ahead.advance(3_600_000)
    const one = await startInstance(source, log, ahead, { remote })
    await one.read([1])
    source.values.set(1, 'active')
    const other = await startInstance(source, log, new ManualEnv(), { remote })
    expect(await other.read([1])).toEqual(['active'])
    expect(other.layers).toEqual(['origin'])
  })

  it('is served if the clock of its writer is behind the clock of the reader, or less than a second ahead', async () => {
    const remote = new MapTier()
    const log = new MemoryLog()
    const source = new Source()
    source.values.set(1, 'one')
    const ahead = new ManualEnv()
    await ahead.advance(900)
    const one = await startInstance(source, log, ahead, { remote })
    await one.read([1])
    for (const env of [new ManualEnv(), ahead]) {
      const other = await startInstance(source, log, env, { remote })
      expect(await other.read([1])).toEqual(['one'])
      expect(other.layers).toEqual(['l2'])
    }
  })
})

describe('a background refresh', () => {
  it('tells its loader to use no expired copies, although the reader that triggered the refresh gets an expired copy', async () => {
    const { env, source, instance } = await start()
    const terms = { ...policy, l1Ms: 1000, l2Ms: 0, staleWhileRevalidateMs: 60_000 }
    const refreshes: boolean[] = []
    const read = (fresh: boolean) =>
      instance.cache.get(thing(1), terms, async () => ({ value: source.values.get(1) }), { session: instance.cache.openSession(), fresh })
    const readMany = () =>
      instance.cache.getMany(
        [thing(1)],
        terms,
        async (_, _signal, isRefresh = false) => {
          refreshes.push(isRefresh)
          return [{ value: source.values.get(1) }]
        },
        { session: instance.cache.openSession() },
      )
    await readMany()
    await env.advance(1500)
    source.values.set(1, 'newer')
    expect(await readMany()).toEqual(['one'])
    await settled()
    expect(refreshes).toEqual([false, true])
    await env.advance(1500)
    source.values.set(1, 'newest')
    expect(await read(true)).toBe('newest')
  })
})

describe('a refresh of a value that is composed of other cached values', () => {
  it.each([
    [
      'reloads a part that expires soon, in whichever tier it is, if the policy of that part has an early refresh',
      1,
      8500,
      ['origin', 'origin'],
    ],
    ['reads a part from the cache if that part does not expire soon', 1, 2000, ['origin', 'l1']],
    ['reads a part from the cache until it expires if the policy of that part has no early refresh', 0, 8500, ['origin', 'l1']],
  ])('%s', async (_, earlyRefresh, ageMs, layers) => {
    const { env, source, instance } = await start({ remote: new MapTier() })
    const terms = { ...policy, l1Ms: 10_000, l2Ms: 10_000, earlyRefresh }
    source.hold()
    const first = instance.read([1], undefined, terms)
    await env.advance(500)
    source.release()
    await first
    await env.advance(ageMs - 500)
    const { cache } = instance
    await cache.getMany([thing(1)], terms, source.loader([1]), {
      session: cache.openSession(),
      fresh: true,
      observe: (_index, { layer }) => instance.layers.push(layer),
    })
    expect(instance.layers).toEqual(layers)
  })
})

describe('a reader with a deadline', () => {
  const held = async () => {
    const context = await start({ concurrentLoads: 1 })
    const signals: AbortSignal[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const read = (id: number, options: { readonly deadlineMs?: number; readonly signal?: AbortSignal } = {}) =>
      context.instance.cache.get(
        thing(id),
        policy,
        async (signal) => {
          signals.push(signal)
          await promise
          return { value: 'late' }
        },
        { session: context.instance.cache.openSession(), ...options },
      )
    return { ...context, signals, read, release: resolve }
  }

  it('stops waiting at the deadline, and the load continues for the other readers', async () => {
    const { env, read, release, signals } = await held()
    const leaves = expect(read(1, { deadlineMs: 100 })).rejects.toThrow(DeadlineExceededError)
    const stays = read(1)
    await env.advance(101)
    await leaves
    expect(signals[0]?.aborted).toBe(false)
    release()
    expect(await stays).toBe('late')
  })

  it('aborts the load when it stops waiting, if no other reader waits; the next reader starts a new load', async () => {
    const { env, read, signals, instance } = await held()
    const leaves = expect(read(1, { deadlineMs: 100 })).rejects.toThrow(DeadlineExceededError)
    await env.advance(101)
    await leaves
    expect(signals[0]?.aborted).toBe(true)
    await settled()
    expect(await instance.read([1])).toEqual(['one'])
  })

  it('stops waiting for a load when the abort signal of that reader fires', async () => {
    const { read, signals } = await held()
    const controller = new AbortController()
    const leaves = expect(read(1, { signal: controller.signal })).rejects.toThrow('hung up')
    await settled()
    controller.abort(new Error('hung up'))
    await leaves
    expect(signals[0]?.aborted).toBe(true)
  })

  it('causes no load if it stopped waiting while the load was still queued', async () => {
    const { env, read, release, signals, instance } = await held()
    const first = read(1)
    const queued = expect(read(2, { deadlineMs: 100 })).rejects.toThrow(DeadlineExceededError)
    await env.advance(101)
    await queued
    release()
    await first
    await settled()
    expect(signals).toHaveLength(1)
    expect(instance.events).toContainEqual({ type: 'shed', policy: 'Thing', count: 1 })
  })
})

describe('a synchronous lookup (which returns no promise)', () => {
  it('returns only a value that a read would return from the memory of this process', async () => {
    const { env, source, log, instance } = await start()
    const { cache } = instance
    const look = (token?: string) => cache.localView(cache.openSession(token))?.getIfPresent(thing(1).key)
    expect(look()).toBeUndefined()
    await instance.read([1])
    expect(look()).toBe('one')
    const token = await write(instance, log, source, 1, 'two')
    expect(look(token)).toBeUndefined()
    await instance.read([1])
    expect(look(token)).toBe('two')
    await env.advance(60_001)
    expect(look()).toBeUndefined()
  })

  it('returns nothing if this instance has not read the log up to the position in the token, or if the lease has expired', async () => {
    const { env, source, log, instance } = await start()
    const other = await startInstance(source, log)
    await instance.read([1])
    const token = await write(other, log, source, 1, 'two')
    expect(instance.cache.localView(instance.cache.openSession(token))).toBeUndefined()
    env.suspend(1001)
    expect(instance.cache.localView(instance.cache.openSession())).toBeUndefined()
  })
})

describe('warming the cache', () => {
  it('reloads values that are already cached, so that later reads get the new values from memory', async () => {
    const { source, instance } = await start({ remote: new MapTier() })
    await instance.read([1])
    source.values.set(1, 'changed where no log sees it')
    const { cache } = instance
    await cache.warm([thing(1)], policy, source.loader([1]), { session: cache.openSession() })
    expect(await instance.read([1])).toEqual(['changed where no log sees it'])
    expect(instance.layers.at(-1)).toBe('l1')
  })
})

describe('an invalidation', () => {
  const reads = async (instance: Awaited<ReturnType<typeof startInstance>>) => {
    instance.layers.length = 0
    await instance.read([1, 2])
    return instance.layers
  }

  it.each<[string, Parameters<Awaited<ReturnType<typeof startInstance>>['cache']['invalidate']>[0], string[]]>([
    ['a tag', [rowTag(Thing, 'acme', 1)], ['l1', 'origin']],
    ['a key', { key: thing(2).key }, ['l1', 'origin']],
    ['a type of a tenant', { tenant: 'acme', type: 'Thing' }, ['origin', 'origin']],
    ['a pattern of types', { tenant: 'acme', type: 'Th*' }, ['origin', 'origin']],
    ['a tenant', { tenant: 'acme' }, ['origin', 'origin']],
    ['another tenant', { tenant: 'globex' }, ['l1', 'l1']],
    ['everything', 'everything', ['origin', 'origin']],
  ])('by %s invalidates exactly the matching values, on every instance and in the shared tier', async (_, target, expected) => {
    const remote = new MapTier()
    const { env, source, log, instance } = await start({ remote })
    const other = await startInstance(source, log, new ManualEnv(), { remote })
    await reads(instance)
    await settled()
    await other.cache.invalidate(target)
    await env.advance(100)
    expect((await reads(instance)).toSorted()).toEqual(expected.toSorted())
  })

  it('by an unknown type is rejected with an error that lists the known types', async () => {
    const { instance } = await start()
    await expect(instance.cache.invalidate({ tenant: 'acme', type: 'Thang' })).rejects.toThrow(
      'No declared type matches "Thang". The declared types: Thing.',
    )
  })
})

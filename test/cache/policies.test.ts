import { describe, expect, it } from 'vitest'
import { DeadlineExceededError, LoadTimeoutError, MemoryLog, rowTag } from '../../src/cache/index.ts'
import { MapTier, policy, Source, startInstance, Thing, thing, write } from './instance.ts'
import { ManualEnv, settled } from './manual-env.ts'

async function start(options: Parameters<typeof startInstance>[3] = {}) {
  const env = new ManualEnv()
  const source = new Source()
  const log = new MemoryLog()
  source.values.set(1, 'one')
  return { env, source, log, instance: await startInstance(source, log, env, options) }
}

describe('a value', () => {
  it('that is null lives as long as its policy says of what is absent', async () => {
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

  it('that its loader gives a life of its own outlives its policy in the shared tier', async () => {
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

  it('that is undefined is not known, and never kept', async () => {
    const { instance } = await start({ remote: new MapTier() })
    let loads = 0
    const read = () =>
      instance.cache.get(thing(1), policy, async () => ({ value: ++loads === 1 ? undefined : 'known' }), {
        session: instance.cache.openSession(),
      })
    expect(await read()).toBeUndefined()
    expect(await read()).toBe('known')
  })

  it('that took long to load is loaded anew before its end, once, while its readers are served', async () => {
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

  it('is not loaded early long before its end, nor when its policy does not ask for it', async () => {
    const { env, source, instance } = await start()
    for (let reads = 0; reads < 200; reads++) {
      await instance.read([1], undefined, { l1Ms: 60_000, earlyRefresh: 1 })
      await env.advance(10)
    }
    expect(source.loads).toHaveLength(1)
  })
})

describe('a slow load', () => {
  it('whose value changed by itself before a reader came is not joined by that reader', async () => {
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
    // Who came while it was open may be told so; who came later is not.
    expect(await Promise.all([early, joined])).toEqual(['open', 'open'])
    await settled()
    for (const release of held.splice(0)) release()
    expect(await late).toBe('closed')
  })

  it('is given up at the hard timeout, told to stop, and not stored', async () => {
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

  it('lets a reader take a flagged copy at the soft timeout, and goes on for the next', async () => {
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

  it('never lets a reader take a copy that a write made void', async () => {
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
  it('that a clock ahead of this one made is not served, since it may tell what has not happened yet', async () => {
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

  it('that a clock behind this one, or ahead by less than a second, made is served', async () => {
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

describe('a refresh in the background', () => {
  it('takes no copy whose time ran out, where the reader takes it and a refresh begins', async () => {
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

  it('leaves when its time is up, and the load goes on for who stays', async () => {
    const { env, read, release, signals } = await held()
    const leaves = expect(read(1, { deadlineMs: 100 })).rejects.toThrow(DeadlineExceededError)
    const stays = read(1)
    await env.advance(101)
    await leaves
    expect(signals[0]?.aborted).toBe(false)
    release()
    expect(await stays).toBe('late')
  })

  it('has the load stopped when it was the last to leave; who comes then begins another', async () => {
    const { env, read, signals, instance } = await held()
    const leaves = expect(read(1, { deadlineMs: 100 })).rejects.toThrow(DeadlineExceededError)
    await env.advance(101)
    await leaves
    expect(signals[0]?.aborted).toBe(true)
    await settled()
    expect(await instance.read([1])).toEqual(['one'])
  })

  it('leaves when its own signal aborts', async () => {
    const { read, signals } = await held()
    const controller = new AbortController()
    const leaves = expect(read(1, { signal: controller.signal })).rejects.toThrow('hung up')
    await settled()
    controller.abort(new Error('hung up'))
    await leaves
    expect(signals[0]?.aborted).toBe(true)
  })

  it('that left the queue costs the source nothing', async () => {
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

describe('a lookup without a promise', () => {
  it('gives what a read would give from this process, and nothing else', async () => {
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

  it('is refused where a barrier is due: to a token from beyond, and when the lease ran out', async () => {
    const { env, source, log, instance } = await start()
    const other = await startInstance(source, log)
    await instance.read([1])
    const token = await write(other, log, source, 1, 'two')
    expect(instance.cache.localView(instance.cache.openSession(token))).toBeUndefined()
    env.suspend(1001)
    expect(instance.cache.localView(instance.cache.openSession())).toBeUndefined()
  })
})

describe('warming', () => {
  it('loads anew what is kept, by the same fill', async () => {
    const { source, instance } = await start({ remote: new MapTier() })
    await instance.read([1])
    source.values.set(1, 'changed where no log sees it')
    const { cache } = instance
    await cache.warm([thing(1)], policy, source.loader([1]), { session: cache.openSession() })
    expect(await instance.read([1])).toEqual(['changed where no log sees it'])
    expect(instance.layers.at(-1)).toBe('l1')
  })
})

describe('invalidation', () => {
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
  ])('by %s makes void what it stands for, on every instance and in the shared tier', async (_, target, expected) => {
    const remote = new MapTier()
    const { env, source, log, instance } = await start({ remote })
    const other = await startInstance(source, log, new ManualEnv(), { remote })
    await reads(instance)
    await settled()
    await other.cache.invalidate(target)
    await env.advance(100)
    expect((await reads(instance)).toSorted()).toEqual(expected.toSorted())
  })

  it('by a type that there is not is refused with those that there are', async () => {
    const { instance } = await start()
    await expect(instance.cache.invalidate({ tenant: 'acme', type: 'Thang' })).rejects.toThrow('No type fits "Thang": there are Thing.')
  })
})

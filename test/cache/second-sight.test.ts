import { describe, expect, it } from 'vitest'
import { type CachePolicy, MemoryLog } from '#src/engine/cache/index.ts'
import { MapTier, policy, Source, startInstance, thing, write } from './instance.ts'
import { ManualEnv } from './manual-env.ts'

const COMPOSED: Partial<CachePolicy> = { composed: true }

async function start() {
  const env = new ManualEnv()
  const log = new MemoryLog()
  const remote = new MapTier()
  const source = new Source()
  source.values.set(1, 'first')
  const one = await startInstance(source, log, env, { remote })
  const other = await startInstance(source, log, env, { remote })
  const terms = { ...policy, ...COMPOSED }
  /** Returns the keys in the shared tier after everything that was begun has been written. */
  const stored = async () => {
    await env.advance(0)
    return [...remote.entries.keys()]
  }
  return { env, log, remote, source, one, other, terms, stored }
}

describe('a value that is composed of other cached values', () => {
  it('is written to the shared tier when it is read again, and not when it is loaded', async () => {
    const { one, other, source, stored } = await start()
    await one.read([1], undefined, COMPOSED)
    expect(await stored()).toEqual([])
    await one.read([1], undefined, COMPOSED)
    expect(await stored()).toHaveLength(1)
    expect(await other.read([1], undefined, COMPOSED)).toEqual(['first'])
    expect(other.layers).toEqual(['l2'])
    expect(source.loads).toHaveLength(1)
  })

  it('is written only once, however often it is read', async () => {
    const { one, remote, stored } = await start()
    for (let read = 0; read < 2; read++) await one.read([1], undefined, COMPOSED)
    await stored()
    remote.entries.clear()
    for (let read = 0; read < 5; read++) await one.read([1], undefined, COMPOSED)
    expect(await stored()).toEqual([])
  })

  it('is written when a synchronous lookup finds it again', async () => {
    const { one, stored } = await start()
    await one.read([1], undefined, COMPOSED)
    expect(one.cache.localView(one.cache.openSession())?.getIfPresent(thing(1).key)).toBe('first')
    expect(await stored()).toHaveLength(1)
  })

  it('is written when it is loaded if several readers wait for the load', async () => {
    const { one, source, stored } = await start()
    const readers = Array.from({ length: 500 }, () => one.read([1], undefined, COMPOSED))
    expect(new Set((await Promise.all(readers)).flat())).toEqual(new Set(['first']))
    expect(source.loads).toHaveLength(1)
    expect(await stored()).toHaveLength(1)
  })

  it('is written when it is loaded if the memory of the process keeps no copy', async () => {
    const { one, stored } = await start()
    await one.read([1], undefined, { ...COMPOSED, l1Ms: 0 })
    expect(await stored()).toHaveLength(1)
  })

  it('is written when it is loaded anew because an earlier copy has expired', async () => {
    const { one, env, stored } = await start()
    const brief = { ...COMPOSED, l2Ms: 1000 }
    await one.read([1], undefined, brief)
    await env.advance(2000)
    expect(await stored()).toEqual([])
    await one.read([1], undefined, brief)
    expect(await stored()).toHaveLength(1)
  })

  it('waits again for a second reader after it was invalidated', async () => {
    const { one, log, source, remote, stored } = await start()
    await one.read([1], undefined, COMPOSED)
    await one.read([1], undefined, COMPOSED)
    await stored()
    await write(one, log, source, 1, 'second')
    remote.entries.clear()
    expect(await one.read([1], undefined, COMPOSED)).toEqual(['second'])
    expect(await stored()).toEqual([])
    await one.read([1], undefined, COMPOSED)
    expect(await stored()).toHaveLength(1)
  })

  it('is never written if it is invalidated before its second reader comes', async () => {
    const { one, log, source, stored } = await start()
    await one.read([1], undefined, COMPOSED)
    await write(one, log, source, 1, 'second')
    expect(one.cache.localView(one.cache.openSession())?.getIfPresent(thing(1).key)).toBeUndefined()
    expect(await stored()).toEqual([])
  })

  it('is written when it is loaded in the background, as for warming', async () => {
    const { one, source, terms, stored } = await start()
    const session = one.cache.openSession(undefined, { isBackground: true })
    await one.cache.getMany([thing(1)], terms, source.loader([1]), { session })
    expect(await stored()).toHaveLength(1)
  })

  it('is not written if it was composed of cached copies alone, because any process can do that', async () => {
    const { one, terms, stored } = await start()
    const compose = async () => [{ value: 'composed', fromCopies: true }]
    const ask = () => one.cache.getMany([thing(1)], terms, compose, { session: one.cache.openSession() })
    await ask()
    await ask()
    expect(await stored()).toEqual([])
  })

  it('is written when a request asks for a reload', async () => {
    const { one, source, terms, stored } = await start()
    await one.cache.getMany([thing(1)], terms, source.loader([1]), { session: one.cache.openSession(), refresh: true })
    expect(await stored()).toHaveLength(1)
  })
})

describe('a value that is not composed of other values', () => {
  it('is written to the shared tier when it is loaded, because no other process can make it without the source', async () => {
    const { one, stored } = await start()
    await one.read([1])
    expect(await stored()).toHaveLength(1)
  })
})

describe('a value that is new to a process', () => {
  /** A shared tier that counts the keys that it was asked for. */
  class CountingTier extends MapTier {
    asked = 0

    override async getMany(keys: readonly string[]) {
      this.asked += keys.length
      return super.getMany(keys)
    }
  }

  async function startCounting() {
    const env = new ManualEnv()
    const remote = new CountingTier()
    const source = new Source()
    const log = new MemoryLog()
    const instance = await startInstance(source, log, env, { remote })
    let id = 0
    const read = (wanted: number, terms = policy, { cache } = instance) =>
      cache.getMany([thing(wanted)], terms, source.loader([wanted]), { session: cache.openSession() })
    /** Reads so many new values, one after the other. Returns how many of them were looked up, and how many were written. */
    const readNew = async (count: number, terms = policy) => {
      const [asked, stored] = [remote.asked, remote.entries.size]
      for (let index = 0; index < count; index++) await read(++id, terms)
      await env.advance(0)
      return [remote.asked - asked, remote.entries.size - stored]
    }
    await readNew(1)
    return { env, log, remote, read, readNew, newest: () => id }
  }

  it('is looked up in the shared tier and written there, until 64 lookups in a row have found nothing; then one in eight is', async () => {
    const { readNew } = await startCounting()
    expect(await readNew(63)).toEqual([63, 63])
    expect(await readNew(80)).toEqual([10, 10])
  })

  it('is looked up again after an entry of its policy was found', async () => {
    const { env, log, remote, read, readNew, newest } = await startCounting()
    await readNew(71)
    const other = await startInstance(new Source(), log, env, { remote })
    // The process finds the value that another one has written under the next key.
    for (let next = 1; next <= 8; next++) await read(newest() + next, policy, other)
    await env.advance(0)
    await readNew(8)
    expect(await readNew(60)).toEqual([60, 60])
  })

  it('is written when it is read again if it was not looked up', async () => {
    const { env, remote, read, readNew, newest } = await startCounting()
    await readNew(64)
    expect(await readNew(1)).toEqual([0, 0])
    const stored = remote.entries.size
    await read(newest())
    await env.advance(0)
    expect(remote.entries.size).toBe(stored + 1)
  })

  it('is always looked up and written if the memory of the process keeps no copy', async () => {
    const { readNew } = await startCounting()
    expect(await readNew(100, { ...policy, l1Ms: 0 })).toEqual([100, 100])
  })

  it('is looked up as rarely if it is composed of other values', async () => {
    const { readNew } = await startCounting()
    const terms = { ...policy, ...COMPOSED }
    expect(await readNew(64, terms)).toEqual([64, 0])
    expect(await readNew(80, terms)).toEqual([10, 0])
  })
})

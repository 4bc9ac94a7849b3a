import { describe, expect, it } from 'vitest'
import { MemoryLog, type RemoteEntry } from '#src/engine/cache/index.ts'
import { MapTier, Source, startInstance, write } from './instance.ts'
import { ManualEnv } from './manual-env.ts'

/** An environment in which the later turn of the event loop comes when the test says so. */
class HeldEnv extends ManualEnv {
  #deferred: (() => void)[] = []

  override defer(callback: () => void): void {
    this.#deferred.push(callback)
  }

  async nextTurn(): Promise<void> {
    for (const callback of this.#deferred.splice(0)) callback()
    await this.advance(0)
  }
}

/** A shared tier that records the number of entries in each write. */
class CountingTier extends MapTier {
  readonly writes: number[] = []

  override async setMany(entries: readonly RemoteEntry[]): Promise<void> {
    this.writes.push(entries.length)
    await super.setMany(entries)
  }
}

async function start() {
  const env = new HeldEnv()
  const log = new MemoryLog()
  const remote = new CountingTier()
  const source = new Source()
  return { env, log, remote, source, instance: await startInstance(source, log, env, { remote }) }
}

describe('a loaded value', () => {
  it('is handed to its readers before it is written to the shared tier, together with what else was loaded in that turn', async () => {
    const { env, remote, instance } = await start()
    await Promise.all([instance.read([1, 2]), instance.read([3])])
    expect(remote.writes).toEqual([])
    await env.nextTurn()
    expect(remote.writes).toEqual([3])
    expect(remote.entries.size).toBe(3)
  })

  it('is never written if it is invalidated before the write', async () => {
    const { env, log, remote, source, instance } = await start()
    await instance.read([1, 2])
    await write(instance, log, source, 1, 'new')
    await env.nextTurn()
    expect(remote.writes).toEqual([1])
    expect([...remote.entries.keys()]).toEqual([expect.stringContaining('[2]')])
  })

  it('is never written if the whole cache is reset before the write', async () => {
    const { env, log, remote, instance } = await start()
    await instance.read([1])
    await log.bump()
    await env.advance(200)
    await env.nextTurn()
    expect(remote.entries.size).toBe(0)
  })

  it('is never written if it expires before the write', async () => {
    const { env, remote, instance } = await start()
    await instance.read([1], undefined, { l1Ms: 100, l2Ms: 100 })
    await env.advance(150)
    await env.nextTurn()
    expect(remote.entries.size).toBe(0)
  })

  it('does not wait for the later turn if many values wait already', async () => {
    const { remote, instance } = await start()
    await instance.read(Array.from({ length: 100 }, (_, id) => id))
    expect(remote.writes).toEqual([64])
  })

  it('is written when the cache is closed', async () => {
    const { remote, instance } = await start()
    await instance.read([1])
    await instance.cache.close()
    expect(remote.entries.size).toBe(1)
  })
})

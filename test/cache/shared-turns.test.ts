import { describe, expect, it } from 'vitest'
import { type CacheOptions, cacheKey, MemoryLog, type RemoteEntry } from '#src/engine/cache/index.ts'
import { CLAIM_MS } from '#src/engine/cache/shared/shared-tier.ts'
import { CuttableLog, type Instance, MapTier, policy, Source, startInstance, thing, write } from './instance.ts'
import { ManualEnv } from './manual-env.ts'

/** Longest time after which a process has the value that another process has loaded, ms. */
const HANDOVER_MS = 50
const MAX_PATIENCE_MS = 5000
const MIN_PATIENCE_MS = 1000

/** A shared tier whose entries end after their time to live, and which counts the claims that it was asked for. */
class ExpiringTier extends MapTier {
  asked = 0
  readonly #env: ManualEnv

  constructor(env: ManualEnv) {
    super()
    this.#env = env
  }

  get claims(): readonly string[] {
    return [...this.entries.keys()].filter((key) => key.includes(':claim:'))
  }

  override async addMany(entries: readonly RemoteEntry[]): Promise<readonly boolean[]> {
    this.asked += entries.length
    const added = await super.addMany(entries)
    this.#expire(entries.filter((_, index) => added[index]))
    return added
  }

  override async setMany(entries: readonly RemoteEntry[]): Promise<void> {
    await super.setMany(entries)
    this.#expire(entries)
  }

  #expire(entries: readonly RemoteEntry[]): void {
    for (const { key, bytes, ttlMs } of entries)
      this.#env.setTimer(() => {
        if (this.entries.get(key) === bytes) this.entries.delete(key)
      }, ttlMs)
  }
}

async function start(options: Partial<CacheOptions> = {}, oneEnv?: ManualEnv) {
  const env = new ManualEnv()
  const log = new CuttableLog()
  const remote = new ExpiringTier(env)
  const source = new Source()
  source.values.set(1, 'first')
  const one = await startInstance(source, log, oneEnv ?? env, { remote, sketchColumns: 1024 })
  const other = await startInstance(source, log, env, { remote, sketchColumns: 1024, ...options })
  /** Lets both processes know that the loads of the policy take so long, ms. */
  const teach = async (durationMs: number) => {
    for (const [index, instance] of [one, other].entries()) {
      source.hold()
      const reading = instance.read([100 + index])
      await env.advance(durationMs)
      source.release()
      await reading
    }
    source.loads.length = 0
    remote.asked = 0
    for (const { events } of [one, other]) events.length = 0
  }
  return { env, log, remote, source, one, other, teach }
}

function outcomes({ events }: Instance): readonly string[] {
  return events.flatMap((event) => (event.type === 'turn' ? new Array<string>(event.count).fill(event.outcome) : []))
}

describe('a cold key that two processes ask for at the same time', () => {
  it('is loaded once, by the first stampede already, and the other process has the value within 50 ms', async () => {
    const { env, source, one, other, remote } = await start()
    source.hold()
    const reads = [one, other].flatMap((instance) => Array.from({ length: 250 }, () => instance.read([1])))
    await env.advance(200)
    source.release()
    await env.advance(HANDOVER_MS)
    expect(new Set((await Promise.all(reads)).flat())).toEqual(new Set(['first']))
    expect(source.loads).toEqual([[1]])
    expect(outcomes(other)).toEqual(['spared'])
    expect(new Set(other.layers)).toEqual(new Set(['coalesced']))
    expect(other.events.filter(({ type }) => type === 'miss')).toHaveLength(250)
    expect(remote.claims).toEqual([])
  })

  it('is loaded once although the load takes four times longer than a claim lasts', async () => {
    const { env, source, one, other } = await start()
    source.hold()
    const reads = [one.read([1]), other.read([1])]
    await env.advance(4 * CLAIM_MS)
    source.release()
    await env.advance(HANDOVER_MS)
    expect((await Promise.all(reads)).flat()).toEqual(['first', 'first'])
    expect(source.loads).toHaveLength(1)
  })

  it('is loaded by each process if the shared tier is away, and nobody asks for turns after the read has failed', async () => {
    const { remote, source, one, other } = await start()
    remote.failing = true
    const reads = [one, other].flatMap((instance) => Array.from({ length: 250 }, () => instance.read([1])))
    expect(new Set((await Promise.all(reads)).flat())).toEqual(new Set(['first']))
    expect(source.loads).toEqual([[1], [1]])
    expect(remote.asked).toBe(0)
  })

  it('is loaded by the other process as soon as the first one has failed', async () => {
    const { env, source, one, other } = await start()
    source.hold()
    const failed = one.read([1], undefined, { hardTimeoutMs: 100 })
    await env.advance(10)
    const read = other.read([1])
    await env.advance(90)
    source.release()
    await env.advance(HANDOVER_MS)
    expect(await failed).toEqual([expect.any(Error)])
    expect(await read).toEqual(['first'])
    expect(outcomes(other)).toEqual(['no value'])
  })

  it('is split by key: each process loads the keys that no other process loads', async () => {
    const { env, source, one, other } = await start()
    source.hold()
    const reads = [one.read([1, 2]), other.read([2, 3])]
    await env.advance(100)
    source.release()
    await env.advance(HANDOVER_MS)
    await Promise.all(reads)
    expect(source.loads).toEqual([[1, 2], [3]])
  })

  it('is loaded once when both processes refresh an expired copy in the background', async () => {
    const { env, source, one, other, teach } = await start()
    await teach(500)
    const terms = { l1Ms: 1000, l2Ms: 1000, staleWhileRevalidateMs: 60_000 }
    await one.read([1], undefined, terms)
    await other.read([1], undefined, terms)
    await env.advance(2000)
    source.values.set(1, 'second')
    source.hold()
    await Promise.all([one.read([1], undefined, terms), other.read([1], undefined, terms)])
    await env.advance(30)
    source.release()
    await env.advance(HANDOVER_MS)
    expect(source.loads).toEqual([[1], [1]])
    expect((await Promise.all([one.read([1], undefined, terms), other.read([1], undefined, terms)])).flat()).toEqual(['second', 'second'])
  })

  it('is loaded once when both processes warm it, and a value from before the warming does not count', async () => {
    const { env, source, one, other, teach } = await start()
    await teach(500)
    await one.read([1])
    await env.advance(1000)
    source.values.set(1, 'second')
    source.hold()
    const warmed = [one, other].map(({ cache }) =>
      cache.warm([thing(1)], policy, source.loader([1]), { session: cache.openSession(undefined, { isBackground: true }) }),
    )
    await env.advance(30)
    source.release()
    await env.advance(HANDOVER_MS)
    await Promise.all(warmed)
    expect(source.loads).toEqual([[1], [1]])
    expect(await other.read([1])).toEqual(['second'])
  })
})

describe('a process that waits for the load of another process', () => {
  it('waits no longer than one claim lasts if the other process has died', async () => {
    const dead = new ManualEnv(2)
    const { env, source, one, other } = await start({}, dead)
    source.hold()
    void one.read([1])
    await env.advance(10)
    const read = other.read([1])
    await env.advance(CLAIM_MS - 20)
    expect(source.loads).toHaveLength(1)
    await env.advance(HANDOVER_MS)
    expect(source.loads).toHaveLength(2)
    source.release()
    expect(await read).toEqual(['first'])
    expect(outcomes(other)).toEqual(['no value'])
  })

  it('waits for a load of unknown duration at most five seconds', async () => {
    const { env, source, one, other } = await start()
    source.hold()
    void one.read([1])
    await env.advance(10)
    const read = other.read([1])
    await env.advance(MAX_PATIENCE_MS - HANDOVER_MS)
    expect(source.loads).toHaveLength(1)
    await env.advance(2 * HANDOVER_MS)
    expect(source.loads).toHaveLength(2)
    source.release()
    expect(await read).toEqual(['first'])
    expect(outcomes(other)).toEqual(['timed out'])
  })

  it('waits at most one second if the loads usually take little longer than 20 ms', async () => {
    const { env, source, one, other, teach } = await start()
    await teach(30)
    source.hold()
    void one.read([1])
    await env.advance(10)
    void other.read([1])
    await env.advance(MIN_PATIENCE_MS - HANDOVER_MS)
    expect(source.loads).toHaveLength(1)
    await env.advance(2 * HANDOVER_MS)
    expect(source.loads).toHaveLength(2)
    source.release()
  })

  it('loads the value itself if the shared tier fails meanwhile', async () => {
    const { env, source, remote, one, other } = await start()
    source.hold()
    void one.read([1])
    await env.advance(10)
    const read = other.read([1])
    await env.advance(100)
    expect(source.loads).toHaveLength(1)
    remote.failing = true
    await env.advance(HANDOVER_MS)
    expect(source.loads).toHaveLength(2)
    source.release()
    expect(await read).toEqual(['first'])
  })

  it('still gets the value if a load of another key of the same read fails unexpectedly meanwhile', async () => {
    const onEvent: CacheOptions['onEvent'] = ({ type }) => {
      if (type === 'load') throw new Error('The listener failed.')
    }
    const { env, source, one, other } = await start({ onEvent })
    source.values.set(2, 'second key')
    source.hold()
    void one.read([1])
    await env.advance(10)
    const read = other.read([1, 2])
    await env.advance(100)
    source.release()
    await env.advance(HANDOVER_MS)
    expect(await read).toEqual(['first', 'second key'])
    expect(source.loads).toEqual([[1], [2]])
  })

  it('loads nothing if its last reader leaves meanwhile', async () => {
    const { env, source, one, other } = await start()
    source.hold()
    void one.read([1])
    await env.advance(10)
    const session = other.cache.openSession()
    const read = other.cache.getMany([thing(1)], policy, source.loader([1]), { session, deadlineMs: 100 })
    await env.advance(1000)
    expect(await read).toEqual([expect.objectContaining({ name: 'DeadlineExceededError' })])
    expect(source.loads).toHaveLength(1)
    source.release()
  })

  it('does not wait for a load that began before the value was invalidated', async () => {
    const { env, log, source, one, other } = await start()
    source.hold()
    const early = one.read([1])
    await env.advance(100)
    const token = await write(other, log, source, 1, 'second')
    const read = other.read([1], token)
    await env.advance(0)
    expect(source.loads).toHaveLength(2)
    source.release()
    expect(await read).toEqual(['second'])
    expect(await early).toEqual(['first'])
  })

  it('stops waiting when the value is invalidated', async () => {
    const { env, log, source, one, other } = await start()
    source.hold()
    void one.read([1])
    await env.advance(10)
    const read = other.read([1])
    await env.advance(100)
    expect(source.loads).toHaveLength(1)
    await write(other, log, source, 1, 'second')
    await env.advance(HANDOVER_MS)
    expect(source.loads).toHaveLength(2)
    source.release()
    expect(await read).toEqual(['second'])
    expect(outcomes(other)).toEqual(['invalidated'])
  })

  /** The process that loads has not applied the write yet, so it stores a value that the write has voided. */
  const overtaken = async (options: Partial<CacheOptions> = {}) => {
    const behind = new ManualEnv(2)
    const { env, log, source, one, other } = await start(options, behind)
    source.hold()
    const early = one.read([1])
    await env.advance(10)
    const read = other.read([1])
    await env.advance(100)
    await write(other, log, source, 1, 'second')
    source.release()
    await early
    await env.advance(HANDOVER_MS)
    return read
  }

  it('refuses a value that was loaded before an invalidation which the other process has not applied yet', async () => {
    expect(await overtaken()).toEqual(['second'])
  })

  it('would serve such a value if it did not check it', async () => {
    expect(await overtaken({ omit: new Set(['awaited entries checked']) })).toEqual(['first'])
  })
})

describe('turns', () => {
  it('cost fast loads nothing', async () => {
    const { one, remote, teach } = await start()
    await teach(5)
    await one.read([1])
    await Promise.all([one.read([2, 3, 4]), one.read([2, 3, 4])])
    expect(remote.asked).toBe(0)
  })

  it('are taken by loads that usually take 20 ms or longer', async () => {
    const { one, remote, teach } = await start()
    await teach(20)
    await one.read([1])
    expect(remote.asked).toBe(1)
  })

  it('are not taken any more when the loads have become fast', async () => {
    const { env, one, remote, teach } = await start()
    await teach(25)
    for (let id = 1; id < 10; id++) await one.read([id])
    await env.advance(0)
    expect(remote.asked).toBeLessThan(9)
    remote.asked = 0
    await one.read([50])
    expect(remote.asked).toBe(0)
  })

  it('are taken by fast loads that many readers wait for', async () => {
    const { one, other, remote, source, env, teach } = await start()
    await teach(5)
    source.hold()
    const reads = [one, other].flatMap((instance) => Array.from({ length: 10 }, () => instance.read([1])))
    await env.advance(5)
    source.release()
    await env.advance(HANDOVER_MS)
    await Promise.all(reads)
    expect(source.loads).toEqual([[1]])
    expect(remote.claims).toEqual([])
  })

  it.each([
    { readers: 10, loads: 1 },
    { readers: 9, loads: 2 },
  ])('are taken by fast loads of the parts of a value that at least 10 readers wait for: $readers', async ({ readers, loads }) => {
    const { one, other, source, env, teach } = await start()
    await teach(5)
    source.hold()
    const composed = { ...policy, name: 'Whole', composed: true }
    const whole = { key: cacheKey('acme', 'Whole', [1]), tags: [] }
    const read = ({ cache }: Instance) => {
      const session = cache.openSession()
      const compose = async () => {
        // The other readers come while the value is composed.
        await Promise.resolve()
        const [value] = await cache.getMany([thing(1)], policy, source.loader([1]), { session })
        return [{ value }]
      }
      return cache.getMany([whole], composed, compose, { session })
    }
    const reads = [one, other].flatMap((instance) => Array.from({ length: readers }, () => read(instance)))
    await env.advance(5)
    source.release()
    await env.advance(HANDOVER_MS)
    expect(new Set((await Promise.all(reads)).flat())).toEqual(new Set(['first']))
    expect(source.loads).toHaveLength(loads)
  })

  it('are not taken by a composed value that one reader waits for, because the loads of its parts take them', async () => {
    const { one, remote } = await start()
    await one.read([1], undefined, { composed: true })
    expect(remote.asked).toBe(0)
  })

  it('let the other process have a composed value that many readers wait for, although nobody has read it a second time', async () => {
    const { env, one, other, source } = await start()
    source.hold()
    const reads = [one, other].flatMap((instance) => Array.from({ length: 250 }, () => instance.read([1], undefined, { composed: true })))
    await env.advance(100)
    source.release()
    await env.advance(HANDOVER_MS)
    expect(new Set((await Promise.all(reads)).flat())).toEqual(new Set(['first']))
    expect(source.loads).toHaveLength(1)
  })

  it('are not taken for values that the shared tier does not store', async () => {
    const { one, remote } = await start()
    await one.read([1], undefined, { l2Ms: 0 })
    expect(remote.asked).toBe(0)
  })

  it('are not taken by a process that is not in sync with the log', async () => {
    const { env, log, one, remote } = await start()
    log.cut = true
    await env.advance(2000)
    const read = one.read([1])
    await env.advance(0)
    expect(await read).toEqual(['first'])
    expect(remote.asked).toBe(0)
  })

  it('end when the process that has them stops', async () => {
    const { one, remote } = await start()
    await one.read([1])
    await one.cache.close()
    expect(remote.claims).toEqual([])
    expect(remote.entries.size).toBe(1)
  })

  it('are not needed without a shared tier', async () => {
    const source = new Source()
    source.values.set(1, 'first')
    const alone = await startInstance(source, new MemoryLog())
    expect(new Set((await Promise.all(Array.from({ length: 500 }, () => alone.read([1])))).flat())).toEqual(new Set(['first']))
    expect(source.loads).toEqual([[1]])
  })
})

describe('a slow load of a key that no other process wants', () => {
  /** Loads new keys one after the other, each in so many ms. Returns the number of turns that were asked for. */
  async function turnsOf(count: number, durationMs: number, { env, source, one, remote }: Awaited<ReturnType<typeof start>>, from = 1000) {
    remote.asked = 0
    for (let id = from; id < from + count; id++) {
      source.hold()
      const reading = one.read([id])
      await env.advance(durationMs)
      source.release()
      await reading
    }
    return remote.asked
  }

  it('takes a turn 32 times, and then one time in 16', async () => {
    const started = await start()
    expect(await turnsOf(32, 25, started)).toBe(32)
    expect(await turnsOf(64, 25, started, 2000)).toBe(4)
  })

  it('takes a turn each time if the loads take a second or longer', async () => {
    expect(await turnsOf(50, 1100, await start())).toBe(50)
  })

  it('takes a turn each time again after another process has wanted the same key', async () => {
    const started = await start()
    await turnsOf(32, 25, started)
    const { env, source, one, other } = started
    let first = 5000
    // One in 16 loads still asks for a turn, and then meets the other process.
    for (let met = false; !met; first++) {
      source.hold()
      const reads = [other.read([first]), one.read([first])]
      await env.advance(25)
      source.release()
      await env.advance(HANDOVER_MS)
      await Promise.all(reads)
      met = outcomes(one).length > 0
    }
    expect(await turnsOf(20, 25, started, 6000)).toBe(20)
  })

  it('takes a turn each time while another process waits for the values', async () => {
    const started = await start()
    const { env, source, one, other, remote } = started
    const claimed: number[] = []
    for (let id = 5000; id < 5050; id++) {
      source.hold()
      remote.asked = 0
      const loading = one.read([id])
      await env.advance(5)
      claimed.push(remote.asked)
      const waiting = other.read([id])
      await env.advance(20)
      source.release()
      await env.advance(HANDOVER_MS)
      await Promise.all([loading, waiting])
    }
    expect(claimed).toEqual(new Array(50).fill(1))
    expect(source.loads).toHaveLength(50)
  })
})

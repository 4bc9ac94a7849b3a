import { describe, expect, it } from 'vitest'
import { EVERYTHING_TAG, rowTag } from '#src/engine/cache/index.ts'
import { CuttableLog, MapTier, policy, Source, startInstance, Thing, thing, write } from './instance.ts'
import { ManualEnv, settled } from './manual-env.ts'

describe('a read after an acknowledged write', () => {
  it('sees the write immediately on the instance that acknowledged it', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    source.values.set(1, 'old')
    expect(await a.read([1])).toEqual(['old'])
    await write(a, log, source, 1, 'new')
    expect(await a.read([1])).toEqual(['new'])
  })

  it('sees the write immediately on the acknowledging instance, even if that instance failed to sync the invalidation log after the write', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    source.values.set(1, 'old')
    await a.read([1])
    source.values.set(1, 'new')
    await log.append([rowTag(Thing, 'acme', 1)])
    log.cut = true
    await a.cache.acknowledge(a.cache.openSession())
    log.cut = false
    expect(await a.read([1])).toEqual(['new'])
  })

  it('sees the write immediately on any instance if the read carries the consistency token of the write, at the cost of one extra sync of the invalidation log', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    const b = await startInstance(source, log)
    source.values.set(1, 'old')
    await b.read([1])
    const token = await write(a, log, source, 1, 'new')
    const syncs = log.syncs
    expect(await b.read([1], token)).toEqual(['new'])
    expect(log.syncs - syncs).toBe(1)
  })

  it('causes at most two syncs of the invalidation log and one load, even if a thousand concurrent reads carry the consistency token', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    const b = await startInstance(source, log)
    await b.read([1])
    const token = await write(a, log, source, 1, 'new')
    const syncs = log.syncs
    const loads = source.loads.length
    const answers = await Promise.all(Array.from({ length: 1000 }, () => b.read([1], token)))
    expect(new Set(answers.flat())).toEqual(new Set(['new']))
    expect(log.syncs - syncs).toBeLessThanOrEqual(2)
    expect(source.loads.length - loads).toBe(1)
  })

  it('sees the write after the next regular sync of the invalidation log, even if the read carries no consistency token', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const env = new ManualEnv()
    const a = await startInstance(source, log)
    const b = await startInstance(source, log, env)
    source.values.set(1, 'old')
    await b.read([1])
    await write(a, log, source, 1, 'new')
    await env.advance(94)
    expect(await b.read([1])).toEqual(['new'])
  })

  it('never returns the old value after an earlier read returned the new value', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const shared = new MapTier()
    const a = await startInstance(source, log, new ManualEnv(), { remote: shared })
    const b = await startInstance(source, log, new ManualEnv(), { remote: shared })
    source.values.set(1, 'old')
    await a.read([1])
    await settled()
    const old = new Map(shared.entries)
    const token = await write(a, log, source, 1, 'new')
    expect(await b.read([1], token)).toEqual(['new'])
    for (const [key, bytes] of old) shared.entries.set(key, bytes)
    const c = await startInstance(source, log, new ManualEnv(), { remote: shared })
    expect(await c.read([1])).toEqual(['new'])
  })
})

describe('a load whose key is invalidated while it runs', () => {
  it.each([
    [[1]],
    [[1, 2, 3]],
  ])('does not give its value to a reader who came after the invalidation (ids of the invalidated rows: %j)', async (ids) => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    for (const id of ids) source.values.set(id, 'old')
    source.hold()
    const early = a.read(ids)
    await settled()
    await write(a, log, source, 1, 'new')
    const late = a.read(ids)
    await settled()
    source.release()
    expect((await late)[0]).toBe('new')
    expect((await early)[0]).toBe('old')
  })

  it('is not stored, neither in this process nor in the shared tier', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const shared = new MapTier()
    const a = await startInstance(source, log, new ManualEnv(), { remote: shared })
    source.values.set(1, 'old')
    source.hold()
    const early = a.read([1])
    await settled()
    await write(a, log, source, 1, 'new')
    source.release()
    await early
    await settled()
    expect(shared.entries.size).toBe(0)
    expect(await a.read([1])).toEqual(['new'])
  })

  it('is followed by at most one new load at a time, so that at most two loads of a repeatedly invalidated key run concurrently', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    const releases: (() => void)[] = []
    let running = 0
    let most = 0
    const read = () =>
      a.cache.get(
        thing(1),
        policy,
        async () => {
          most = Math.max(most, ++running)
          const value = source.values.get(1)
          await new Promise<void>((resolve) => releases.push(resolve))
          running--
          return { value }
        },
        { session: a.cache.openSession() },
      )
    const answers: { readonly written: number; readonly answer: Promise<unknown> }[] = []
    for (let version = 1; version <= 6; version++) {
      await write(a, log, source, 1, version)
      for (let reader = 0; reader < 3; reader++) answers.push({ written: version, answer: read() })
      await settled()
    }
    expect(most).toBe(2)
    for (let turn = 0; turn < 20; turn++) {
      for (const release of releases.splice(0)) release()
      await settled()
    }
    expect(most).toBe(2)
    for (const { written, answer } of answers) expect(await answer).toBeGreaterThanOrEqual(written)
    expect(running).toBe(0)
  })

  it('does not affect other keys, whose cached values are still served', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    await a.read([2])
    await write(a, log, source, 1, 'new')
    await a.read([2])
    expect(source.loads).toEqual([[2]])
  })
})

describe('the invalidation log', () => {
  it('makes an instance reset its whole cache if rows were trimmed from the log before that instance read them', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const env = new ManualEnv()
    const a = await startInstance(source, log)
    const b = await startInstance(source, log, env)
    source.values.set(1, 'old')
    await b.read([1])
    log.cut = true
    await env.advance(5000)
    source.values.set(1, 'new')
    log.cut = false
    await log.append([rowTag(Thing, 'acme', 1)])
    for (let i = 0; i < 20; i++) await log.append([rowTag(Thing, 'acme', 2)])
    await log.trim(5)
    await a.cache.acknowledge(a.cache.openSession())
    expect(await b.read([1])).toEqual(['new'])
    expect(b.events.filter((event) => event.type === 'reset')).toHaveLength(2)
  })

  it('invalidates every cached value, in the process and in the shared tier, when the log starts a new epoch', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const shared = new MapTier()
    const epochs: string[] = []
    const a = await startInstance(source, log, new ManualEnv(), { remote: shared, onEpoch: () => epochs.push('changed') })
    source.values.set(1, 'lost in the failover')
    await a.read([1])
    await settled()
    source.values.set(1, 'what the new primary has')
    await log.bump()
    const session = a.cache.openSession()
    await a.cache.acknowledge(session)
    expect(await a.read([1])).toEqual(['what the new primary has'])
    expect(epochs).toEqual(['changed'])
    const b = await startInstance(source, log, new ManualEnv(), { remote: shared })
    expect(await b.read([1])).toEqual(['what the new primary has'])
  })

  it('starts a new epoch if it was restored to a position before the position in a consistency token', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    source.values.set(1, 'before')
    let token = ''
    for (let i = 0; i < 5; i++) token = await write(a, log, source, 1, `version ${i}`)
    class Restored extends CuttableLog {
      #epoch: string | undefined
      override async sync(from: number | null, limit: number) {
        const rows = await super.sync(from, limit)
        const bumped = rows.at(-1)?.tags[0] === EVERYTHING_TAG && (rows.at(-1)?.seq ?? 0) > 1
        return bumped ? rows : rows.map((row) => ({ ...row, epoch: this.#epoch ?? row.epoch }))
      }
      adopt(epoch: string): void {
        this.#epoch = epoch
      }
    }
    const restored = new Restored()
    restored.adopt((await log.sync(null, 1))[0]?.epoch ?? '')
    const b = await startInstance(source, restored)
    await b.read([1])
    source.values.set(1, 'after the restore')
    expect(await b.read([1], token)).toEqual(['after the restore'])
    expect(b.events.some((event) => event.type === 'epoch' || event.type === 'reset')).toBe(true)
  })
})

describe('the lease of an instance (the time for which it may serve cached values without reading the invalidation log)', () => {
  it('expires when the log could not be read for longer than the staleness bound, and then nothing is served from the cache', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const env = new ManualEnv()
    const a = await startInstance(source, log, env)
    source.values.set(1, 'old')
    await a.read([1])
    log.cut = true
    source.values.set(1, 'new')
    await env.advance(900)
    expect(await a.read([1])).toEqual(['old'])
    await env.advance(200)
    expect(await a.read([1])).toEqual(['new'])
    expect(a.layers).toEqual(['origin', 'l1', 'origin'])
  })

  it.each([
    [{ monotonicStands: true }],
    [{}],
  ])('has expired after the process was suspended, whichever clock shows the suspension (%j)', async (options) => {
    const source = new Source()
    const log = new CuttableLog()
    const env = new ManualEnv()
    const a = await startInstance(source, log, env)
    source.values.set(1, 'old')
    await a.read([1])
    env.suspend(30_000, options)
    source.values.set(1, 'new')
    await log.append([rowTag(Thing, 'acme', 1)])
    expect(await a.read([1])).toEqual(['new'])
  })

  it.each([3_600_000, -3_600_000])('does not exceed the staleness bound when the wall clock jumps by %i ms', async (jumpMs) => {
    const source = new Source()
    const log = new CuttableLog()
    const env = new ManualEnv()
    const a = await startInstance(source, log, env)
    source.values.set(1, 'old')
    await a.read([1])
    env.jumpWallClock(jumpMs)
    source.values.set(1, 'new')
    await log.append([rowTag(Thing, 'acme', 1)])
    await env.advance(1000)
    expect(await a.read([1])).toEqual(['new'])
  })

  it('need not be valid for serving a copy marked as stale, if the policy allows stale copies and the request has no consistency token', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const env = new ManualEnv()
    const a = await startInstance(source, log, env)
    const terms = { staleIfErrorMs: 300_000 }
    source.values.set(1, 'old')
    await a.read([1], undefined, terms)
    const token = await write(a, log, source, 2, 'unrelated')
    log.cut = true
    source.failing = true
    await env.advance(2000)
    expect(await a.read([1], undefined, terms)).toEqual(['old'])
    expect(a.layers.at(-1)).toBe('stale')
    const [unmet] = await a.read([1], a.cache.demandBarrier(a.cache.openSession()), terms)
    expect(unmet).toBeInstanceOf(Error)
    expect(token).not.toBe('')
    await env.advance(400_000)
    expect((await a.read([1], undefined, terms))[0]).toBeInstanceOf(Error)
  })

  it('allows no copy, not even one marked as stale, until the instance has read the invalidation-log row of its own write', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    const terms = { staleIfErrorMs: 300_000 }
    source.values.set(1, 'old')
    await a.read([1], undefined, terms)
    source.values.set(1, 'new')
    log.cut = true
    source.failing = true
    await a.cache.acknowledge(a.cache.openSession())
    expect((await a.read([1], undefined, terms))[0]).toBeInstanceOf(Error)
    source.failing = false
    expect(await a.read([1], undefined, terms)).toEqual(['new'])
  })

  it('allows no copy whose tag was invalidated, not even marked as stale', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const env = new ManualEnv()
    const a = await startInstance(source, log, env)
    const terms = { staleIfErrorMs: 300_000 }
    source.values.set(1, 'old')
    await a.read([1], undefined, terms)
    await write(a, log, source, 1, 'new')
    log.cut = true
    source.failing = true
    await env.advance(2000)
    expect((await a.read([1], undefined, terms))[0]).toBeInstanceOf(Error)
  })
})

describe('a consistency token', () => {
  it('is ignored if the gateway did not seal it, and then causes no sync of the invalidation log', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    const syncs = log.syncs
    for (let i = 0; i < 100; i++) await a.read([1], `forged-${i}`)
    expect(log.syncs).toBe(syncs)
  })

  it('is still valid if it was sealed with the previous secret', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log, new ManualEnv(), { secrets: ['old'] })
    const b = await startInstance(source, log, new ManualEnv(), { secrets: ['new', 'old'] })
    await b.read([1])
    const token = await write(a, log, source, 1, 'new')
    expect(await b.read([1], token)).toEqual(['new'])
  })

  it('is valid on every instance during a rotation of the secret that adds the new one everywhere before an instance seals with it', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const start = (secrets: readonly string[]) => startInstance(source, log, new ManualEnv(), { secrets, tickMs: 60_000 })
    const readAfterWrite = async (writer: readonly string[], reader: readonly string[]) => {
      source.values.set(1, 'old')
      const [a, b] = [await start(writer), await start(reader)]
      await b.read([1])
      return b.read([1], await write(a, log, source, 1, 'new'))
    }
    const steps = [['old'], ['old', 'new'], ['new', 'old'], ['new']] as const
    for (const [index, step] of steps.entries()) {
      const next = steps[index + 1] ?? step
      expect(await readAfterWrite(step, next)).toEqual(['new'])
      expect(await readAfterWrite(next, step)).toEqual(['new'])
    }
    // Without the second step, an instance that was not restarted yet ignores the tokens of those that were.
    expect(await readAfterWrite(['new', 'old'], ['old'])).toEqual(['old'])
  })

  it('causes a sync of the invalidation log before the read if the sync after the write failed', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    const b = await startInstance(source, log)
    source.values.set(1, 'old')
    await b.read([1])
    source.values.set(1, 'new')
    await log.append([rowTag(Thing, 'acme', 1)])
    log.cut = true
    const token = await a.cache.acknowledge(a.cache.openSession())
    log.cut = false
    const syncs = log.syncs
    expect(await b.read([1], token)).toEqual(['new'])
    expect(log.syncs - syncs).toBe(1)
  })
})

describe('a sync of the invalidation log', () => {
  it('serves all waiting reads that arrived before the sync started, and no read that arrived later', async () => {
    const source = new Source()
    class HeldLog extends CuttableLog {
      readonly waiting: (() => void)[] = []
      held = false
      override async sync(from: number | null, limit: number) {
        const rows = await super.sync(from, limit)
        if (this.held) await new Promise<void>((resolve) => this.waiting.push(resolve))
        return rows
      }
    }
    const log = new HeldLog()
    const a = await startInstance(source, log)
    source.values.set(1, 'old')
    await a.read([1])
    log.held = true
    const first = a.cache.acknowledge(a.cache.openSession())
    await settled()
    source.values.set(1, 'new')
    await log.append([rowTag(Thing, 'acme', 1)])
    const later = Array.from({ length: 10 }, () => a.cache.acknowledge(a.cache.openSession()))
    await settled()
    const syncs = log.syncs
    log.waiting.splice(0).forEach((go) => {
      go()
    })
    await first
    await settled()
    log.waiting.splice(0).forEach((go) => {
      go()
    })
    await Promise.all(later)
    expect(log.syncs - syncs).toBe(1)
    log.held = false
    expect(await a.read([1])).toEqual(['new'])
  })

  it('starts earlier when a hint announces new log rows, and one sync is enough for many hints', async () => {
    const { log, env, hint } = await startHinted({ isConnected: () => true, tickMs: 1000 })
    const syncs = log.syncs
    for (let ms = 0; ms < 100; ms++) {
      for (let i = 0; i < 10; i++) hint()
      await env.advance(1)
    }
    expect(log.syncs - syncs).toBeGreaterThanOrEqual(4)
    expect(log.syncs - syncs).toBeLessThanOrEqual(7)
  })

  it('runs rarely while hints of new log rows can arrive, but at least twice per staleness bound', async () => {
    const { log, env } = await startHinted({ isConnected: () => true })
    const syncs = log.syncs
    await env.advance(10_000)
    expect(log.syncs - syncs).toBeGreaterThanOrEqual(20)
    expect(log.syncs - syncs).toBeLessThanOrEqual(34)
  })

  it('runs frequently while no hint of new log rows can arrive', async () => {
    const { log, env } = await startHinted({ isConnected: () => false })
    const syncs = log.syncs
    await env.advance(1000)
    expect(log.syncs - syncs).toBeGreaterThanOrEqual(32)
  })

  it('runs frequently while somebody follows the log, because the write of another program causes no hint', async () => {
    const { instance, log, env } = await startHinted({ isConnected: () => true })
    const unfollow = instance.cache.follower.listen(() => undefined)
    await env.advance(500)
    const syncs = log.syncs
    await env.advance(1000)
    expect(log.syncs - syncs).toBeGreaterThanOrEqual(32)
    unfollow()
    await env.advance(500)
    const later = log.syncs
    await env.advance(1000)
    expect(log.syncs - later).toBeLessThanOrEqual(4)
  })

  it('runs frequently after a sync has failed', async () => {
    const { log, env } = await startHinted({ isConnected: () => true })
    log.cut = true
    await env.advance(600)
    const syncs = log.syncs
    await env.advance(100)
    expect(log.syncs - syncs).toBeGreaterThanOrEqual(3)
  })
})

/** Starts an instance with a sync interval of 20 ms, or of 400 ms while the instance can rely on hints about new log rows. */
async function startHinted({ isConnected, tickMs = 20 }: { readonly isConnected: () => boolean; readonly tickMs?: number }) {
  const log = new CuttableLog()
  const env = new ManualEnv()
  let hint: () => void = () => undefined
  const instance = await startInstance(new Source(), log, env, {
    tickMs,
    wakeUp: {
      send: () => undefined,
      isConnected,
      listen: (onHint) => {
        hint = onHint
      },
      close: async () => undefined,
    },
  })
  return { instance, log, env, hint: () => hint() }
}

import { describe, expect, it } from 'vitest'
import { EVERYTHING_TAG, rowTag } from '../../src/cache/index.ts'
import { CuttableLog, MapTier, policy, Source, startInstance, Thing, thing, write } from './instance.ts'
import { ManualEnv, settled } from './manual-env.ts'

describe('a read after an acknowledged write', () => {
  it('sees the write at once on the instance that acknowledged it', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    source.values.set(1, 'old')
    expect(await a.read([1])).toEqual(['old'])
    await write(a, log, source, 1, 'new')
    expect(await a.read([1])).toEqual(['new'])
  })

  it('sees the write at once there even when the barrier failed', async () => {
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

  it('sees the write at once on any instance when it carries the token, after exactly one extra sync', async () => {
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

  it('needs at most two syncs and one load for a thousand readers with the token', async () => {
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

  it('sees the write without a token within one tick', async () => {
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

  it('never sees the old value again once it saw the new one', async () => {
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

describe('a load that an invalidation overtakes', () => {
  it.each([[[1]], [[1, 2, 3]]])('is not handed to a reader who came after the invalidation (keys %j)', async (ids) => {
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

  it('is stored neither in this process nor in the shared tier', async () => {
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

  it('is followed by one more at a time: of a key that is invalidated again and again two loads run at most', async () => {
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

  it('does not wait for what is unrelated: a reader of another key keeps its copy', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    await a.read([2])
    await write(a, log, source, 1, 'new')
    await a.read([2])
    expect(source.loads).toEqual([[2]])
  })
})

describe('the log', () => {
  it('that was trimmed beyond what an instance knows makes it start anew', async () => {
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

  it('in a new epoch voids everything, in this process and in the shared tier', async () => {
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

  it('that was set back below a token starts a new epoch', async () => {
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

describe('the lease', () => {
  it('serves nothing from the cache once the log could not be read for longer than the bound', async () => {
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

  it.each([[{ monotonicStands: true }], [{}]])('has run out after a suspension, whichever clock noticed it (%j)', async (options) => {
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

  it.each([3_600_000, -3_600_000])('keeps its promise when the wall clock jumps by %i ms', async (jumpMs) => {
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

  it('lets a flagged stale copy stand in, where the policy allows it and no token is at stake', async () => {
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

  it('never lets a copy stand in while a write of the same instance may not have been seen', async () => {
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

  it('never lets a copy stand in whose tag was invalidated', async () => {
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

describe('a token', () => {
  it('that nobody sealed counts as none, and costs no sync', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log)
    const syncs = log.syncs
    for (let i = 0; i < 100; i++) await a.read([1], `forged-${i}`)
    expect(log.syncs).toBe(syncs)
  })

  it('sealed with the previous secret is still good', async () => {
    const source = new Source()
    const log = new CuttableLog()
    const a = await startInstance(source, log, new ManualEnv(), { secrets: ['old'] })
    const b = await startInstance(source, log, new ManualEnv(), { secrets: ['new', 'old'] })
    await b.read([1])
    const token = await write(a, log, source, 1, 'new')
    expect(await b.read([1], token)).toEqual(['new'])
  })

  it('demands a barrier when the one after the write failed', async () => {
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

describe('barriers', () => {
  it('share the sync that starts after them, and never one that is on the wire', async () => {
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

  it('are hurried along by hints, however many come', async () => {
    const { log, env, hint } = await startHinted({ isConnected: () => true, tickMs: 1000 })
    const syncs = log.syncs
    for (let ms = 0; ms < 100; ms++) {
      for (let i = 0; i < 10; i++) hint()
      await env.advance(1)
    }
    expect(log.syncs - syncs).toBeGreaterThanOrEqual(4)
    expect(log.syncs - syncs).toBeLessThanOrEqual(7)
  })

  it('are rare while hints should arrive, but no rarer than half the bound', async () => {
    const { log, env } = await startHinted({ isConnected: () => true })
    const syncs = log.syncs
    await env.advance(10_000)
    expect(log.syncs - syncs).toBeGreaterThanOrEqual(20)
    expect(log.syncs - syncs).toBeLessThanOrEqual(34)
  })

  it('are frequent while no hint can arrive', async () => {
    const { log, env } = await startHinted({ isConnected: () => false })
    const syncs = log.syncs
    await env.advance(1000)
    expect(log.syncs - syncs).toBeGreaterThanOrEqual(32)
  })

  it('are frequent after one that failed', async () => {
    const { log, env } = await startHinted({ isConnected: () => true })
    log.cut = true
    await env.advance(600)
    const syncs = log.syncs
    await env.advance(100)
    expect(log.syncs - syncs).toBeGreaterThanOrEqual(3)
  })
})

/** An instance whose shortest tick is 20 ms, and 400 ms if it may rest on hints. */
async function startHinted({ isConnected, tickMs = 20 }: { readonly isConnected: () => boolean; readonly tickMs?: number }) {
  const log = new CuttableLog()
  const env = new ManualEnv()
  let hint: () => void = () => undefined
  await startInstance(new Source(), log, env, {
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
  return { log, env, hint: () => hint() }
}

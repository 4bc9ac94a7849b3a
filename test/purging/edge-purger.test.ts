import { describe, expect, it } from 'vitest'
import { purgedKeys } from '#src/gateway/responses/surrogate-keys.ts'
import { type PurgeStep, TRANSIT_MS } from '#src/operations/purging/edge-purger.ts'
import { MAX_POSTPONED_MS } from '#src/operations/purging/purge-queue.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import fc from '../property.ts'
import { BOUND_MS, PurgeWorld } from './model.ts'

/** Time after which every row must be purged for the last time, ms: the wait before that purge, a lease, and some attempts. */
const CALM_MS = 30_000

type Action = 'write' | 'write many' | 'write of a tenant' | 'fail' | 'fail often' | 'hang' | 'database down' | 'crash' | 'stop' | 'wait'

const actions = fc.array(
  fc.tuple(
    fc.oneof(
      { arbitrary: fc.constantFrom<Action>('write', 'wait'), weight: 5 },
      fc.constantFrom<Action>('write many', 'write of a tenant', 'fail', 'fail often', 'hang', 'database down', 'crash', 'stop'),
    ),
    fc.integer({ min: 0, max: 1500 }),
  ),
  { minLength: 1, maxLength: 25 },
)

/** Runs the actions, then lets everything recover. Returns what is wrong. */
async function faultsOf(script: readonly (readonly [Action, number])[], omit: readonly PurgeStep[] = []): Promise<readonly string[]> {
  const env = new ManualEnv()
  const world = new PurgeWorld(env)
  let started = 0
  const begin = () => world.start(`process ${++started}`, { omit, maxKeys: 3 })
  let processes = [begin(), begin()]
  const faults: string[] = []
  const checkCursor = () => {
    const { cursor } = world
    for (const { seq, tags } of world.rows) {
      const at = world.writtenAt.get(seq)
      if (at === undefined || cursor === null || seq > cursor.seq) continue
      for (const key of purgedKeys(tags))
        if (!world.purgesOf(key, at + BOUND_MS).length) faults.push(`the cursor passed row ${seq} before the purge of ${key}`)
    }
  }
  await env.advance(500)
  for (const [action, ms] of script) {
    if (action === 'write') world.write(`public:Word:${ms}`, 'public:Word~')
    if (action === 'write many') world.write(...Array.from({ length: 20 }, (_, id) => `public:Word:${ms}-${id}`))
    if (action === 'write of a tenant') world.write(`acme:Word:${ms}`)
    if (action === 'fail') world.failing = 1
    if (action === 'fail often') world.failing = 8
    if (action === 'hang') world.hangs = !world.hangs
    if (action === 'database down') world.isDatabaseDown = !world.isDatabaseDown
    if (action === 'crash' || action === 'stop') {
      const [first, ...others] = processes
      processes = [...others, begin()]
      if (action === 'crash') first?.crash()
      else void first?.purger.close()
    }
    for (const { purger } of processes) purger.wake()
    await env.advance(ms)
    checkCursor()
  }
  world.hangs = false
  world.isDatabaseDown = false
  world.failing = 0
  await env.advance(CALM_MS)
  checkCursor()
  for (const { seq, tags } of world.rows) {
    const at = world.writtenAt.get(seq)
    if (at === undefined) continue
    for (const key of purgedKeys(tags)) {
      if (world.purgesOf(key, at).length === 0) faults.push(`${key} of row ${seq} was never purged`)
      if (world.purgesOf(key, at + BOUND_MS).length === 0) faults.push(`${key} of row ${seq} was not purged after the staleness bound`)
    }
  }
  if (world.cursor?.seq !== world.rows.at(-1)?.seq) faults.push('the cursor did not reach the end of the log')
  for (const { purger, crash } of processes) {
    crash()
    void purger.close()
  }
  return faults
}

describe('the purges of an edge', () => {
  it('reach every key of every row after it was written, again after the staleness bound, and before the cursor passes the row, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(actions, async (script) => {
        expect(await faultsOf(script)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it.each<[PurgeStep, readonly (readonly [Action, number])[]]>([
    [
      'start at the cursor',
      [
        ['write', 100],
        ['hang', 0],
        ['write', 100],
        ['crash', 6000],
        ['hang', 5000],
      ],
    ],
    [
      'purge before the cursor',
      [
        ['write', 5000],
        ['hang', 0],
        ['write', 300],
        ['crash', 6000],
        ['hang', 5000],
      ],
    ],
    ['each tag', [['write', 3000]]],
    ['last purge', [['write', 5000]]],
  ])('are checked by a test that notices a purger without the step "%s"', async (step, script) => {
    expect(await faultsOf(script)).toEqual([])
    expect(await faultsOf(script, [step])).not.toEqual([])
  })

  it('begin with everything at an edge that was never purged', async () => {
    const world = new PurgeWorld(new ManualEnv())
    world.start('a')
    await world.env.advance(100)
    expect(world.calls.map(({ keys }) => keys)).toEqual([['public']])
    expect(world.events).toContainEqual({ type: 'restarted', edge: 'edge' })
  })

  it('continue at the cursor after a restart, and purge nothing that was purged for the last time', async () => {
    const world = new PurgeWorld(new ManualEnv())
    const { purger } = world.start('a')
    await world.env.advance(5000)
    world.write('public:Word:call')
    await world.env.advance(5000)
    await purger.close()
    const before = world.calls.length
    world.start('b')
    await world.env.advance(5000)
    expect(world.calls).toHaveLength(before)
    world.write('public:Word:bid')
    await world.env.advance(5000)
    expect(world.calls).toHaveLength(before + 3)
  })

  it('purge everything if the log does not continue from the cursor', async () => {
    const world = new PurgeWorld(new ManualEnv())
    world.cursor = { seq: 1, epoch: 'e', at: 0 }
    world.write('public:Word:call')
    world.write('public:Word:bid')
    world.trimmedBefore = 3
    world.start('a')
    await world.env.advance(5000)
    expect(world.calls.map(({ keys }) => keys)).toEqual([['public'], ['public'], ['public']])
    expect(world.cursor).toMatchObject({ seq: 3 })
  })

  const afterAnotherLog = async (omit: readonly PurgeStep[]) => {
    const world = new PurgeWorld(new ManualEnv())
    const { purger } = world.start('a', { omit })
    for (let write = 0; write < 9; write++) world.write('public:Word:call')
    purger.wake()
    await world.env.advance(500)
    world.rows.splice(0, world.rows.length, { seq: 3, epoch: 'f', at: world.env.now(), tags: ['public:Word:bid'] })
    const changedAt = world.env.monotonic()
    await world.env.advance(10_000)
    return { cursor: world.cursor, wasPurgedAtLast: world.purgesOf('public', changedAt + BOUND_MS + TRANSIT_MS).length > 0 }
  }

  it('forget the rows that wait if another log begins below them, so that the last purge of everything is not left out', async () => {
    const expected = { cursor: { seq: 3, epoch: 'f', at: expect.any(Number) }, wasPurgedAtLast: true }
    expect(await afterAnotherLog([])).toEqual(expected)
    expect(await afterAnotherLog(['forget another log'])).not.toEqual(expected)
  })

  it('come for the last time also while there are always more keys than fit, at most a quarter of a second late', async () => {
    const world = new PurgeWorld(new ManualEnv())
    const { purger } = world.start('a', { maxKeys: 1 })
    let newest = 0
    for (let write = 0; write < 100; write++) {
      newest = world.write(...Array.from({ length: 20 }, (_, id) => `public:Word:${write}-${id}`))
      purger.wake()
      await world.env.advance(100)
    }
    expect((newest - (world.cursor?.seq ?? 0)) * 100).toBeLessThanOrEqual(BOUND_MS + TRANSIT_MS + MAX_POSTPONED_MS + 100)
  })

  it('read fewer rows at once if a page was not read in time', async () => {
    const world = new PurgeWorld(new ManualEnv())
    world.cursor = { seq: 1, epoch: 'e', at: 0 }
    world.maxRowsInTime = 50
    for (let write = 0; write < 100; write++) world.write('public:Word:call')
    world.start('a')
    await world.env.advance(10_000)
    expect(world.cursor).toMatchObject({ seq: 101 })
  })

  it('count as waiting only in the process that has the lease', async () => {
    const world = new PurgeWorld(new ManualEnv())
    const { purger } = world.start('a')
    await world.env.advance(5000)
    world.failing = 1000
    world.write('public:Word:call')
    await world.env.advance(5000)
    expect(purger.state).toMatchObject({ isActive: true, pendingKeys: 2 })
    world.holder = 'another process'
    world.heldUntil = Number.POSITIVE_INFINITY
    await world.env.advance(20_000)
    expect(purger.state).toMatchObject({ isActive: false, pendingKeys: 0, lagMs: 0 })
  })

  it('of everything have waited since the purger began, not since the newest row of the log, which may be hours old', async () => {
    const world = new PurgeWorld(new ManualEnv())
    world.failing = 1000
    const { purger } = world.start('a')
    await world.env.advance(3000)
    expect(purger.state).toMatchObject({ isActive: true, pendingKeys: 1, lagMs: 3000 })
  })

  it('come at once after a hint, again soon after, and again after the staleness bound and the transit time', async () => {
    const world = new PurgeWorld(new ManualEnv())
    const { purger } = world.start('a')
    await world.env.advance(5000)
    const at = world.env.monotonic()
    world.write('public:Word:call')
    purger.wake()
    await world.env.advance(5000)
    const [key = ''] = purgedKeys(['public:Word:call'])
    expect(world.purgesOf(key, at).map((time) => time - at)).toEqual([0, 250, BOUND_MS + TRANSIT_MS])
  })

  it('come with a hint to the other instances, which may fill the edge again until they have read the row', async () => {
    const world = new PurgeWorld(new ManualEnv())
    const { purger } = world.start('a')
    await world.env.advance(5000)
    const before = world.hints.length
    world.write('public:Word:call')
    purger.wake()
    await world.env.advance(5000)
    expect(world.hints).toHaveLength(before + 1)
  })

  it('are divided into calls with at most as many keys as the edge accepts, and become a purge of everything if they are too many', async () => {
    const world = new PurgeWorld(new ManualEnv())
    world.cursor = { seq: 1, epoch: 'e', at: 0 }
    world.write(...Array.from({ length: 9 }, (_, id) => `public:Word:${id}`))
    const { purger, crash } = world.start('a', { maxKeys: 4 })
    await world.env.advance(100)
    expect(world.calls.map(({ keys }) => keys.length)).toEqual([4, 4, 2])
    crash()
    void purger.close()
    world.calls.length = 0
    world.write(...Array.from({ length: 50 }, (_, id) => `public:Word:x${id}`))
    world.start('b', { maxKeys: 4 })
    await world.env.advance(10_000)
    expect(new Set(world.calls.map(({ keys }) => keys.join()))).toEqual(new Set(['public']))
  })

  it('keep the minimum time between two calls', async () => {
    const world = new PurgeWorld(new ManualEnv())
    const { purger } = world.start('a', { intervalMs: 700 })
    for (let write = 0; write < 20; write++) {
      world.write(`public:Word:${write}`)
      purger.wake()
      await world.env.advance(200)
    }
    await world.env.advance(10_000)
    const times = world.calls.map(({ at }) => at)
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(700)
  })

  it('are attempted ever less often while the edge fails, and the state says for how long keys wait', async () => {
    const world = new PurgeWorld(new ManualEnv())
    const { purger } = world.start('a')
    await world.env.advance(5000)
    const before = world.calls.length
    world.failing = 1000
    world.write('public:Word:call')
    await world.env.advance(60_000)
    expect(world.calls.length - before).toBeLessThan(20)
    expect(purger.state).toMatchObject({ isActive: true, pendingKeys: 2, isBreakerOpen: true })
    expect(purger.state.lagMs).toBeGreaterThan(50_000)
    expect(world.events.filter(({ type }) => type === 'breaker').map((event) => 'state' in event && event.state)).toContain('open')
    world.failing = 0
    await world.env.advance(30_000)
    expect(purger.state).toMatchObject({ pendingKeys: 0, lagMs: 0, isBreakerOpen: false })
  })

  it('are made by one process at a time, and another one continues three seconds after a crash and at once after a stop', async () => {
    const world = new PurgeWorld(new ManualEnv())
    const [first, second, third] = ['a', 'b', 'c'].map((name) => world.start(name))
    const active = () => [first, second, third].filter((process) => process?.purger.state.isActive).length
    await world.env.advance(10_000)
    expect(active()).toBe(1)
    expect(world.holder).toBe('a')
    first?.crash()
    await world.env.advance(4100)
    expect(world.holder).toBe('b')
    await second?.purger.close()
    await world.env.advance(1000)
    expect(world.holder).toBe('c')
  })
})

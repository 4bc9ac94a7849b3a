import { describe, expect, it } from 'vitest'
import type { Entity, LogRow, Unwatched } from '#src/engine/cache/index.ts'
import { CuttableLog, MapTier, Source, startInstance, Thing, write } from './instance.ts'
import { ManualEnv, settled } from './manual-env.ts'

/** An invalidation log that a test can restore to an earlier state. Its epoch stays the same until an instance starts a new epoch. */
class RestorableLog extends CuttableLog {
  bumps = 0
  #lost = 0
  #restoredAt = 0
  #floor = Number.POSITIVE_INFINITY

  /** Restores the log to the position `seq`. New rows then get the same positions as the rows that were lost. */
  async setBack(seq: number): Promise<void> {
    const [newest] = await super.sync(null, 1)
    this.#lost = (newest?.seq ?? 0) - seq
    this.#floor = seq
    this.#restoredAt = 5
  }

  override async sync(from: number | null, limit: number): Promise<LogRow[]> {
    const rows = (await super.sync(null, 1000)).flatMap((row) => {
      if (row.seq <= this.#floor) return [row]
      const seq = row.seq - this.#lost
      return seq <= this.#floor ? [] : [{ ...row, seq, at: this.#restoredAt }]
    })
    return from === null ? rows.slice(-limit) : rows.filter(({ seq }) => seq >= from).slice(0, limit)
  }

  override async bump(): Promise<void> {
    this.bumps++
    await super.bump()
  }
}

/** An invalidation log whose answer to the question whether a type is watched can be changed, delayed or made to fail by the test. */
class WatchedLog extends CuttableLog {
  isWatched = true
  checks = 0
  held: Promise<void> | undefined
  isFailing = false

  override async unwatched(entities: readonly Entity[] = []): Promise<readonly Unwatched[]> {
    this.checks++
    const { isWatched } = this
    await this.held
    if (this.isFailing) throw new Error('The database cannot be reached.')
    return isWatched ? [] : entities.map(({ type }) => ({ type, reason: 'another release changed its triggers' }))
  }
}

async function restoredBehind(rowsAfter: number) {
  const source = new Source()
  const log = new RestorableLog()
  const shared = new MapTier()
  const a = await startInstance(source, log, new ManualEnv(), { remote: shared })
  for (let i = 0; i < 5; i++) await write(a, log, source, 2, i)
  source.values.set(1, 'lost by the restore')
  await a.read([1])
  await settled()
  await log.setBack(3)
  source.values.set(1, 'restored')
  for (let i = 0; i < rowsAfter; i++) await log.append(['acme:Thing:2'])
  return { source, log, shared, a }
}

describe('an invalidation log that was restored to an earlier state under the same epoch', () => {
  it.each([
    ['its newest row is older than the last row that an instance has applied', 1],
    ['another row has the number of the last row that an instance has applied', 3],
    ['it already has new rows beyond the number of the last row that an instance has applied', 6],
  ])('gets a new epoch, so that older entries of the shared tier are no longer served, if %s', async (_, rowsAfter) => {
    const { source, log, shared, a } = await restoredBehind(rowsAfter)
    await a.cache.acknowledge(a.cache.openSession())
    expect(log.bumps).toBe(1)
    expect(await a.read([1])).toEqual(['restored'])
    const b = await startInstance(source, log, new ManualEnv(), { remote: shared })
    expect(await b.read([1])).toEqual(['restored'])
  })
})

describe('a log row that invalidates everything', () => {
  it('makes an instance check immediately whether the database still watches each declared type, and stop caching a type that is no longer watched', async () => {
    const source = new Source()
    const log = new WatchedLog()
    const a = await startInstance(source, log)
    log.isWatched = false
    await log.append(['*'])
    await a.cache.acknowledge(a.cache.openSession())
    await settled()
    expect(a.cache.stats().unwatched).toEqual([Thing.type])
    await a.read([1])
    await a.read([1])
    expect(source.loads).toHaveLength(2)
    log.isWatched = true
    await log.append(['*'])
    await a.cache.acknowledge(a.cache.openSession())
    await settled()
    await a.read([1])
    await a.read([1])
    expect(source.loads).toHaveLength(3)
  })

  it('keeps both tiers empty until the database has answered the check of the watched types', async () => {
    const source = new Source()
    const log = new WatchedLog()
    const shared = new MapTier()
    const env = new ManualEnv()
    const a = await startInstance(source, log, env, { remote: shared })
    const answered = Promise.withResolvers<void>()
    log.held = answered.promise
    await log.append(['*'])
    await a.cache.acknowledge(a.cache.openSession())
    await a.read([1])
    await settled()
    expect(shared.entries.size).toBe(0)
    answered.resolve()
    log.held = undefined
    await settled()
    await a.read([1])
    await settled()
    expect(shared.entries.size).toBe(1)
  })

  it('makes the instance repeat the check of the watched types until the database responds, and report the failure only once', async () => {
    const source = new Source()
    const log = new WatchedLog()
    const env = new ManualEnv()
    const a = await startInstance(source, log, env)
    log.isFailing = true
    await log.append(['*'])
    await a.cache.acknowledge(a.cache.openSession())
    await env.advance(2000)
    expect(log.checks).toBeGreaterThan(4)
    expect(a.events.filter(({ type }) => type === 'maintenance-failed')).toHaveLength(1)
    expect(a.cache.stats().unwatched).toEqual([Thing.type])
    log.isFailing = false
    await env.advance(300)
    expect(a.cache.stats().unwatched).toEqual([])
  })

  it('makes a new reader of a type that is no longer watched start its own load, even while an earlier load of the same key runs', async () => {
    const source = new Source()
    const log = new WatchedLog()
    log.isWatched = false
    const a = await startInstance(source, log)
    source.values.set(1, 'old')
    source.hold()
    const early = a.read([1])
    await settled()
    source.values.set(1, 'new')
    const late = a.read([1])
    await settled()
    source.release()
    expect(await early).toEqual(['old'])
    expect(await late).toEqual(['new'])
  })
})

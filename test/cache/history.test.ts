import { describe, expect, it } from 'vitest'
import type { Entity, LogRow, Unwatched } from '../../src/cache/index.ts'
import { CuttableLog, MapTier, Source, startInstance, Thing, write } from './instance.ts'
import { ManualEnv, settled } from './manual-env.ts'

/** A log that is set back to what it was, under the same epoch until somebody bumps it. */
class RestorableLog extends CuttableLog {
  bumps = 0
  #lost = 0
  #restoredAt = 0
  #floor = Number.POSITIVE_INFINITY

  /** Rows that are written from now on follow `seq`, with the numbers of those that are lost. */
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

/** A log whose declarations can be changed, and whose answer about them can be held or fail. */
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

describe('a log that was set back in its epoch', () => {
  it.each([
    ['its head lies below what an instance has applied', 1],
    ['a row has the number that was applied last', 3],
    ['the log has grown past what was applied', 6],
  ])('starts a new epoch when %s, and nothing is left in the shared tier', async (_, rowsAfter) => {
    const { source, log, shared, a } = await restoredBehind(rowsAfter)
    await a.cache.acknowledge(a.cache.openSession())
    expect(log.bumps).toBe(1)
    expect(await a.read([1])).toEqual(['restored'])
    const b = await startInstance(source, log, new ManualEnv(), { remote: shared })
    expect(await b.read([1])).toEqual(['restored'])
  })
})

describe('a row that voids everything', () => {
  it('makes an instance check its declarations at once, and a type that is not watched as declared is not cached', async () => {
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

  it('keeps everything out of both tiers until the check is answered', async () => {
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

  it('is checked again until the database answers, which is told once', async () => {
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

  it('makes readers of a type that is not watched share no load that began before they came', async () => {
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

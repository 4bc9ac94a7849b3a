import { describe, expect, it } from 'vitest'
import { MemoryLog } from '#src/engine/cache/index.ts'
import { LogTime } from '#src/engine/cache/log/log-time.ts'
import fc from '../property.ts'
import { MapTier, Source, startInstance, thing } from './instance.ts'
import { ManualEnv } from './manual-env.ts'

/** An invalidation log in a database whose clock is always right: it shows the time of the environment `real`. */
class TimedLog extends MemoryLog {
  readonly #real: ManualEnv
  constructor(real: ManualEnv) {
    super()
    this.#real = real
  }

  override async sync(from: number | null, limit: number, _deadlineMs?: number, onTime?: (now: number) => void) {
    onTime?.(this.#real.now())
    return super.sync(from, limit)
  }
}

describe('the clock of the invalidation log, as an instance estimates it,', () => {
  it('equals the wall clock of the instance until the first log sync', () => {
    const env = new ManualEnv()
    const time = new LogTime(env)
    env.jumpWallClock(5000)
    expect(time.at(env.monotonic())).toBe(env.now())
  })

  it('follows the monotonic clock if the wall clock of the instance jumps', () => {
    const env = new ManualEnv()
    const time = new LogTime(env)
    const told = env.now() + 3_600_000
    time.heard(told, env.monotonic())
    env.jumpWallClock(-7_200_000)
    env.suspend(250)
    expect(time.at(env.monotonic())).toBe(told + 250)
  })

  it('has an error of at most the duration of the fastest round trip to the log, however slow the other round trips were', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.array(fc.record({ pause: fc.nat(500), there: fc.nat(400), back: fc.nat(400) }), { minLength: 1, maxLength: 20 }),
        (ahead, answers) => {
          const env = new ManualEnv()
          const time = new LogTime(env)
          const base = env.now()
          const real = () => base + ahead + env.monotonic()
          for (const { pause, there, back } of answers) {
            env.suspend(pause)
            const sentAt = env.monotonic()
            env.suspend(there)
            const now = real()
            env.suspend(back)
            time.heard(now, sentAt)
          }
          const quickest = Math.min(...answers.map(({ there, back }) => there + back))
          expect(Math.abs(time.at(env.monotonic()) - real())).toBeLessThanOrEqual(quickest)
        },
      ),
    )
  })

  it('decides on every instance when a value expires, whatever the wall clock of that instance says', async () => {
    const real = new ManualEnv()
    const log = new TimedLog(real)
    const remote = new MapTier()
    const closesAt = real.now() + 60_000
    const instances = await Promise.all(
      [0, 3_600_000, -3_600_000].map(async (wrongBy, seed) => {
        const env = new ManualEnv(seed + 1)
        env.jumpWallClock(wrongBy)
        return { env, ...(await startInstance(new Source(), log, env, { remote })) }
      }),
    )
    const read = ({ cache }: (typeof instances)[number]) =>
      cache.get(
        thing(1),
        { name: 'Thing', l1Ms: 90_000, l2Ms: 900_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 },
        async () => (cache.now() < closesAt ? { value: 'open', until: closesAt } : { value: 'closed' }),
        { session: cache.openSession() },
      )
    for (const instance of instances) expect(await read(instance)).toBe('open')
    await real.advance(60_000)
    for (const { env } of instances) await env.advance(60_000)
    for (const instance of instances) expect(await read(instance)).toBe('closed')
  })
})

import { describe, expect, it } from 'vitest'
import { Reading } from '#src/operations/telemetry/reading.ts'
import { ManualEnv } from '../cache/manual-env.ts'

/** Starts a reading of a server whose answers the test sends by hand. */
function startReading() {
  const env = new ManualEnv()
  const asked: { answer(value: number): void; fail(): void }[] = []
  const outcomes: string[] = []
  const reading = new Reading<number>({
    env,
    read: () => {
      const { promise, resolve, reject } = Promise.withResolvers<number>()
      asked.push({ answer: resolve, fail: () => reject(new Error('refused')) })
      return promise
    },
    maxAgeMs: 5000,
    keepMs: 60_000,
    patienceMs: 250,
    onRead: (outcome) => outcomes.push(outcome),
  })
  return { env, asked, outcomes, reading }
}

describe('The figures of another server', () => {
  it('are requested once for all callers within five seconds', async () => {
    const { env, asked, reading, outcomes } = startReading()
    const both = [reading.latest(), reading.latest()]
    asked[0]?.answer(1)
    expect(await Promise.all(both)).toEqual([1, 1])
    await env.advance(4999)
    expect(await reading.latest()).toBe(1)
    await env.advance(1)
    const next = reading.latest()
    asked[1]?.answer(2)
    expect(await next).toBe(2)
    expect([asked.length, outcomes]).toEqual([2, ['read', 'read']])
  })

  it('delay a caller by a quarter of a second at most, and are not requested again while a request is pending', async () => {
    const { env, asked, reading } = startReading()
    const first = reading.latest()
    await env.advance(250)
    expect(await first).toBeUndefined()
    await env.advance(60_000)
    const second = reading.latest()
    await env.advance(250)
    expect(await second).toBeUndefined()
    expect(asked).toHaveLength(1)
    asked[0]?.answer(3)
    expect(await reading.latest()).toBe(3)
  })

  it('stay those of before for a minute while the server fails, then are missing, because old figures would hide the failure', async () => {
    const { env, asked, reading, outcomes } = startReading()
    const first = reading.latest()
    asked[0]?.answer(4)
    expect(await first).toBe(4)
    for (const [passedMs, expected] of [
      [5000, 4],
      [54_999, 4],
      [5000, undefined],
    ] as const) {
      await env.advance(passedMs)
      const latest = reading.latest()
      asked.at(-1)?.fail()
      expect(await latest).toBe(expected)
    }
    expect(outcomes).toEqual(['read', 'failed', 'failed', 'failed'])
  })
})

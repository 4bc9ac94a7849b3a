import { describe, expect, it } from 'vitest'
import { Pace } from '#src/gateway/warming/pace.ts'
import { ManualEnv } from '../cache/manual-env.ts'

const WINDOW_MS = 500

/** A pace, and time in which loads of one policy take a certain time. */
function start() {
  const env = new ManualEnv()
  const pace = new Pace({ env, maxPerSecond: 100 })
  return {
    env,
    pace,
    async windows(count: number, durationMs: number, policy = 'Campaign') {
      for (let window = 0; window < count; window++) {
        for (let load = 0; load < 20; load++) pace.observe(policy, durationMs)
        await env.advance(WINDOW_MS)
      }
      pace.observe(policy, durationMs)
    },
  }
}

describe('the pace of warming', () => {
  it('begins at a quarter of the maximum, and grows to the maximum while loads take their usual time.', async () => {
    const { pace, windows } = start()
    expect(pace.perSecond).toBe(25)
    await windows(3, 10)
    expect(pace.perSecond).toBe(55)
    await windows(20, 10)
    expect(pace.perSecond).toBe(100)
  })

  it('is halved in each window whose 95th percentile of load times is twice the usual value, and grows again afterwards.', async () => {
    const { pace, windows } = start()
    await windows(12, 10)
    await windows(1, 21)
    expect(pace.perSecond).toBe(50)
    await windows(2, 21)
    expect(pace.perSecond).toBe(12.5)
    await windows(1, 10)
    expect(pace.perSecond).toBe(22.5)
  })

  it('is not halved by loads that take less than twice the usual time, nor by a few slow loads among many.', async () => {
    const { pace, env, windows } = start()
    await windows(12, 10)
    await windows(3, 19)
    expect(pace.perSecond).toBe(100)
    for (let load = 0; load < 100; load++) pace.observe('Campaign', load < 4 ? 500 : 10)
    await env.advance(WINDOW_MS)
    pace.observe('Campaign', 10)
    expect(pace.perSecond).toBe(100)
  })

  it('compares load times only with the usual time of the same policy, so that expensive values do not slow down warming.', async () => {
    const { pace, windows } = start()
    await windows(6, 10)
    await windows(6, 200, 'Query.dashboard')
    expect(pace.perSecond).toBe(100)
    await windows(1, 400, 'Query.dashboard')
    expect(pace.perSecond).toBe(50)
  })

  it('ignores differences of a few milliseconds.', async () => {
    const { pace, windows } = start()
    await windows(12, 0.5)
    await windows(3, 3)
    expect(pace.perSecond).toBe(100)
  })

  it('treats a permanently higher latency as usual after some time, so that warming becomes fast again.', async () => {
    const { pace, windows } = start()
    await windows(12, 10)
    await windows(90, 30)
    await windows(20, 30)
    expect(pace.perSecond).toBe(100)
  })

  it('never falls below one operation a second.', async () => {
    const { pace, windows } = start()
    await windows(12, 10)
    await windows(30, 100)
    expect(pace.perSecond).toBe(1)
  })

  it('starts operations at equal intervals.', async () => {
    const { pace, env } = start()
    let started = 0
    for (let operation = 0; operation < 10; operation++) void pace.turn().then(() => started++)
    await env.advance(0)
    expect(started).toBe(1)
    await env.advance(125)
    expect(started).toBe(4)
  })

  it('leaves four fifths of the processor time to requests, but never waits more than two seconds after one operation.', async () => {
    const { pace, env } = start()
    let started = 0
    const next = () => void pace.turn().then(() => started++)
    next()
    pace.charge(100)
    next()
    await env.advance(490)
    expect(started).toBe(1)
    await env.advance(20)
    expect(started).toBe(2)
    pace.charge(100_000)
    next()
    await env.advance(1900)
    expect(started).toBe(2)
    await env.advance(200)
    expect(started).toBe(3)
  })
})

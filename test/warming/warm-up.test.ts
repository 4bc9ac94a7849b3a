import { describe, expect, it } from 'vitest'
import { Pace } from '#src/gateway/warming/pace.ts'
import type { RecordedOperation } from '#src/gateway/warming/recorded-operation.ts'
import type { ReplayOutcome } from '#src/gateway/warming/replay.ts'
import { WarmUp, type WarmUpEvent } from '#src/operations/warming/warm-up.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { hot } from './hot-operation.ts'

/** A warm-up whose operations take some time, with what is known of them. */
function start({ concurrency = 2, maxPerSecond = 1000, tookMs = 10 } = {}) {
  const env = new ManualEnv()
  const begun: string[] = []
  const events: WarmUpEvent[] = []
  const atHand = new Set<string>()
  const outcomes = new Map<string, ReplayOutcome>()
  let running = 0
  let peak = 0
  const replay = {
    isAtHand: ({ document }: RecordedOperation) => atHand.has(document),
    async replay({ document }: RecordedOperation): Promise<ReplayOutcome> {
      begun.push(document)
      peak = Math.max(peak, ++running)
      await new Promise<void>((resolve) => void env.setTimer(resolve, tookMs))
      running--
      return outcomes.get(document) ?? { name: 'executed' }
    },
  }
  const warmUp = new WarmUp({
    replay,
    pace: new Pace({ env, maxPerSecond }),
    concurrency,
    env,
    processorTime: () => 0,
    onEvent: (event) => events.push(event),
  })
  return { env, warmUp, begun, events, atHand, outcomes, peak: () => peak }
}

const operations = (...names: string[]) => names.map((name) => hot(name, 1).operation)

describe('a warm-up', () => {
  it('executes operations in order, never exceeds the limit of concurrent operations, and reports the progress.', async () => {
    const { env, warmUp, begun, outcomes, peak } = start()
    outcomes.set('b', { name: 'failed', error: new Error('no database') }).set('c', { name: 'refused', reason: 'unknown field' })
    const done = warmUp.start(operations('a', 'b', 'c', 'd'), 'command')
    await env.advance(12)
    expect(warmUp.progress).toMatchObject({ isRunning: true, reason: 'command', total: 4 })
    await env.advance(1000)
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
    expect(peak()).toBeLessThanOrEqual(2)
    expect(await done).toMatchObject({ isRunning: false, done: { executed: 2, failed: 1, refused: 1, cached: 0 } })
    expect(warmUp.progress).toEqual(await done)
  })

  it('skips operations whose responses are in memory, without waiting between them.', async () => {
    const { env, warmUp, begun, atHand } = start({ maxPerSecond: 10 })
    const names = Array.from({ length: 500 }, (_, index) => `o${index}`)
    for (const name of names.slice(0, 499)) atHand.add(name)
    const done = warmUp.start(operations(...names), 'start')
    for (let turn = 0; turn < 20; turn++) await env.advance(0)
    expect(begun).toEqual(['o499'])
    await env.advance(1000)
    expect((await done).done).toEqual({ cached: 499, executed: 1, refused: 0, failed: 0 })
  })

  it('starts operations no faster than the pace allows.', async () => {
    const { env, warmUp, begun } = start({ concurrency: 8, maxPerSecond: 100, tookMs: 0 })
    void warmUp.start(operations(...Array.from({ length: 100 }, (_, index) => `o${index}`)), 'invalidation')
    await env.advance(490)
    expect(begun.length).toBeLessThanOrEqual(14)
    expect(begun.length).toBeGreaterThan(10)
  })

  it('waits for the warm-ups that were started before it.', async () => {
    const { env, warmUp, begun, events } = start({ concurrency: 1 })
    void warmUp.start(operations('a', 'b'), 'start')
    void warmUp.start(operations('c'), 'schedule')
    await env.advance(5000)
    expect(begun).toEqual(['a', 'b', 'c'])
    expect(events.map((event) => event.type)).toEqual(['started', 'replayed', 'replayed', 'finished', 'started', 'replayed', 'finished'])
  })

  it('ends when the process stops, and then starts no further operation.', async () => {
    const { env, warmUp, begun } = start({ concurrency: 1, maxPerSecond: 1 })
    const first = warmUp.start(operations('a', 'b', 'c'), 'start')
    const second = warmUp.start(operations('d'), 'command')
    await env.advance(20)
    await Promise.all([warmUp.stop(), first, second])
    expect(begun).toEqual(['a'])
    expect(warmUp.progress.isRunning).toBe(false)
  })
})

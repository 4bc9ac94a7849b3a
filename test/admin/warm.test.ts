import { expect, it } from 'vitest'
import { warmEndpoint } from '#src/operations/admin/handlers/warm.ts'
import type { StartedWarmUp, WarmUpProgress } from '#src/operations/warming/warm-up.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { operator } from './management.ts'

const progress = (executed: number, isRunning: boolean): WarmUpProgress => ({
  isRunning,
  reason: 'command',
  total: 2,
  done: { cached: 0, executed, refused: 0, failed: 0 },
  perSecond: 10,
  durationMs: 5,
})

function start(waiting: number, started: StartedWarmUp) {
  const env = new ManualEnv()
  const begun: number[] = []
  const warmUp = {
    waiting,
    progress: progress(77, true),
    begin(operations: readonly unknown[]) {
      begun.push(operations.length)
      return started
    },
  }
  const warm = warmEndpoint({ warming: { warmUp, hottest: () => [] }, replay: { prepare: () => ({}) as never }, env })
  const body = { operations: [{ query: '{ a }', variables: {}, role: 'VIEWER' }], dryRun: false }
  return { env, begun, answer: () => warm.handle({ caller: operator, query: undefined, body }) }
}

it('A warm-up that a call starts answers with its own progress, and not with that of a warm-up that runs before it.', async () => {
  const never = { progress: progress(1, false), finished: new Promise<WarmUpProgress>(() => undefined) }
  const { env, answer } = start(3, never)
  const answered = answer()
  await env.advance(15_001)
  expect(await answered).toMatchObject({ done: { executed: 1 }, isRunning: false, planned: 1 })
})

it('A call is refused while four warm-ups wait, because each of them holds its operations in memory.', async () => {
  const done = { progress: progress(2, false), finished: Promise.resolve(progress(2, false)) }
  const { begun, answer } = start(4, done)
  await expect(answer()).rejects.toMatchObject({ code: 'OVERLOADED', message: expect.stringContaining('at most 4 warm-ups that wait') })
  expect(begun).toEqual([])
  expect(await start(3, done).answer()).toMatchObject({ done: { executed: 2 } })
})

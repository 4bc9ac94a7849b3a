import { expect, it } from 'vitest'
import { WarmUpRuns } from '#src/operations/admin/instances/warm-up-runs.ts'
import type { WarmUpProgress } from '#src/operations/warming/warm-up.ts'

const PROGRESS: WarmUpProgress = {
  isRunning: false,
  reason: 'invalidation',
  total: 10,
  done: { cached: 1, executed: 7, refused: 0, failed: 2 },
  perSecond: 50,
  durationMs: 3000,
}

function start() {
  const clock = { now: Date.UTC(2026, 10, 27) }
  const counts = { hits: 0, answers: 0 }
  const runs = new WarmUpRuns({ now: () => clock.now, shareOfHits: () => counts })
  /** Answers for two seconds, of which a share is cached, and samples at the end. */
  const answer = (hits: number, misses: number) => {
    counts.hits += hits
    counts.answers += hits + misses
    clock.now += 2000
    runs.sample()
  }
  const warm = () => {
    runs.onWarmingEvent({ type: 'started', reason: 'invalidation', operations: 10 })
    runs.onWarmingEvent({ type: 'finished', progress: PROGRESS })
  }
  return { clock, runs, answer, warm }
}

it('A warm-up is recorded with its counts, and with the time until 90 % of the earlier share of cached answers.', () => {
  const { runs, answer, warm } = start()
  answer(0, 0)
  answer(95, 5)
  warm()
  answer(30, 70)
  expect(runs.runs()[0]).toMatchObject({ reason: 'invalidation', warmed: 8, failed: 2, recoveredMs: null })
  answer(70, 30)
  answer(86, 14)
  answer(20, 80)
  expect(runs.runs()).toMatchObject([{ startedAt: '2026-11-27T00:00:04.000Z', recoveredMs: 6000 }])
})

it('Without enough answers before a warm-up, or ten minutes after it, no time of recovery is claimed.', () => {
  const { clock, runs, answer, warm } = start()
  warm()
  answer(100, 0)
  expect(runs.runs()[0]?.recoveredMs).toBeNull()
  warm()
  answer(0, 100)
  clock.now += 600_000
  answer(100, 0)
  expect(runs.runs().map(({ recoveredMs }) => recoveredMs)).toEqual([null, null])
})

it('A few answers after a warm-up decide nothing: they are counted together with the next ones.', () => {
  const { runs, answer, warm } = start()
  answer(0, 0)
  answer(100, 0)
  warm()
  answer(5, 0)
  expect(runs.runs()[0]?.recoveredMs).toBeNull()
  answer(95, 0)
  expect(runs.runs()[0]?.recoveredMs).toBe(4000)
})

it('Only the newest five warm-ups are kept.', () => {
  const { clock, runs, warm } = start()
  for (let run = 0; run < 8; run++) {
    clock.now += 1000
    warm()
  }
  expect(runs.runs().map(({ startedAt }) => startedAt.slice(17, 19))).toEqual(['08', '07', '06', '05', '04'])
})

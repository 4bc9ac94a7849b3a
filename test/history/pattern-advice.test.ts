import { afterEach, beforeEach, expect, it } from 'vitest'
import { statementRunner } from '#src/engine/postgres/run-statement.ts'
import { adviceByOperation, type CurrentAdviceOptions } from '#src/operations/admin/figures/current-advice.ts'
import { History } from '#src/operations/history/history.ts'
import { type PatternAdvice, storePatternAdvice } from '#src/operations/history/pattern-advice.ts'
import type { RunStatement } from '#src/operations/history/run-statement.ts'
import { NO_ANSWERS, NO_FIGURES, NO_MISSES, NO_READS, type UsageFigures } from '#src/operations/telemetry/usage.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { fieldFigures, operationFigures } from './figures.ts'

const NOON = Date.UTC(2026, 2, 10, 12)
const STORES_PER_ADVICE = 60

let scratch: ScratchDatabase
let run: RunStatement

beforeEach(async () => {
  scratch = await createScratchDatabase()
  run = statementRunner(scratch.db)
})
afterEach(() => scratch?.drop())

/** Figures of two operations, and of a field whose TTL has ended at a fifth of its reads. */
const FIGURES: UsageFigures = {
  ...NO_FIGURES,
  operations: [operationFigures('CampaignsPage', 1, 1), { ...operationFigures('Buyers', 1, 2), answers: NO_ANSWERS }],
  fields: [
    {
      ...fieldFigures('Query.campaigns', 0),
      reads: { ...NO_READS, l1: 800, origin: 200 },
      misses: { ...NO_MISSES, expired: 200 },
      loads: 200,
    },
  ],
}

const patterns = () =>
  run(
    `select cache_key_template as name, recommendation_code as code, recommendation_subject as subject, recommendation as change,
       recommendation_gain_points as points, extract(epoch from recommended_at)::float8 * 1000 as at, last_seen_at as seen
     from cached_query_patterns order by 1`,
    [],
  )

/** A process that has simulated nothing, as the advisor sees it. */
const ADVISING: Parameters<typeof adviceByOperation>[1] = {
  cache: {
    now: () => NOON + 1000,
    stats: () => ({ memoryBytes: 0, memoryEntries: 0 }),
    inventory: { simulations: () => ({ lifetimes: [], repeats: [] }), missRatioCurve: () => undefined },
  },
  entities: [],
  shapeOf: () => undefined,
  policies: { rules: new Map([['Query.campaigns', { values: { l1: 60, l2: 300 }, depends: undefined }]]), overrideOf: () => ({}) },
  memoryBytes: 2 ** 26,
  registry: { list: async () => [{ id: 'a1', silentMs: 0, details: {} }], id: 'a1' },
  isWarming: true,
  policiesByOperation: () =>
    new Map([
      ['CampaignsPage', ['Query.campaigns']],
      ['Buyers', ['Query.buyers']],
    ]),
}

/** Starts the history of a process. */
function startHistory() {
  let waiting = Promise.withResolvers<() => void>()
  const env = {
    setTimer: (callback: () => void) => {
      waiting.resolve(callback)
      return { cancel: () => undefined }
    },
  }
  const failures: unknown[] = []
  const adviceFailures: unknown[] = []
  const history = new History({
    run,
    read: run,
    env,
    now: () => NOON,
    days: 14,
    figures: () => FIGURES,
    isRefused: () => false,
    onFailure: (error) => failures.push(error),
    onAdviceFailure: (error) => adviceFailures.push(error),
  })
  /** Lets the process store its figures, and waits until it has done so. */
  const storeTimes = async (times: number) => {
    for (let store = 0; store < times; store++) {
      const next = await waiting.promise
      waiting = Promise.withResolvers()
      next()
    }
    await waiting.promise
  }
  return { history, storeTimes, failures, adviceFailures }
}

it('The recommendation for the fields that an operation reads is stored with it every ten minutes, and goes when it is not given any more.', async () => {
  const { history, storeTimes, failures, adviceFailures } = startHistory()
  let advice: readonly PatternAdvice[] | undefined
  history.adviseBy(async (source) => advice ?? adviceByOperation(source, ADVISING))
  history.begin()
  await storeTimes(STORES_PER_ADVICE - 1)
  // The simulations of a process that has just started know nothing yet.
  expect((await patterns()).map((row) => row['code'])).toEqual([null, null])
  await storeTimes(1)
  expect(await patterns()).toMatchObject([
    { name: 'Buyers', code: null, subject: null, change: null, points: null, at: null },
    {
      name: 'CampaignsPage',
      code: 'longer-ttl',
      subject: 'Query.campaigns',
      change: expect.stringMatching(/^Double the TTL of Query\.campaigns/),
      points: 10,
      at: NOON,
    },
  ])

  advice = [{ operation: 'CampaignsPage', recommendation: undefined }]
  await storeTimes(STORES_PER_ADVICE - 1)
  expect((await patterns()).map((row) => row['code'])).toEqual([null, 'longer-ttl'])
  await storeTimes(1)
  expect((await patterns()).map((row) => [row['code'], row['at']])).toEqual([
    [null, null],
    [null, null],
  ])
  await history.close()
  expect([failures, adviceFailures]).toEqual([[], []])
})

it('A failure of the advisor is reported as such, once in a row, and the figures are stored all the same.', async () => {
  const { history, storeTimes, failures, adviceFailures } = startHistory()
  const failure = new Error('the advisor failed')
  history.adviseBy(() => Promise.reject(failure))
  history.begin()
  await storeTimes(2 * STORES_PER_ADVICE)
  expect([failures, adviceFailures]).toEqual([[], [failure]])
  expect(await patterns()).toHaveLength(2)
  await history.close()
})

it('Only the living process that has run for longest recommends something, so that processes do not replace the recommendations of each other.', async () => {
  const source = { figures: async () => ({ ...FIGURES, range: { from: NOON, to: NOON } }) }
  const instance = (id: string, silentMs = 0) => ({ id, silentMs, details: {} })
  const adviceOf = (id: string, instances: Awaited<ReturnType<CurrentAdviceOptions['registry']['list']>>) =>
    adviceByOperation(source, { ...ADVISING, registry: { id, list: async () => instances } })
  const all = [instance('ended', 60_000), instance('oldest'), instance('young')]
  expect(await adviceOf('oldest', all)).toHaveLength(2)
  expect(await adviceOf('young', all)).toEqual([])
  expect(await adviceOf('young', all.slice(2))).toHaveLength(2)
})

it('A process changes the recommendations of the operations that it knows, and an operation that nobody has asked for an hour has none.', async () => {
  const recommended = (change: string, points: number): readonly PatternAdvice[] => [
    { operation: 'CampaignsPage', recommendation: { code: 'longer-ttl', subject: 'Query.campaigns', change, points } },
  ]
  const seen = NOON
  await run(
    `insert into cached_query_patterns (query_pattern_hash, cache_key_template, kind, created_at, last_seen_at)
     values ('a', 'CampaignsPage', 'operation', to_timestamp($1), to_timestamp($1))`,
    [seen / 1000],
  )
  const stored = async () => (await patterns()).find(({ name }) => name === 'CampaignsPage')
  await storePatternAdvice(run, recommended('Double the TTL.', 10), seen)
  await storePatternAdvice(run, [{ operation: 'Buyers', recommendation: undefined }], seen + 60_000)
  expect(await stored()).toMatchObject({ change: 'Double the TTL.', points: 10, at: seen })
  await storePatternAdvice(run, recommended('Double the TTL.', 11), seen + 120_000)
  expect(await stored()).toMatchObject({ points: 10, at: seen })
  await storePatternAdvice(run, recommended('Double the TTL.', 11), seen + 3_700_000)
  expect(await stored()).toMatchObject({ code: null, change: null, at: null })
})

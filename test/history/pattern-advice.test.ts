import { afterEach, beforeEach, expect, it } from 'vitest'
import { statementRunner } from '#src/engine/postgres/run-statement.ts'
import { adviceByOperation } from '#src/operations/admin/figures/current-advice.ts'
import { History } from '#src/operations/history/history.ts'
import { type PatternAdvice, storePatternAdvice } from '#src/operations/history/pattern-advice.ts'
import type { RunStatement } from '#src/operations/history/run-statement.ts'
import { NO_ANSWERS, NO_FIGURES, NO_MISSES, NO_READS, type UsageFigures } from '#src/operations/telemetry/usage.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { fieldFigures, operationFigures } from './figures.ts'

const NOON = Date.UTC(2026, 2, 10, 12)
const STORE_MS = 10_000
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
  registry: { list: async () => [], id: 'a1' },
  isWarming: true,
  policiesByOperation: () =>
    new Map([
      ['CampaignsPage', ['Query.campaigns']],
      ['Buyers', ['Query.buyers']],
    ]),
}

it('The recommendation for the fields that an operation reads is stored with it every ten minutes, and goes when it is not given any more.', async () => {
  const env = new ManualEnv()
  const failures: unknown[] = []
  const history = new History({
    run,
    read: run,
    env,
    now: () => NOON,
    days: 14,
    figures: () => FIGURES,
    isRefused: () => false,
    onFailure: (error) => failures.push(error),
  })
  let advice: readonly PatternAdvice[] | undefined
  history.adviseBy(async (source) => advice ?? adviceByOperation(source, ADVISING))
  history.begin()
  await env.advance(STORE_MS)
  await expect.poll(patterns).toMatchObject([
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
  for (let stores = 1; stores < STORES_PER_ADVICE; stores++) await env.advance(STORE_MS)
  await history.store()
  expect((await patterns()).map((row) => row['code'])).toEqual([null, 'longer-ttl'])
  await expect
    .poll(async () => {
      await env.advance(STORE_MS)
      return (await patterns()).map((row) => [row['code'], row['at']])
    })
    .toEqual([
      [null, null],
      [null, null],
    ])
  await history.close()
  expect(failures).toEqual([])
})

it('A process changes the recommendations of the operations that it knows, and of those that nobody has asked for an hour.', async () => {
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
  await storePatternAdvice(run, [], seen + 3_700_000)
  expect(await stored()).toMatchObject({ code: null, change: null, at: null })
})

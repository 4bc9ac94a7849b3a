import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { CacheEvent, WriteCause } from '#src/engine/cache/index.ts'
import { sqlState } from '#src/engine/postgres/failure.ts'
import { statementRunner } from '#src/engine/postgres/run-statement.ts'
import { History } from '#src/operations/history/history.ts'
import { HistoryWriter } from '#src/operations/history/history-writer.ts'
import { NameBudget } from '#src/operations/history/metric-row.ts'
import { ratesOf } from '#src/operations/history/rates.ts'
import { deleteOldHistory } from '#src/operations/history/retention.ts'
import type { RunStatement } from '#src/operations/history/run-statement.ts'
import { NO_FIGURES, type UsageFigures, type WriteFigures } from '#src/operations/telemetry/usage.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { comparable, fieldFigures, operationFigures, usageFigures } from './figures.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const NOON = Date.UTC(2026, 2, 10, 12)

let scratch: ScratchDatabase
let run: RunStatement
const clock = { now: NOON }

beforeAll(async () => {
  scratch = await createScratchDatabase()
  run = statementRunner(scratch.db)
})
afterAll(() => scratch?.drop())
afterEach(async () => {
  clock.now = NOON
  await run('truncate cache_performance_metrics, cached_query_patterns, cache_invalidation_log, cache_history_writers', [])
})

const isRefused = (error: unknown) => /^2[23]/.test(sqlState(error) ?? '')

interface Process {
  readonly history: History
  readonly env: ManualEnv
  readonly failures: unknown[]
  /** Cumulative figures of the process. */
  figures: UsageFigures
}

function startProcess(statement = run, days = 14): Process {
  const process: Process = { figures: NO_FIGURES, failures: [], env: new ManualEnv(), history: undefined as unknown as History }
  const history = new History({
    run: statement,
    read: run,
    env: process.env,
    now: () => clock.now,
    days,
    figures: () => process.figures,
    isRefused,
    onFailure: (error) => process.failures.push(error),
    onAdviceFailure: (error) => process.failures.push(error),
  })
  return Object.assign(process, { history })
}

const invalidated = (seq: number, tags: readonly string[], causes: readonly WriteCause[], lagMs = 5): CacheEvent => ({
  type: 'invalidated',
  epoch: 'epoch',
  seq,
  at: clock.now,
  tags,
  causes,
  lagMs,
})
const written = (cause: string, values: Partial<WriteCause> = {}): WriteCause => ({
  cause,
  writes: 1,
  firstAt: clock.now,
  lastAt: clock.now,
  tagCount: 1,
  ...values,
})
const HOUR_AROUND = { from: NOON - HOUR_MS, to: NOON + HOUR_MS }

it('The history contains exactly the figures of all processes, whatever they counted between two stores, and after a restart.', async () => {
  const [one, other] = [startProcess(), startProcess()]
  one.figures = usageFigures(2)
  await one.history.store()
  one.figures = usageFigures(3)
  other.figures = usageFigures(10)
  await Promise.all([one.history.store(), other.history.store()])
  await one.history.store()
  await one.history.close()
  const restarted = startProcess()
  restarted.figures = usageFigures(4)
  await restarted.history.close()
  const { range, ...figures } = await restarted.history.figures(HOUR_AROUND)
  expect(comparable(figures)).toEqual(comparable(usageFigures(17)))
  expect(range).toEqual(HOUR_AROUND)
  const long = await restarted.history.figures({ from: NOON - 7 * DAY_MS, to: NOON + 1 })
  expect(comparable(long)).toEqual(comparable(usageFigures(17)))
})

it('The figures of a process are stored every ten seconds, and once more when it closes.', async () => {
  const process = startProcess()
  process.history.begin()
  process.figures = usageFigures(1)
  await process.env.advance(9000)
  expect(await run('select 1 from cache_performance_metrics limit 1', [])).toEqual([])
  await process.env.advance(1001)
  await process.history.store()
  expect(comparable(await process.history.figures(HOUR_AROUND))).toEqual(comparable(usageFigures(1)))
  process.figures = usageFigures(5)
  await process.history.close()
  expect(comparable(await process.history.figures(HOUR_AROUND))).toEqual(comparable(usageFigures(5)))
  expect(process.failures).toEqual([])
})

it('Figures are neither lost nor counted twice if the database is away, or if the reply to a stored batch is lost.', async () => {
  let state: 'up' | 'down' | 'reply lost' = 'up'
  const unreliable: RunStatement = async (statement, parameters) => {
    if (state === 'down') throw new Error('The database cannot be reached.')
    const rows = await run(statement, parameters)
    if (state === 'reply lost') throw new Error('The connection was lost.')
    return rows
  }
  const process = startProcess(unreliable)
  process.figures = usageFigures(1)
  await process.history.store()
  state = 'reply lost'
  process.figures = usageFigures(2)
  await expect(process.history.store()).rejects.toThrow('lost')
  state = 'down'
  process.figures = usageFigures(6)
  await expect(process.history.store()).rejects.toThrow('reached')
  state = 'up'
  process.figures = usageFigures(7)
  await process.history.store()
  expect(comparable(await process.history.figures(HOUR_AROUND))).toEqual(comparable(usageFigures(7)))
})

it('A writer that numbered each attempt anew would count a batch twice if its reply was lost.', async () => {
  let number = 0
  let isLost = true
  const renumbering: RunStatement = async (statement, parameters) => {
    const rows = await run(
      statement,
      statement.includes('record_cache_metrics') ? [parameters[0], ++number, ...parameters.slice(2)] : parameters,
    )
    if (isLost) throw new Error('The connection was lost.')
    return rows
  }
  const process = startProcess(renumbering)
  process.figures = usageFigures(1)
  await expect(process.history.store()).rejects.toThrow('lost')
  isLost = false
  await process.history.store()
  expect(comparable(await process.history.figures(HOUR_AROUND))).toEqual(comparable(usageFigures(2)))
})

it('Memory stays bounded while the database is away: the writer keeps one batch and the newest 5,000 log rows.', async () => {
  let isDown = true
  const sizes: number[] = []
  const unreliable: RunStatement = async (statement, parameters) => {
    if (isDown) throw new Error('The database cannot be reached.')
    sizes.push(JSON.stringify(parameters).length)
    return run(statement, parameters)
  }
  const process = startProcess(unreliable)
  for (let seq = 1; seq <= 6000; seq++) {
    process.history.onCacheEvent(invalidated(seq, ['acme:Campaign:1'], [written('mutation updateCampaign')]))
    process.figures = usageFigures(seq)
    if (seq % 1000 === 0) await expect(process.history.store()).rejects.toThrow('reached')
  }
  isDown = false
  await process.history.store()
  const [row] = await run('select count(*)::int as count, min(log_position)::int as first from cache_invalidation_log', [])
  expect(row).toEqual({ count: 5000, first: 1001 })
  expect(comparable(await process.history.figures(HOUR_AROUND))).toEqual(comparable(usageFigures(6000)))
  expect(Math.max(...sizes)).toBeLessThan(300_000)
})

it('Names that clients invent are bounded: a process adds at most 600 operations an hour, and counts further ones as other.', async () => {
  const process = startProcess()
  for (let batch = 1; batch <= 8; batch++) {
    process.figures = {
      ...NO_FIGURES,
      operations: Array.from({ length: 100 }, (_, i) => operationFigures(`Operation${batch} ${i}\u0000\uD800`, 1, batch * 100 + i)),
    }
    await process.history.store()
  }
  const { operations } = await process.history.figures(HOUR_AROUND)
  expect(operations).toHaveLength(601)
  expect(operations.find(({ operation }) => operation === 'other')?.requests).toBe(200 * 12)
  expect(operations.reduce((sum, { requests }) => sum + requests, 0)).toBe(800 * 12)
  const budget = new NameBudget(1)
  const named = (key: string) =>
    ({ subject: 'field', key, layer: '', operation: 'hit', cause: '', count: 1, ms: 0, saved: 0, bytes: 0 }) as const
  const keys = (key: string, at: number) => budget.bounded([named(key)], at).map((row) => row.key)
  expect([keys('a', 0), keys('b', 1), keys('b', HOUR_MS), keys('a', HOUR_MS)]).toEqual([['a'], ['other'], ['b'], ['other']])
})

it('The history says what each kind of write cost: writes, tags and delays of the log, and the reloads of all processes.', async () => {
  const [one, other] = [startProcess(), startProcess()]
  const first = [written('mutation updateCampaign', { writes: 3, tagCount: 4, tags: ['acme:Campaign:1'] }), written('program psql')]
  for (const { history } of [one, other]) {
    history.onCacheEvent(invalidated(1, ['acme:Campaign:1'], first, 10))
    history.onCacheEvent(invalidated(2, ['acme:Campaign:2'], [written('mutation updateCampaign', { tagCount: 2 })], 20))
    history.onCacheEvent(invalidated(3, ['acme:Campaign:2'], [written('mutation updateCampaign')], 90))
    history.onCacheEvent(invalidated(4, ['acme:Campaign:2'], [written('operator Ada: wrong')], 7))
  }
  one.figures = usageFigures(2)
  await one.history.store()
  other.figures = usageFigures(3)
  await other.history.store()
  const { costs, range, uncounted } = await one.history.writeCosts(HOUR_AROUND)
  const nothing = { reloads: 0, needlessReloads: 0, loadMs: 0, answers: 0 }
  const [campaigns, answers] = [
    { reloads: 15, needlessReloads: 5, loadMs: 32.5, answers: 0 },
    { ...nothing, answers: 10 },
  ]
  const mutation = {
    cause: 'mutation updateCampaign',
    writes: 5,
    rows: 3,
    tags: 7,
    appliedMs: { p50: 20, max: 90 },
    lastAt: NOON,
    ...campaigns,
    answers: 10,
    fields: [
      { field: 'Query.campaigns', ...campaigns },
      { field: 'Response', ...answers },
    ],
  }
  const psql = { ...nothing, reloads: 5, loadMs: 6.25 }
  expect(costs).toEqual([
    mutation,
    {
      cause: 'program psql',
      writes: 1,
      rows: 1,
      tags: 1,
      appliedMs: { p50: 10, max: 10 },
      lastAt: NOON,
      ...psql,
      fields: [{ field: 'Campaign', ...psql }],
    },
    { cause: 'operator Ada: wrong', writes: 1, rows: 1, tags: 1, appliedMs: { p50: 7, max: 7 }, lastAt: NOON, ...nothing, fields: [] },
  ])
  expect(range).toEqual(HOUR_AROUND)
  expect(uncounted).toBeNull()
  expect((await one.history.writeCosts({ from: NOON - 7 * DAY_MS, to: NOON + 1 })).costs).toEqual(costs)
  expect((await one.history.writeCosts(HOUR_AROUND, 'mutation updateCampaign')).costs).toEqual([mutation])
  expect((await one.history.writeCosts({ from: NOON + HOUR_MS, to: NOON + 2 * HOUR_MS })).costs).toEqual([])
})

it('Reloads after a full reset belong to the only reset of the time range. With two of them it is not known to which, and a person is none.', async () => {
  const process = startProcess()
  const reloads = { ...usageFigures(1).writes[0], write: 'system reset', field: 'Campaign', reloads: 30, answers: 0 } as WriteFigures
  process.figures = { ...NO_FIGURES, writes: [reloads] }
  process.history.onCacheEvent(invalidated(1, ['*'], [written('system new epoch', { tags: ['*'] })], 5))
  process.history.onCacheEvent(invalidated(2, ['*'], [written('operator Ada: wrong', { tags: ['*'] })], 5))
  await process.history.store()
  const reloadsOf = async (cause?: string) =>
    Object.fromEntries((await process.history.writeCosts(HOUR_AROUND, cause)).costs.map((one) => [one.cause, one.reloads]))
  expect(await reloadsOf()).toEqual({ 'system new epoch': 30, 'operator Ada: wrong': 0 })
  expect(await reloadsOf('system new epoch')).toEqual({ 'system new epoch': 30 })
  process.history.onCacheEvent(invalidated(3, ['*'], [written('system tables or triggers changed', { tags: ['*'] })], 5))
  await process.history.store()
  expect(await reloadsOf()).toEqual({
    'system reset': 30,
    'system new epoch': 0,
    'system tables or triggers changed': 0,
    'operator Ada: wrong': 0,
  })
})

it('Reloads that an older version stored without their writes are told apart from writes that cost nothing.', async () => {
  const one = startProcess()
  await run(
    `insert into cache_performance_metrics (period, recorded_at, subject, cache_key, cache_layer, operation, cause, operation_count)
     values ('minute', to_timestamp($1::float8 / 1000), 'field', 'Campaign.bids', '', 'reload', '', 70)`,
    [NOON - 10 * MINUTE_MS],
  )
  expect((await one.history.writeCosts(HOUR_AROUND)).uncounted).toEqual({ before: null, reloads: 70 })
  one.figures = usageFigures(2)
  await one.history.store()
  expect((await one.history.writeCosts(HOUR_AROUND)).uncounted).toEqual({ before: NOON, reloads: 70 })
})

it('An applied log row is stored once although several processes apply it, with the greatest lag, its entity and its causes.', async () => {
  const [one, other] = [startProcess(), startProcess()]
  const causes = [
    written('mutation updateCampaign', { writes: 2, tags: ['acme:Campaign:7', 'acme:Campaign~'] }),
    written('operator Ada: wrong price', { tags: ['acme:Campaign[]'] }),
  ]
  const tags = ['acme:Campaign:7', 'acme:Campaign~', 'acme:Campaign[]']
  for (const [process, lagMs] of [
    [one, 40],
    [other, 90],
    [startProcess(), 10],
  ] as const) {
    process.history.onCacheEvent(invalidated(7, tags, causes, lagMs))
    process.history.onCacheEvent({ type: 'evicted', count: 1 })
    await process.history.store()
  }
  const rows = await one.history.invalidations({ limit: 10 })
  expect(rows).toEqual([
    {
      epoch: 'epoch',
      seq: 7,
      at: NOON,
      reason: 'mutation updateCampaign',
      causes,
      entityType: 'Campaign',
      entityId: '7',
      entityTypes: ['Campaign'],
      tenants: ['acme'],
      tags,
      tagCount: 3,
      isBroad: false,
      lagMs: 90,
    },
  ])
  expect(await one.history.worstLagMs(HOUR_AROUND)).toBe(90)
  expect(await one.history.worstLagMs({ from: 0, to: 1 })).toBeNull()
})

it('Invalidations are read newest first, and by tenant, cause, tag, time and position.', async () => {
  const { history } = startProcess()
  const add = (seq: number, tags: readonly string[], cause: string) => {
    clock.now = NOON + seq * 1000
    history.onCacheEvent(invalidated(seq, tags, [written(cause)]))
  }
  add(1, ['acme:Campaign:1'], 'mutation updateCampaign')
  add(2, ['globex:Bid:1', 'globex:Call:2'], 'mutation placeBid')
  add(3, ['*'], 'system new epoch')
  add(4, ['acme:Campaign:2'], "operator O'Hara: x' or true --")
  await history.store()
  const seqs = async (filter: object) => (await history.invalidations({ limit: 10, ...filter })).map(({ seq }) => seq)
  expect(await seqs({})).toEqual([4, 3, 2, 1])
  expect(await seqs({ limit: 2 })).toEqual([4, 3])
  expect(await seqs({ after: { epoch: 'epoch', position: 1 }, limit: 2 })).toEqual([2, 3])
  expect(await seqs({ after: { epoch: 'the one before a restore', position: 1 } })).toEqual([])
  expect(await seqs({ tenant: 'acme' })).toEqual([4, 3, 1])
  expect(await seqs({ tag: 'acme:Campaign:1' })).toEqual([1])
  expect(await seqs({ cause: 'mutation placeBid' })).toEqual([2])
  expect(await seqs({ cause: "operator O'Hara: x' or true --" })).toEqual([4])
  expect(await seqs({ range: { from: NOON + 2000, to: NOON + 4000 } })).toEqual([3, 2])
  expect(await seqs({ isBroad: true })).toEqual([3])
  const counts = (tenant?: string) => history.invalidationCounts({ from: NOON, to: NOON + MINUTE_MS }, { stepMs: 2000, tenant })
  expect([...(await counts())].sort()).toEqual([
    [NOON, 1],
    [NOON + 2000, 2],
    [NOON + 4000, 1],
  ])
  expect([...(await counts('globex'))]).toEqual([[NOON + 2000, 2]])
  const [mixed] = await history.invalidations({ limit: 1, tag: 'globex:Bid:1' })
  expect(mixed).toMatchObject({ entityType: null, entityId: null, entityTypes: ['Bid', 'Call'], tenants: ['globex'] })
})

it('Series contain the reads and answers of each minute, hour and day.', async () => {
  const process = startProcess()
  const counts = [1, 2, 4]
  let n = 0
  for (const [index, count] of counts.entries()) {
    clock.now = NOON + index * 30 * MINUTE_MS
    n += count
    process.figures = usageFigures(n)
    await process.history.store()
  }
  const range = { from: NOON, to: NOON + 2 * HOUR_MS }
  const minutes = await process.history.series(range, { stepMs: MINUTE_MS, field: 'Campaign' })
  expect(minutes.map(({ at, reads }) => [at, reads.l1])).toEqual([
    [NOON, 10],
    [NOON + 30 * MINUTE_MS, 20],
    [NOON + HOUR_MS, 40],
  ])
  const hours = await process.history.series(range, { stepMs: HOUR_MS })
  expect(hours.map(({ at, reads, misses }) => [at, reads.l1, misses.invalidated])).toEqual([
    [NOON, 90, 18],
    [NOON + HOUR_MS, 120, 24],
  ])
  const [first] = hours
  expect(first && ratesOf(first)).toEqual({ reads: 189, hits: 135, hitRate: 135 / 189, reachableHitRate: 1 - 36 / 189 })
  const [day] = await process.history.answers({ from: NOON - 6 * DAY_MS, to: NOON + DAY_MS }, { stepMs: DAY_MS, operation: 'Dashboard' })
  expect(day).toMatchObject({ at: Date.UTC(2026, 2, 10), requests: 84, answers: { 'at hand': 28, origin: 21 } })
  await expect(process.history.series({ from: 0, to: NOON }, { stepMs: HOUR_MS })).rejects.toThrow('Expected a range of at most 3000 steps')
  await expect(process.history.series({ from: NOON - 3 * DAY_MS, to: NOON }, { stepMs: MINUTE_MS })).rejects.toThrow('steps of an hour')
})

it('Old history is deleted in small batches: minutes after two days, everything after the retention time, and more log rows than allowed.', async () => {
  const process = startProcess(run, 7)
  for (const [index, age] of [8, 6, 3, 1].entries()) {
    clock.now = NOON - age * DAY_MS
    process.figures = { ...usageFigures(index + 1), operations: [operationFigures(`Operation${age}`, 1, index)] }
    process.history.onCacheEvent(invalidated(index + 1, ['acme:Campaign:1'], [written('mutation updateCampaign')]))
    await process.history.store()
  }
  clock.now = NOON
  const statements: number[] = []
  const counting: RunStatement = async (statement, parameters) => {
    const rows = await run(statement, parameters)
    statements.push(Number(rows[0]?.['deleted']))
    return rows
  }
  await deleteOldHistory({ run: counting, now: () => clock.now, days: 7, batchRows: 3 })
  const ages = async (table: string, column: string, condition = 'true') =>
    (
      await run(`select distinct round(extract(epoch from ${column}) / 86400)::int as day from ${table} where ${condition} order by 1`, [])
    ).map(({ day }) => Math.round(NOON / DAY_MS) - Number(day))
  expect(await ages('cache_performance_metrics', 'recorded_at', "period = 'minute'")).toEqual([1])
  expect(await ages('cache_performance_metrics', 'recorded_at', "period = 'hour'")).toEqual([6, 3, 1])
  expect(await ages('cache_invalidation_log', 'created_at')).toEqual([6, 3, 1])
  expect(await ages('cached_query_patterns', 'last_seen_at')).toEqual([6, 3, 1])
  expect(Math.max(...statements)).toBe(3)
  await deleteOldHistory({ run, now: () => clock.now, days: 7, maxInvalidations: 2 })
  expect(await ages('cache_invalidation_log', 'created_at')).toEqual([3, 1])
})

it('Old history is deleted by the process itself, and without the deletion it would stay.', async () => {
  const process = startProcess(run, 7)
  clock.now = NOON - 8 * DAY_MS
  process.figures = usageFigures(1)
  await process.history.store()
  clock.now = NOON
  const rows = async () => (await run('select 1 from cache_performance_metrics', [])).length
  await process.history.store()
  expect(await rows()).toBeGreaterThan(0)
  process.history.begin()
  await process.env.advance(10_001)
  await process.history.close()
  expect(await rows()).toBe(0)
})

it('A batch that the database refuses does not stop the later ones, and a series of failures is reported once.', async () => {
  let isBroken = true
  const refusing: RunStatement = (statement, parameters) => (isBroken ? run("select 'x'::int", []) : run(statement, parameters))
  const process = startProcess(refusing)
  for (const n of [1, 2, 3]) {
    process.figures = usageFigures(n)
    await process.history.close()
  }
  expect(process.failures).toHaveLength(1)
  isBroken = false
  process.figures = usageFigures(9)
  await process.history.close()
  expect(comparable(await process.history.figures(HOUR_AROUND))).toEqual(comparable(usageFigures(6)))
})

it('The fall of the hit rate at a moment is explained by the field, the cause and the write that invalidated most.', async () => {
  const process = startProcess()
  let row = 0
  /** Counts reads of two fields in the current minute: hits, and misses by cause. */
  const minute = async (campaigns: { hits: number; invalidated?: number; expired?: number }) => {
    const field = (name: string, hits: number, invalidations = 0, expirations = 0) => {
      const empty = fieldFigures(name, 0, ++row)
      const reads = { ...empty.reads, l1: hits, origin: invalidations + expirations }
      return { ...empty, reads, misses: { ...empty.misses, invalidated: invalidations, expired: expirations } }
    }
    process.figures = {
      ...NO_FIGURES,
      fields: [field('Query.campaigns', campaigns.hits, campaigns.invalidated, campaigns.expired), field('Buyer', 100, 1)],
      tags: [{ row: ++row, field: 'Query.campaigns', tag: 'Campaign[]', reloads: campaigns.invalidated ?? 0, needlessReloads: 0 }],
    }
    await process.history.store()
    clock.now += MINUTE_MS
  }
  let seq = 0
  const write = (tags: readonly string[], cause: string) =>
    process.history.onCacheEvent(invalidated(++seq, tags, [written(cause, { tagCount: tags.length })]))

  clock.now = NOON - 15 * MINUTE_MS
  for (let i = 0; i < 15; i++) {
    write(['acme:Campaign:1', 'acme:Campaign~'], 'mutation updateCampaign')
    await minute({ hits: 95, invalidated: 5 })
  }
  write(['acme:Campaign*', 'acme:Campaign~'], 'operator Ada: wrong prices')
  for (let i = 0; i < 15; i++) {
    write(['acme:Campaign:1', 'acme:Campaign~'], 'mutation updateCampaign')
    write(
      Array.from({ length: 50 }, (_, id) => `acme:Bid:${id}`),
      'mutation placeBid',
    )
    await minute({ hits: 55, invalidated: 45 })
  }
  /** Compares as many minutes before and after a moment. */
  const around = (at: number, minutes: number) => {
    const [before, after] = [
      { from: at - minutes * MINUTE_MS, to: at },
      { from: at, to: at + minutes * MINUTE_MS },
    ]
    return { before, after, writes: after }
  }
  const drop = await process.history.explainDrop(around(NOON, 15))
  expect(drop).toMatchObject({
    worst: { field: 'Query.campaigns', cause: 'invalidated' },
    write: {
      cause: 'operator Ada: wrong prices',
      writes: 1,
      rows: 1,
      firstAt: NOON,
      tenants: ['acme'],
      tags: ['acme:Campaign*', 'acme:Campaign~'],
    },
  })
  expect(drop?.hitRateBefore).toBeCloseTo(195 / 201, 10)
  expect(drop?.hitRateAfter).toBeCloseTo(155 / 201, 10)
  expect(drop?.worst?.points).toBeCloseTo((100 * 40) / 201, 10)
  expect(drop?.reason).toBe(
    '19.9 of the 19.9 points are misses of Query.campaigns (invalidated); most of them were invalidated by operator Ada: wrong prices (1 write, acme, first at 2026-03-10T12:00:00.000Z).',
  )
  expect(await process.history.explainDrop(around(NOON - 5 * MINUTE_MS, 5))).toBeNull()

  clock.now = NOON + 60 * MINUTE_MS
  for (let i = 0; i < 5; i++) await minute({ hits: 100 })
  for (let i = 0; i < 5; i++) await minute({ hits: 70, expired: 30 })
  expect(await process.history.explainDrop(around(NOON + 65 * MINUTE_MS, 5))).toMatchObject({
    worst: { field: 'Query.campaigns', cause: 'expired' },
    write: null,
  })
  expect(await process.history.explainDrop(around(0, 15))).toBeNull()
})

it('A write that began after the first step of a fall is not blamed, however much it invalidated.', async () => {
  const process = startProcess()
  let row = 0
  const minute = async (hits: number) => {
    const empty = fieldFigures('Query.campaigns', 0, ++row)
    const reads = { ...empty.reads, l1: hits, origin: 100 - hits }
    const field = {
      ...empty,
      reads,
      misses: { ...empty.misses, invalidated: 100 - hits },
      reloads: 100 - hits,
      needlessReloads: 100 - hits,
    }
    const tags = [{ row: ++row, field: 'Query.campaigns', tag: 'Campaign[]', reloads: 100 - hits, needlessReloads: 100 - hits }]
    process.figures = { ...NO_FIGURES, fields: [field], tags }
    await process.history.store()
    clock.now += MINUTE_MS
  }
  let seq = 0
  const write = (id: number, cause: string, tagCount: number) =>
    process.history.onCacheEvent(invalidated(++seq, [`acme:Campaign:${id}`], [written(cause, { tagCount })]))
  clock.now = NOON - MINUTE_MS
  await minute(95)
  write(1, 'mutation pauseCampaign', 10)
  await minute(60)
  write(2, 'program psql: clean-up', 10_000)
  await minute(40)
  const compared = {
    before: { from: NOON - MINUTE_MS, to: NOON },
    after: { from: NOON + MINUTE_MS, to: NOON + 2 * MINUTE_MS },
    writes: { from: NOON - MINUTE_MS, to: NOON + 2 * MINUTE_MS },
  }
  const inTime = await process.history.explainDrop({ ...compared, firstStep: { from: NOON, to: NOON + MINUTE_MS } })
  expect(inTime?.write?.cause).toBe('mutation pauseCampaign')
  expect(inTime?.worst).toMatchObject({ reloads: 60, needlessReloads: 60 })
  expect(inTime?.reason).toContain('55.0 of the 55.0 points are misses of Query.campaigns (invalidated)')
  expect(inTime?.reason).toContain('first at 2026-03-10T12:00:00.000Z, in its first step)')
  expect(inTime?.reason).toContain('100.0 % of its reloads were needless.')
  // Without the rule, the later write would be blamed, and without any write in time, none is.
  expect((await process.history.explainDrop(compared))?.write?.cause).toBe('program psql: clean-up')
  const none = await process.history.explainDrop({ ...compared, firstStep: { from: NOON - 2 * MINUTE_MS, to: NOON - MINUTE_MS } })
  expect([none?.write, none?.reason]).toEqual([null, expect.stringContaining('no write up to the beginning of the fall is known')])
})

it('Writing the history invalidates nothing.', async () => {
  const log = scratch.handle.openLog()
  const [before] = await log.sync(null, 1, 10_000)
  const process = startProcess()
  process.figures = usageFigures(1)
  process.history.onCacheEvent(invalidated(1, ['acme:Campaign:1'], [written('mutation updateCampaign')]))
  await process.history.close()
  expect((await log.sync(before?.seq ?? 0, 10, 10_000)).map(({ seq }) => seq)).toEqual([before?.seq])
  await log.close()
})

it('Seven days of a busy installation are read in bounded time.', async () => {
  await run(
    `insert into cache_performance_metrics (period, recorded_at, subject, cache_key, cache_layer, operation, operation_count)
     select 'hour', to_timestamp($1::float8 / 1000) - hours * interval '1 hour', 'operation', 'Operation' || names, layer, 'answer', 1
     from generate_series(0, 167) as hours, generate_series(1, 200) as names, unnest(array['l1', 'origin', 'at hand']) as layer`,
    [NOON],
  )
  const { history } = startProcess()
  const startedAt = performance.now()
  const { operations } = await history.figures({ from: NOON - 7 * DAY_MS + HOUR_MS, to: NOON + HOUR_MS })
  expect(operations).toHaveLength(200)
  expect(operations[0]?.answers).toMatchObject({ l1: 168, origin: 168, 'at hand': 168 })
  // It takes about 100 ms; the bound only excludes a read of every minute.
  expect(performance.now() - startedAt).toBeLessThan(5000)
})

it('A writer keeps the order of its calls, so that two stores at the same time count everything once.', async () => {
  let figures = usageFigures(1)
  const writer = new HistoryWriter({ run, writer: 'a process', now: () => clock.now, figures: () => figures, isRefused })
  const first = writer.store()
  figures = usageFigures(2)
  await Promise.all([first, writer.store(), writer.store()])
  expect(comparable(await startProcess().history.figures(HOUR_AROUND))).toEqual(comparable(usageFigures(2)))
})

it('Every query of docs/history.md runs on the tables, and the query of hit rates returns the hit rates of the fields.', async () => {
  const page = readFileSync(new URL('../../docs/history.md', import.meta.url), 'utf8')
  const queries = [...page.matchAll(/```sql\n([^`]+)```/g)].map(([, query = '']) => query)
  expect(queries.length).toBeGreaterThan(3)
  const [now] = await run('select (extract(epoch from now()) * 1000)::float8 as now', [])
  clock.now = Number(now?.['now'])
  const process = startProcess()
  process.figures = usageFigures(1)
  await process.history.store()
  for (const query of queries) for (const statement of query.split(/;\n/)) if (statement.trim()) await run(statement, [])
  const rates = await run(queries.find((query) => query.includes('reachable_pct')) ?? '', [])
  expect(rates.map(({ field, hit_rate_pct, reachable_pct }) => [field, Number(hit_rate_pct), Number(reachable_pct)])).toEqual([
    ['Query.campaigns', 71.4, 81],
    ['Campaign', 71.4, 81],
  ])
})

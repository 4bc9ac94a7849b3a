import { readFileSync } from 'node:fs'
import { buildSchema } from 'graphql'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DatabaseUnavailableError } from '#src/engine/postgres/failure.ts'
import { inTransaction } from '#src/engine/postgres/transaction.ts'
import { armOf, BUCKETS } from '#src/gateway/policies/experiment.ts'
import { PolicyRegistry } from '#src/gateway/policies/policy-registry.ts'
import { CountedHours } from '#src/operations/admin/experiments/counted-hours.ts'
import { lookAt, reportExperiments, SETTLE_MS } from '#src/operations/admin/experiments/experiment-report.ts'
import { readSums } from '#src/operations/admin/experiments/experiment-rows.ts'
import { ExperimentStore } from '#src/operations/admin/experiments/experiment-store.ts'
import { PolicyStore } from '#src/operations/admin/policies/policy-store.ts'
import { boundedReader } from '#src/operations/history/bounded-reader.ts'
import { deleteOldHistory } from '#src/operations/history/retention.ts'
import type { RunStatement } from '#src/operations/history/run-statement.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'

const HOUR_MS = 3_600_000
const directives = readFileSync(new URL('../../schema/directives.graphql', import.meta.url), 'utf8')
const fields = (names: string) => [...names].map((name) => `${name}: Int @cache(l1: 60, l2: 600, depends: [])`).join(', ')
const schemaOf = (names: string) => buildSchema(`${directives} enum Role { VIEWER } type Query { ${fields(names)} }`)
const common = { by: 'ops', reason: undefined, share: 0.5, leadInHours: 1 }

let scratch: ScratchDatabase
/** Time that has passed for all processes of a test, in addition to that of the database, ms. */
let passed = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
})
afterAll(() => scratch?.drop())
afterEach(async () => {
  passed = 0
  await sql`delete from cache_experiments`.execute(scratch.db)
  await sql`delete from cache_policy_overrides`.execute(scratch.db)
})

/** @param before Called before each transaction that starts or stops an experiment. */
function startProcess(names = 'abcdef', db = scratch.db, before: () => Promise<unknown> = async () => undefined) {
  const policies = new PolicyRegistry({ schema: schemaOf(names), configured: {} })
  const unusable: string[] = []
  const failures: unknown[] = []
  const parts = {
    db,
    inTransaction: <Result>(work: (transaction: typeof db) => Promise<Result>) => inTransaction(db, work, { attempts: 3 }),
    policies,
    onUnusable: (coordinate: string) => unusable.push(coordinate),
  }
  const overrides = new PolicyStore({ ...parts, inTransaction: (work) => parts.inTransaction(work) })
  const store = new ExperimentStore({
    ...parts,
    inTransaction: async (work) => {
      await before()
      return parts.inTransaction(work)
    },
    overrides,
    env: { monotonic: () => passed },
    now: () => Date.now() + passed,
    onFailed: (error) => failures.push(error),
  })
  const on = (name: string) => policies.rules.get(`Query.${name}`)?.experiment
  /** Counts reads of all keys of an experiment, and hits of those in the given arm. */
  const count = (name: string, reads: number, hitArm?: 'control' | 'trial') => {
    const experiment = on(name)
    if (!experiment) throw new Error(`Expected an experiment on Query.${name}.`)
    for (let read = 0; read < reads; read++) experiment.counts.count(read % BUCKETS, armOf(read % BUCKETS, experiment) === hitArm)
  }
  return { policies, overrides, store, on, count, unusable, failures }
}

const read: RunStatement = (statement, parameters) => scratch.handle.runAside(statement, parameters, 5000)
const report = async () => reportExperiments(read, 10, Date.now() + passed)
const lifeOf = (process: ReturnType<typeof startProcess>, name: string) => process.on(name)?.policies.trial.l1Ms

describe('experiments in the database', () => {
  it('start and stop on all processes, also on one that starts later, and change the policy only after the lead-in.', async () => {
    const [first, second] = [startProcess(), startProcess()]
    const version = await first.store.start({ ...common, coordinate: 'Query.a', values: { l1: 30 } })
    await second.store.refresh()
    const third = startProcess()
    await third.store.refresh()
    const all = [first, second, third]
    expect(all.map(({ store }) => store.version)).toEqual([version, version, version])
    expect(all.map((process) => lifeOf(process, 'a'))).toEqual([60_000, 60_000, 60_000])
    passed = HOUR_MS + 1000
    for (const { store } of all) await store.refresh()
    expect(all.map((process) => lifeOf(process, 'a'))).toEqual([30_000, 30_000, 30_000])
    expect(all.map((process) => process.on('a')?.policies.control.l1Ms)).toEqual([60_000, 60_000, 60_000])
    await second.store.stop({ coordinate: 'Query.a', by: 'ops', reason: 'done' })
    for (const { store } of all) await store.refresh()
    expect(all.map((process) => process.on('a'))).toEqual([undefined, undefined, undefined])
  })

  it('store the policy that applies as their control, also when another process changes it during the start.', async () => {
    const other = startProcess()
    const change = (l1: number) => other.overrides.change({ set: [{ coordinate: 'Query.a', values: { l1 } }], reset: [], ...common })
    const changes = [50]
    const process = startProcess('abcdef', scratch.db, async () => {
      for (const l1 of changes.splice(0, 1)) await change(l1)
    })
    await process.store.start({ ...common, coordinate: 'Query.a', values: { l1: 30 } })
    expect((await report())[0]).toMatchObject({ control: { l1: 50 }, trial: { l1: 30 } })
    await process.store.stop({ coordinate: 'Query.a', by: 'ops', reason: undefined })
    changes.push(51, 52)
    const started = process.store.start({ ...common, coordinate: 'Query.a', values: { l1: 30 } })
    await expect(started).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect((await report()).filter(({ phase }) => phase !== 'ended')).toEqual([])
  })

  it('say which override keeps the policy of the trial, with the values that an operator had set.', async () => {
    const process = startProcess()
    const change = (set: Parameters<PolicyStore['change']>[0]['set']) => process.overrides.change({ set, reset: [], ...common })
    await change([{ coordinate: 'Query.a', values: { l1: 50, staleIfError: 30 } }])
    await process.store.start({ ...common, coordinate: 'Query.a', values: { l1: 20, l2: 300 } })
    await process.store.stop({ coordinate: 'Query.a', by: 'ops', reason: undefined })
    const [ended] = await report()
    expect(ended?.valuesToKeep).toEqual({ l1: 20, l2: 300, staleIfError: 30 })
    await change([{ coordinate: 'Query.a', values: ended?.valuesToKeep ?? {} }])
    expect(process.policies.rules.get('Query.a')?.values).toMatchObject({ l1: 20, l2: 300, staleIfError: 30 })
    await process.store.start({ ...common, coordinate: 'Query.b', values: { l1: 20 } })
    expect((await report())[0]).toMatchObject({ coordinate: 'Query.b', valuesToKeep: { l1: 20 } })
  })

  it('add up what all processes count in each phase, and lose nothing when one stops or the database is away.', async () => {
    const [first, second] = [startProcess(), startProcess()]
    await first.store.start({ ...common, coordinate: 'Query.a', values: { l1: 30 }, share: 0.25 })
    await second.store.refresh()
    first.count('a', 512)
    second.count('a', 256, 'control')
    await second.store.close()
    passed = HOUR_MS + 1000
    await first.store.refresh()
    const third = startProcess()
    await third.store.refresh()
    first.count('a', 512, 'trial')
    third.count('a', 512, 'trial')
    await sql`alter table cache_experiment_sums rename to away`.execute(scratch.db)
    passed += 11_000
    await first.store.refresh()
    expect(first.failures).toHaveLength(1)
    first.count('a', 256, 'control')
    await sql`alter table away rename to cache_experiment_sums`.execute(scratch.db)
    await first.store.stop({ coordinate: 'Query.a', by: 'ops', reason: undefined })
    await third.store.refresh()
    const [ended] = await report()
    expect(ended).toMatchObject({
      phase: 'ended',
      share: 0.25,
      reads: { leadIn: 768, trial: 1280 },
      control: { l1: 60 },
      trial: { l1: 30 },
    })
  })

  it('do not add a batch again whose reply was lost.', async () => {
    const process = startProcess()
    await process.store.start({ ...common, coordinate: 'Query.a', values: { l1: 30 } })
    const [{ id = 0 } = {}] = await report()
    let isReplyLost = true
    const executor = scratch.db.getExecutor()
    const lossy = new Proxy(executor, {
      get: (target, name) => {
        if (name !== 'executeQuery') return Reflect.get(target, name, target)?.bind?.(target)
        return async (...args: Parameters<typeof executor.executeQuery>) => {
          const result = await executor.executeQuery(...args)
          if (isReplyLost) throw new Error('Connection terminated')
          return result
        }
      },
    })
    const counted = new CountedHours({ getExecutor: () => lossy })
    const numbers = new Float64Array(BUCKETS).fill(3)
    counted.add(id, 0, { reads: numbers, hits: numbers })
    await expect(counted.store()).rejects.toThrow('Connection terminated')
    counted.add(id, 0, { reads: numbers, hits: numbers })
    isReplyLost = false
    await counted.store()
    const sums = await readSums(read, [{ id, leadInHours: 1, beforeHour: 1 }])
    expect(sums.get(id)?.before).toEqual({ reads: new Float64Array(BUCKETS).fill(6), hits: new Float64Array(BUCKETS).fill(6) })
    // The same batch with another number is added, so the number is what prevents it.
    const other = new CountedHours(scratch.db)
    other.add(id, 0, { reads: numbers, hits: numbers })
    await other.store()
    expect((await readSums(read, [{ id, leadInHours: 1, beforeHour: 1 }])).get(id)?.before.reads[7]).toBe(9)
  })

  it('are left out with a report by a process whose schema lacks the field, and run on the others.', async () => {
    const [first, older] = [startProcess(), startProcess('b')]
    await first.store.start({ ...common, coordinate: 'Query.a', values: { l1: 30 } })
    await first.store.start({ ...common, coordinate: 'Query.b', values: { l1: 40 } })
    await older.store.refresh()
    expect(older.unusable).toEqual(['Query.a'])
    expect([older.on('a'), older.on('b')?.trial.values['l1']]).toEqual([undefined, 40])
    expect(first.on('a')?.trial.values['l1']).toBe(30)
  })

  it('are refused if they are unusable, the second on a field or the fifth in all.', async () => {
    const { store } = startProcess()
    const begin = (name: string, values = { l1: 30 }) => store.start({ ...common, coordinate: `Query.${name}`, values })
    await expect(begin('z')).rejects.toMatchObject({ code: 'BAD_USER_INPUT', item: 'coordinate' })
    await expect(begin('a', { l1: 700 })).rejects.toThrow('would keep a copy longer than the value lives')
    for (const name of 'abcd') await begin(name)
    await expect(begin('a')).rejects.toMatchObject({ item: 'coordinate', message: expect.stringContaining('runs on "Query.a" already') })
    await expect(begin('e')).rejects.toThrow('At most 4 experiments can run at the same time')
    await expect(store.stop({ ...common, coordinate: 'Query.e' })).rejects.toThrow('no experiment runs on "Query.e"')
    await store.stop({ ...common, coordinate: 'Query.d' })
    await begin('e')
  })

  it('are refused if both arms would have the same cache policy, and accepted if one value of it differs.', async () => {
    const { store } = startProcess()
    const begin = (values: Readonly<Record<string, number>>) => store.start({ ...common, coordinate: 'Query.a', values })
    for (const values of [{ l1: 60 }, { l1: 60, l2: 600 }, { browser: 10 }, { cdn: 60, response: 5 }])
      await expect(begin(values)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        item: 'values',
        message: expect.stringContaining('the cache would treat both arms alike'),
      })
    await begin({ l1: 60, l2: 601, browser: 10 })
  })

  it('keep operators from changing the policy of their field, which would change both arms.', async () => {
    const { store, overrides } = startProcess()
    await overrides.change({ set: [{ coordinate: 'Query.a', values: { l1: 50 } }], reset: [], by: 'ops', reason: undefined })
    await store.start({ ...common, coordinate: 'Query.a', values: { l2: 300 } })
    const change = (set: string[], reset: string[]) =>
      overrides.change({ set: set.map((coordinate) => ({ coordinate, values: { l1: 20 } })), reset, by: 'ops', reason: undefined })
    await expect(change(['Query.b', 'Query.a'], [])).rejects.toMatchObject({ item: 'set[1]' })
    await expect(change([], ['Query.a'])).rejects.toThrow('an experiment runs on "Query.a": stop it first')
    await change(['Query.b'], [])
    const [running] = await report()
    expect(running?.control).toMatchObject({ l1: 50, l2: 600 })
    await store.stop({ ...common, coordinate: 'Query.a' })
    await change([], ['Query.a'])
  })

  it('are deleted after the days of the history, with their sums, unless they still run.', async () => {
    const { store, count } = startProcess()
    await store.start({ ...common, coordinate: 'Query.a', values: { l1: 30 } })
    await store.start({ ...common, coordinate: 'Query.b', values: { l1: 30 } })
    count('a', 10)
    await store.stop({ ...common, coordinate: 'Query.a' })
    const rows = async () =>
      (await sql<{ n: number }>`select count(*)::integer as n from cache_experiment_sums`.execute(scratch.db)).rows[0]?.n
    const clean = (days: number) =>
      deleteOldHistory({
        run: read,
        now: () => Date.now() + 2 * 24 * HOUR_MS,
        days,
      })
    await clean(3)
    expect([(await report()).length, await rows()]).toEqual([2, 1])
    await clean(1)
    expect([(await report()).map(({ coordinate }) => coordinate), await rows()]).toEqual([['Query.b'], 0])
  })
})

describe('the sums of an experiment', () => {
  const hours = async () =>
    (await sql<{ hour: number }>`select hour from cache_experiment_sums order by hour`.execute(scratch.db)).rows.map(({ hour }) => hour)

  it('are added up by phase when it ends, so that old experiments stay cheap to read, and take what is stored later.', async () => {
    const [first, second] = [startProcess(), startProcess()]
    await first.store.start({ ...common, leadInHours: 2, coordinate: 'Query.a', values: { l1: 30 } })
    await second.store.refresh()
    for (let hour = 0; hour < 5; hour++) {
      passed = hour * HOUR_MS + 1000
      for (const { store } of [first, second]) await store.refresh()
      first.count('a', 256, 'trial')
      second.count('a', 512)
    }
    await first.store.refresh()
    expect(await hours()).toEqual([0, 1, 2, 3])
    await first.store.close()
    await first.store.stop({ ...common, coordinate: 'Query.a' })
    expect(await hours()).toEqual([0, 2])
    await second.store.refresh()
    expect(await hours()).toEqual([0, 2, 4])
    const [ended] = await report()
    expect(ended?.reads).toEqual({ leadIn: 2 * 768, trial: 3 * 768 })
    const sums = (await readSums(read, [{ id: ended?.id ?? 0, leadInHours: 2, beforeHour: 5 }])).get(ended?.id ?? 0)
    const isHit = (bucket: number) => armOf(bucket, { trialBuckets: BUCKETS / 2 }) === 'trial'
    const ofEach = (reads: number, hits: number) => ({
      reads: new Float64Array(BUCKETS).fill(reads),
      hits: new Float64Array(BUCKETS).map((_, bucket) => (isHit(bucket) ? hits : 0)),
    })
    expect(sums).toEqual({ before: ofEach(6, 2), during: ofEach(9, 3), readsOfTrial: 9 * BUCKETS })
  })

  it('are read apart from the requests, and an unreachable database is reported as such.', async () => {
    const asked: number[] = []
    const failing = boundedReader({
      runAside: async (_, __, deadlineMs) => {
        asked.push(deadlineMs)
        throw new DatabaseUnavailableError('The connection was lost.')
      },
    })
    await expect(reportExperiments(failing, 10, 0)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(asked).toEqual([5000])
  })
})

describe('a look at an experiment', () => {
  const startedAt = '2026-11-27T10:20:00.000Z'
  const running = { startedAt, endedAt: null, leadInHours: 2 }
  const at = (hours: number, ms = 0) => Date.parse(startedAt) + hours * HOUR_MS + ms

  it('happens once for each full hour under trial, however often and whenever the report is read.', () => {
    const looks = [0, 2, 2.99, 3, 3.5, 3.99, 4, 27].map((hours) => lookAt(running, at(hours, SETTLE_MS)))
    expect(looks.map(({ number }) => number)).toEqual([0, 0, 0, 1, 1, 1, 2, 25])
    expect(looks.slice(3, 6).map(({ beforeHour, nextAt }) => [beforeHour, nextAt])).toEqual(Array(3).fill([3, at(4, SETTLE_MS)]))
    expect(lookAt(running, at(3, SETTLE_MS - 1)).number).toBe(0)
  })

  it('happens a last time when the experiment has ended, with all its data.', () => {
    const ended = (hours: number) => lookAt({ ...running, endedAt: new Date(at(hours)).toISOString() }, at(100))
    expect([1.5, 2.5, 3, 3.1].map((hours) => ended(hours).number)).toEqual([0, 1, 1, 2])
    expect(ended(2.5).beforeHour).toBeGreaterThan(1e9)
  })

  it('shows the same comparison until the next full hour, although more is counted meanwhile.', async () => {
    const process = startProcess()
    await process.store.start({ ...common, leadInHours: 0, coordinate: 'Query.a', values: { l1: 30 } })
    process.count('a', BUCKETS, 'trial')
    expect((await report())[0]).toMatchObject({ phase: 'trial', comparison: null, looks: 0 })
    passed = HOUR_MS + SETTLE_MS + 1000
    await process.store.refresh()
    const [first] = await report()
    const arm = { reads: BUCKETS / 2 }
    expect(first).toMatchObject({ looks: 1, comparison: { control: { ...arm, hitRate: 0 }, trial: { ...arm, hitRate: 1 }, points: 100 } })
    process.count('a', 10 * BUCKETS, 'control')
    passed += 20_000
    await process.store.refresh()
    const [again] = await report()
    expect(again).toEqual({ ...first, reads: { leadIn: 0, trial: 11 * BUCKETS } })
    passed += HOUR_MS
    await process.store.refresh()
    expect((await report())[0]?.comparison).not.toEqual(first?.comparison)
  })
})

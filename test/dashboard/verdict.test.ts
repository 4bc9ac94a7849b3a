import { describe, expect, it } from 'vitest'
import type { Instances, Stats } from '#src/operations/admin/contract.ts'
import { LIMITS } from '#src/operations/admin/figures/slowness.ts'
import { ALWAYS_SLOW_MS } from '../../web/src/views/fleet/limits.ts'
import { partiesOf } from '../../web/src/views/fleet/parties.ts'
import { RULES, verdictOf } from '../../web/src/views/fleet/verdict.ts'

const postgres = {
  isReachable: true,
  version: '15',
  connections: 10,
  maxConnections: 100,
  logRows: 5,
  statements: null,
  connectionWaits: null,
}
const redis = {
  isReady: true,
  isWritable: true,
  usedMemoryBytes: 10,
  maxMemoryBytes: 100,
  maxMemoryPolicy: 'allkeys-lru',
  connectedClients: 2,
  evictedKeys: 0,
  keyspaceHits: 1,
  keyspaceMisses: 1,
  commands: null,
}

const NOW = Date.UTC(2026, 2, 10, 12)

type Instance = Instances['instances'][number]

const USUAL = { count: 9000, p50Ms: 0.8, p99Ms: 4 }
const QUICK = { lastMinute: { count: 200, p50Ms: 0.9, p99Ms: 5 }, usual: USUAL }
const SLOW = { lastMinute: { count: 200, p50Ms: 48, p99Ms: 90 }, usual: USUAL }

/** Returns what a process waits for, of which some is slow. */
function waits(slow: { readonly [Name in 'redis' | 'statement' | 'connection']?: 'always' | 'median' | 'slowest' }): Partial<Instance> {
  const times = (name: keyof typeof slow) => ({ ...(slow[name] ? SLOW : QUICK), slow: slow[name] ?? null })
  return { waiting: { redis: times('redis'), statement: times('statement'), connection: times('connection'), eventLoop: QUICK } }
}

function figures(stats: Partial<Stats> = {}, ...instances: readonly Partial<Instance>[]): Parameters<typeof verdictOf> {
  const all = [{}, ...instances].map((part, index) => ({
    id: `i${index}`,
    isAlive: true,
    redis: 'up',
    lagMs: 40,
    startedAt: new Date(NOW - 3 * 60_000).toISOString(),
    eventLoopLagMs: 3,
    eventLoopUtilization: 0.2,
    ...waits({}),
    ...part,
  }))
  return [
    { lag: { nowMs: 40, worstMs: 200, boundMs: 1000 }, postgres, redis, ...stats } as Stats,
    { at: new Date(NOW).toISOString(), instances: all } as unknown as Pick<Instances, 'instances' | 'at'>,
  ]
}

function judged(...given: Parameters<typeof figures>) {
  return verdictOf(...figures(...given))
}

describe('the question "is it the database, Redis, or us?"', () => {
  it('is answered with "nothing is wrong" if all respond.', () => {
    expect(judged()).toMatchObject({ culprit: 'none', findings: [] })
    expect(judged({ redis: null }, { redis: 'none' }).culprit).toBe('none')
  })

  it('names the limits that it goes by while a process does not know what is usual.', () => {
    const usual = { count: 99, p50Ms: 0.8, p99Ms: 4 }
    const { waiting } = waits({})
    const young = { ...waiting, statement: { ...QUICK, usual, slow: null } } as Instance['waiting']
    const limits =
      'Nothing is wrong by the limits of 100 ms (p50) and 1000 ms (p99) for SQL statements, 20 ms (p50) and 200 ms (p99) for Redis commands, 100 ms of delay (p99) and 90.0 % of use for our event loops; what is usual is not known yet (3 minutes of measurements).'
    expect(judged({}, { waiting: young }).sentence).toContain(limits)
    expect(judged({}, { waiting: null }).sentence).toContain(limits)
    expect(judged().sentence).toContain('neither is slow')
    expect(judged({}, { waiting: young, redis: 'down' }).sentence).not.toContain('usual')
    for (const name of ['statement', 'redis', 'connection'] as const) expect(ALWAYS_SLOW_MS[name]).toEqual(LIMITS[name].always)
  })

  it.each<[string, ReturnType<typeof judged>]>([
    ['cannot be reached', judged({ postgres: { ...postgres, isReachable: false } })],
    ['has nearly all connections open', judged({ postgres: { ...postgres, connections: 95 } })],
  ])('is answered with the database if it %s.', (_, verdict) => {
    expect(verdict).toMatchObject({ culprit: 'database', sentence: 'It is the database.' })
  })

  it.each<[string, ReturnType<typeof judged>]>([
    ['is not connected', judged({ redis: { ...redis, isReady: false } })],
    ['is not connected to another process', judged({}, { redis: 'down' })],
    ['refuses writes', judged({ redis: { ...redis, isWritable: false } })],
    ['is full and evicts nothing', judged({ redis: { ...redis, usedMemoryBytes: 95, maxMemoryPolicy: 'noeviction' } })],
  ])('is answered with Redis if it %s.', (_, verdict) => {
    expect(verdict.culprit).toBe('Redis')
  })

  it.each<[string, ReturnType<typeof judged>]>([
    ['is behind the log by more than the bound', judged({}, { lagMs: 1200 })],
    ['does not follow the log', judged({}, { lagMs: null })],
    ['has a late event loop', judged({}, { eventLoopLagMs: 400 })],
    ['has a busy event loop', judged({}, { eventLoopUtilization: 0.93 })],
    ['stopped reporting', judged({}, { isAlive: false })],
  ])('is answered with "us", and names the process, if a process %s.', (_, verdict) => {
    expect(verdict.culprit).toBe('us')
    expect(verdict.findings[0]?.text).toContain('i1')
  })

  it('names the database first if several things are wrong, because the others follow from it.', () => {
    const verdict = judged({ postgres: { ...postgres, isReachable: false }, redis: { ...redis, isReady: false } }, { lagMs: 5000 })
    expect(verdict.findings.map(({ culprit }) => culprit)).toEqual(['database', 'Redis', 'us'])
  })

  it('does not blame Redis if a process that ended had lost it.', () => {
    expect(judged({}, { isAlive: false, redis: 'down' }).findings.map(({ culprit }) => culprit)).toEqual(['us'])
  })
})

/** Figures in which exactly one rule applies, by the name of the rule. */
const CASES: Readonly<Record<string, () => Parameters<typeof verdictOf>>> = {
  'the database cannot be reached': () => figures({ postgres: { ...postgres, isReachable: false } }),
  'the connections of the database are nearly used up': () => figures({ postgres: { ...postgres, connections: 95 } }),
  'Redis is not connected to the process that answers': () => figures({ redis: { ...redis, isReady: false } }),
  'Redis is not connected to a process': () => figures({}, { redis: 'down' }),
  'Redis refuses writes': () => figures({ redis: { ...redis, isWritable: false } }),
  'Redis is full and evicts nothing': () => figures({ redis: { ...redis, usedMemoryBytes: 95, maxMemoryPolicy: 'noeviction' } }),
  'the database is slow': () => figures({}, waits({ statement: 'median' })),
  'Redis is slow': () => figures({}, waits({ redis: 'always' })),
  'a process did not read the invalidation log': () => figures({}, { lagMs: null }),
  'the event loop of a process is late': () => figures({}, { eventLoopLagMs: 400 }),
  'the event loop of a process is busy': () => figures({}, { eventLoopUtilization: 0.9 }),
  'callers wait for a connection although the database is fast': () => figures({}, waits({ connection: 'median' })),
  'a process stopped reporting': () => figures({}, { isAlive: false }),
}

describe('Each rule of the sentence', () => {
  it('has a case in this test.', () => {
    expect(RULES.map(({ name }) => name)).toEqual(Object.keys(CASES))
  })

  it.each(RULES.map((rule) => [rule.name, rule] as const))('finds its own fault, and without it nobody would: %s.', (name, rule) => {
    const [stats, instances] = CASES[name]?.() ?? figures()
    expect(verdictOf(stats, instances)).toMatchObject({ culprit: rule.culprit, findings: [{ culprit: rule.culprit }] })
    const others = RULES.filter((one) => one !== rule)
    expect(verdictOf(stats, instances, others)).toMatchObject({ culprit: 'none', findings: [] })
  })
})

describe('Latency', () => {
  it('makes the sentence say that the database or Redis is slow, with the process, its durations and the usual ones.', () => {
    const database = judged({}, waits({ statement: 'median' }))
    expect(database.sentence).toContain('the database is slow')
    expect(database.findings[0]?.text).toBe(
      'SQL statements of i1 are slow: p50 48 ms, p99 90 ms of 200 in the last minute; usually p50 0.8 ms, p99 4 ms.',
    )
    expect(judged({}, waits({ redis: 'always' })).sentence).toContain('Redis is slow')
  })

  it('does not blame the pool if the database is slow, because callers wait for the database then.', () => {
    const { findings } = judged({}, waits({ statement: 'median', connection: 'median' }))
    expect(findings.map(({ culprit }) => culprit)).toEqual(['database'])
  })

  it('weighs less than what does not work: without Redis, the database has more to do.', () => {
    const verdict = judged({ redis: { ...redis, isReady: false } }, waits({ statement: 'median' }))
    expect([verdict.culprit, verdict.findings.map(({ isSlow }) => isSlow)]).toEqual(['Redis', [false, true]])
  })

  it('is shown with its limits for the database, Redis and us also if nothing is wrong, and says what is not known.', () => {
    const times = { ...QUICK, slow: null, instance: '0123456789' }
    const unknown = { ...times, usual: { count: 0, p50Ms: null, p99Ms: null } }
    const [stats, { instances }] = figures({ redis: { ...redis, commands: unknown }, postgres: { ...postgres, statements: times } })
    const parties = partiesOf({ findings: [] }, stats, instances)
    expect(parties.map(({ title, isFine }) => [title, isFine])).toEqual([
      ['The database', true],
      ['Redis', true],
      ['Us, the gateway', true],
    ])
    expect(parties.map(({ facts }) => facts)).toEqual([
      [
        {
          name: 'SQL statements',
          text: 'p50 0.9 ms, p99 5 ms of 200 in the last minute; usually p50 0.8 ms, p99 4 ms; limits: p50 100 ms, p99 1 s (process 01234567, the slowest)',
        },
      ],
      [
        {
          name: 'Redis commands',
          text: 'p50 0.9 ms, p99 5 ms of 200 in the last minute; not known yet what is usual; limits: p50 20 ms, p99 200 ms (process 01234567, the slowest)',
        },
      ],
      [
        {
          name: 'Event loop',
          text: 'delay 3 ms now, limit 100 ms; in the last minute p50 0.9 ms, p99 5 ms; busy 20.0 % of the last minute, limit 90.0 % (process i0, the worst)',
        },
        { name: 'Waits for a connection of the pool', text: 'none measured yet; limits: p50 100 ms, p99 1 s' },
        { name: 'Last log sync', text: '40 ms ago, limit 1 s (process i0, the latest)' },
      ],
    ])
  })

  it('blames only whom a finding names, and Redis only if there is one.', () => {
    const given = figures({ redis: null }, { eventLoopLagMs: 400, eventLoopUtilization: null })
    const parties = partiesOf(verdictOf(...given), given[0], given[1].instances)
    expect(parties.map(({ culprit, isFine }) => [culprit, isFine])).toEqual([
      ['database', true],
      ['us', false],
    ])
    expect(parties[1]?.facts[0]?.text).toMatch(
      /^delay 400 ms now, limit 100 ms; .*; how busy it is, is not known yet \(process i1, the worst\)$/,
    )
  })
})

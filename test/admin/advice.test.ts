import { readFileSync } from 'node:fs'
import { buildSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { WHOLE_KEY } from '#src/engine/cache/read/repeated-values.ts'
import { BucketCounts } from '#src/gateway/policies/experiment.ts'
import { PolicyRegistry } from '#src/gateway/policies/policy-registry.ts'
import { advise } from '#src/operations/admin/figures/advice.ts'
import type { AdviceOptions, NamedByFall, Recommendation } from '#src/operations/admin/figures/advice-options.ts'
import { missingPoints } from '#src/operations/admin/figures/missing-points.ts'
import { dependsLine, narrowerDepends } from '#src/operations/admin/figures/narrower-depends.ts'
import { recommendation } from '#src/operations/admin/schemas/figures.ts'
import { changePoliciesBody } from '#src/operations/admin/schemas/policies.ts'
import { type FieldFigures, NO_MISSES, NO_READS } from '#src/operations/telemetry/usage.ts'

const MIB = 2 ** 20
const HOUR_MS = 3_600_000

const figuresOf = (field: string, misses: Partial<FieldFigures['misses']>, more: Partial<FieldFigures> = {}): FieldFigures => ({
  row: 1,
  field,
  reads: { ...NO_READS, l1: 900, origin: 100 },
  misses: { ...NO_MISSES, ...misses },
  loads: 100,
  failedLoads: 0,
  loadMs: 100,
  savedMs: 900,
  reloads: 0,
  needlessReloads: 0,
  stored: 0,
  storedBytes: 0,
  reused: 0,
  ...more,
})
/** Another field, so that points of all reads differ from points of the reads of one field. */
const OTHER = figuresOf('Buyer', {}, { reads: { ...NO_READS, l1: 1000 } })

/** A curve on which twice the memory avoids nearly all evictions. */
const CURVE = {
  points: [
    { scale: 0.25, missRatio: 0.8 },
    { scale: 0.5, missRatio: 0.5 },
    { scale: 1, missRatio: 0.3 },
    { scale: 2, missRatio: 0.12 },
    { scale: 4, missRatio: 0.1 },
  ],
  unavoidable: 0.1,
}

function adviceFor(options: Partial<AdviceOptions>): readonly Recommendation[] {
  const ruleOf = () => ({ values: { l1: 60, l2: 300 }, depends: undefined })
  const defaults = {
    fields: [],
    tags: [],
    falls: [],
    rangeMs: HOUR_MS,
    ruleOf,
    overrideOf: () => ({}),
    shapeOf: () => undefined,
    entities: new Map(),
    simulated: { lifetimes: [], repeats: [] },
    memoryBytes: 64 * MIB,
    entryBytes: 1024,
    curve: undefined,
    processes: { alive: 1, others: [] },
    isWarming: false,
  }
  const found = advise({ ...defaults, ...options })
  for (const one of found) expect(recommendation.parse(one)).toEqual(one)
  return found
}

function advised(misses: Partial<FieldFigures['misses']>, options: Partial<AdviceOptions> = {}): readonly Recommendation[] {
  return adviceFor({ fields: [figuresOf('Query.campaigns', misses), OTHER], ...options })
}

it('No field gets a recommendation while an experiment runs on it.', () => {
  const directives = readFileSync('schema/directives.graphql', 'utf8')
  const schema = buildSchema(`${directives} enum Role { ADMIN } type Query { campaigns: Int @cache(l1: 60, l2: 300) }`, {
    assumeValidSDL: true,
  })
  const policies = new PolicyRegistry({ schema, configured: {} })
  const ruleOf = (field: string) => policies.rules.get(field)
  expect(advised({ expired: 100 }, { ruleOf }).map(({ code }) => code)).toEqual(['longer-ttl'])
  const experiment = { id: 1, coordinate: 'Query.campaigns', values: { l1: 30 }, trialBuckets: 128, isOnTrial: true }
  policies.run([{ ...experiment, counts: new BucketCounts() }])
  expect(advised({ expired: 100 }, { ruleOf })).toEqual([])
})

it('A field without a policy gets one only if nearly all values that were compared are equal.', () => {
  const codesWith = (differing: number) => {
    const repeats = [{ policy: 'Query.campaigns', part: WHOLE_KEY, loads: 100, repeated: 50, differing }]
    return advised({ 'not cacheable': 500 }, { ruleOf: () => undefined, simulated: { lifetimes: [], repeats } }).map(({ code }) => code)
  }
  expect(codesWith(0)).toEqual(['add-policy'])
  expect(codesWith(50)).toEqual([])
})

it('Narrower dependencies by an argument come with their risk, because only a person can know whether the load selects rows by it.', () => {
  const narrowed = (field: string, names: readonly string[]) =>
    narrowerDepends({ field, depends: ['Call'], type: 'Call', isUnused: false, dimensions: ['campaign_id'], arguments: names })
  expect(narrowed('Query.calls', ['campaignId'])).toMatchObject({
    depends: ['Call[campaign_id: $args.campaignId]'],
    risk: expect.stringContaining('only by the argument campaignId'),
  })
  expect(narrowed('Campaign.calls', []).risk).toBeUndefined()
})

describe('The texts of a recommendation that a reader copies', () => {
  it('double a TTL in the schema, and at run time by a body that the API accepts.', () => {
    const [one] = advised({ expired: 100 })
    expect(one?.code).toBe('longer-ttl')
    const [inSchema, atRunTime] = one?.snippets ?? []
    expect(inSchema).toEqual({ where: 'in @cache of Query.campaigns', text: 'l1: 120, l2: 600' })
    const body = changePoliciesBody.parse(JSON.parse(/ -d '(.*)'$/.exec(atRunTime?.text ?? '')?.[1] ?? ''))
    expect(body.set).toEqual([{ coordinate: 'Query.campaigns', values: { l1: 120, l2: 600 } }])
  })

  it('are a directive for a field that has no policy, and nothing for one whose triggers are at fault.', () => {
    const uncached = (type: string) =>
      advised(
        { 'not cacheable': 200 },
        { ruleOf: () => undefined, shapeOf: () => ({ arguments: [], type }), entities: new Map([['Campaign', []]]) },
      )[0]
    expect(uncached('Campaign')?.snippets).toEqual([
      { where: 'on Query.campaigns', text: '@cache(l1: 60, l2: 300, scope: TENANT, depends: ["Campaign~"])' },
    ])
    // A wrong depends would serve stale values, so a person must name it if the type is read from no table.
    expect(uncached('Totals')?.snippets).toEqual([])
    expect(uncached('Totals')?.change).toContain('Name in depends what the field is computed from.')
    expect(advised({ 'not cacheable': 200 })[0]?.snippets).toEqual([])
  })

  it('are a line of the environment if memory is too small, with the size that the miss-ratio curve shows.', () => {
    const [one] = advised({ evicted: 100 }, { curve: CURVE })
    expect(one?.snippets).toEqual([{ where: 'in the environment of each process', text: `CACHE_MEMORY_BYTES=${128 * MIB}` }])
    expect(one?.change).toBe(
      'Raise CACHE_MEMORY_BYTES from 64.0 MiB to 128.0 MiB. A simulation of this process with a sample of its keys shows 30.0 % of its reads without a copy in memory now, and 12.0 % with that size.',
    )
  })
})

describe('The gain and the cost of a recommendation are figures:', () => {
  it('a longer TTL avoids half of the expired misses, and costs the memory of what is stored for longer.', () => {
    const [one] = advised({ expired: 100 })
    expect(one?.gain.points).toBeCloseTo((100 * 50) / 2000, 10)
    expect(one?.gain.text).toContain('Up to 2.5 points of the field hit rate: 50 of 2,000 reads of all fields')
    // 100 loads an hour are stored for 60 s more in memory and for 300 s more in Redis.
    expect(one?.cost).toMatchObject({ amount: Math.round((1024 * 60) / 36) + Math.round((1024 * 300) / 36), unit: 'bytes' })
  })

  it('a longer TTL of a value without dependencies costs staleness, because no write invalidates it.', () => {
    const ruleOf = () => ({ values: { l1: 60, l2: 300 }, depends: [] })
    expect(advised({ expired: 100 }, { ruleOf })[0]?.cost).toMatchObject({ amount: 300, unit: 'seconds of staleness' })
  })

  it('memory costs what each process takes more, and gains the evictions that it avoids by the miss-ratio curve.', () => {
    const costOf = (curve: AdviceOptions['curve']) => {
      const [one] = advised({ evicted: 100 }, { curve })
      return [one?.gain.points, one?.cost.amount, one?.cost.unit]
    }
    // Of the 20 points that any memory avoids, 128 MiB avoid 18.
    expect(costOf(CURVE)).toEqual([expect.closeTo(5 * 0.9, 10), 64 * MIB, 'bytes'])
    expect(costOf({ ...CURVE, points: CURVE.points.map((point) => (point.scale === 2 ? { scale: 2, missRatio: 0.25 } : point)) })).toEqual([
      expect.closeTo(5, 10),
      192 * MIB,
      'bytes',
    ])
    expect(costOf(undefined)).toEqual([5, 64 * MIB, 'bytes'])
    // Evictions that no memory of up to four times the size avoids get no advice.
    expect(costOf({ ...CURVE, points: CURVE.points.map(({ scale }) => ({ scale, missRatio: 0.3 })) })).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('a cost that cannot be known is null, and the card says why.', () => {
    expect(advised({ expired: 100 }, { entryBytes: null })[0]?.cost).toMatchObject({
      amount: null,
      text: expect.stringContaining('not known: the memory of the process that answers is empty'),
    })
  })
})

const fall = (values: Partial<NamedByFall>): NamedByFall => ({
  field: 'Campaign.domainCount',
  cause: 'invalidated',
  write: 'mutation updateCampaign',
  tags: ['acme:Campaign:7', 'acme:Campaign~'],
  points: 12,
  reloads: 40,
  needlessReloads: 40,
  ...values,
})
const ruleOf = () => ({ values: { l1: 60, l2: 600 }, depends: ['DomainCount[campaign_id: $parent.id]', 'Campaign~'] })
/** A field whose needless reloads are a small part of its reloads in the whole range, and nearly all of them in a fall. */
const domainCount = figuresOf('Campaign.domainCount', { invalidated: 100 }, { reloads: 400, needlessReloads: 48 })

describe('The field that a fall of the hit rate names', () => {
  it('gets the line of the schema that narrows its dependencies, the points that it would gain, and what must be checked so that it costs nothing.', () => {
    const tags = [{ row: 1, field: 'Campaign.domainCount', tag: 'Campaign~', reloads: 48, needlessReloads: 48 }]
    const [one, ...more] = adviceFor({ fields: [domainCount, OTHER], tags, falls: [fall({})], ruleOf })
    expect(more).toEqual([])
    expect(one).toMatchObject({ code: 'narrower-depends', subject: 'Campaign.domainCount' })
    expect(one?.finding).toBe(
      '100.0 % of the reloads of Campaign.domainCount returned the value that had been invalidated while the field hit rate fell (12.0 % in the whole time range). They were caused by mutation updateCampaign.',
    )
    expect(one?.gain.text).toContain('In the lowest step of the fall it is up to 12.0 points.')
    expect(one?.snippets).toEqual([
      { where: 'in @cache of Campaign.domainCount, after the check', text: 'depends: ["DomainCount[campaign_id: $parent.id]"]' },
    ])
    expect(one?.gain.points).toBeCloseTo((100 * 100 * (48 / 400)) / 2000, 10)
    expect(one?.cost).toMatchObject({
      amount: null,
      unit: 'bytes',
      text: expect.stringMatching(/^None if no load reads the table of Campaign\./),
    })
  })

  it('gets none of that without the fall, so it is the fall that names it.', () => {
    expect(adviceFor({ fields: [domainCount, OTHER], ruleOf })).toEqual([])
  })

  it('gets the advice to write less often if its values were new, and reads why the cost is not known.', () => {
    const falls = [fall({ needlessReloads: 2 })]
    const [one] = adviceFor({ fields: [domainCount, OTHER], falls, ruleOf })
    expect(one).toMatchObject({
      code: 'fewer-writes',
      cost: { amount: null, text: expect.stringMatching(/^A change of the writing program; .*No figure can exist: /) },
    })
    expect(one?.gain.points).toBeCloseTo((100 * 100 * (352 / 400)) / 2000, 10)
  })

  it.each([
    ['expired', 'longer-ttl'],
    ['evicted', 'more-memory'],
    ['cold', 'warm-up'],
  ] as const)('gets advice for the cause “%s”, also if few reads have it: %s.', (cause, code) => {
    const fields = [figuresOf('Campaign.domainCount', { [cause]: 1 }), OTHER]
    expect(adviceFor({ fields }).map((one) => one.code)).toEqual([])
    expect(adviceFor({ fields, falls: [fall({ cause })] }).map((one) => one.code)).toEqual([code])
  })
})

describe('Narrower dependencies', () => {
  const figures = (needlessReloads: number) => figuresOf('Campaign.domainCount', { invalidated: 100 }, { reloads: 100, needlessReloads })
  const tag = (name: string, reloads: number, needlessReloads = reloads) => ({
    row: 1,
    field: 'Campaign.domainCount',
    tag: name,
    reloads,
    needlessReloads,
  })
  const narrower = (options: Partial<AdviceOptions>) => adviceFor({ fields: [figures(80), OTHER], ruleOf, ...options })

  it('do not help against the tag of the row itself, which stays by design: the gain leaves its reloads out, and the card says so.', () => {
    const [one] = narrower({ tags: [tag('Campaign~', 50), tag('Campaign', 30)] })
    expect(one?.gain.points).toBeCloseTo((100 * 50) / 2000, 10)
    expect(one?.gain.text).toContain(
      'A write to the Campaign itself still voids its value, because each field keeps the tag of its row by design: 30 reloads (30 needless) in this time range, which the gain leaves out.',
    )
    expect(narrower({ tags: [tag('Campaign', 80)] })).toEqual([])
  })

  it('are compared with those of all living processes.', () => {
    const tags = [tag('Campaign~', 80)]
    expect(narrower({ tags })[0]?.change).toContain('The only living process has the present dependencies.')
    expect(narrower({ tags, processes: { alive: 3, others: [] } })[0]?.change).toContain('All 3 living processes have the present')
    expect(narrower({ tags, processes: { alive: 3, others: ['0123abcd'] } })[0]?.change).toContain(
      '1 of 3 living processes has other dependencies than the one that answers (0123abcd): deploy the same schema there, and restart it.',
    )
  })

  it('that all living processes have already gain nothing more. One that has others can still gain.', () => {
    const done = { ruleOf: () => ({ values: { l1: 60 }, depends: ['DomainCount[campaign_id: $parent.id]'] }), tags: [tag('Campaign~', 80)] }
    const [one] = narrower({ ...done, processes: { alive: 2, others: [] } })
    expect(one?.change).toContain('All 2 living processes have it, so nothing is left to do.')
    expect(one?.gain).toEqual({
      points: 0,
      text: 'None is left: all living processes have the change, and these figures are older than it.',
    })
    expect(narrower({ ...done, processes: { alive: 2, others: ['0123abcd'] } })[0]?.gain.points).toBeCloseTo(4, 10)
  })
})

describe('A warm-up', () => {
  it('is advised for first reads while warming is off. While it is on, only a fall that they caused is a reason.', () => {
    expect(advised({ cold: 100 }).map(({ code }) => code)).toEqual(['warm-up'])
    expect(advised({ cold: 100 }, { isWarming: true })).toEqual([])
    const [one] = advised({ cold: 100 }, { isWarming: true, falls: [fall({ field: 'Query.campaigns', cause: 'cold' })] })
    expect([one?.change, one?.snippets]).toEqual(['Warming is on: warm up more operations with POST /warm, before the clients come.', []])
  })
})

describe('What misses cost', () => {
  const missing = (fields: readonly FieldFigures[], isWarming = false, options: Partial<AdviceOptions> = {}) =>
    missingPoints({ fields, isWarming, recommendations: adviceFor({ fields, isWarming, ...options }) })

  it('is told by cause, the most first: with the hit rate, the points add up to 100, and a card is about them or a sentence says why not.', () => {
    const field = figuresOf('Query.campaigns', { cold: 50, expired: 30, evicted: 14, invalidated: 6 })
    const found = missing([field, OTHER])
    expect(found.map(({ cause, points, covered }) => [cause, points, covered])).toEqual([
      ['cold', 2.5, 2.5],
      ['expired', 1.5, 1.5],
      ['evicted', 0.7, 0.7],
      ['invalidated', 0.3, 0],
    ])
    expect(95 + found.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(100, 10)
    expect(found[0]?.text).toBe('A card is about all of them.')
    expect(found[3]?.text).toMatch(/^No card: writes changed what these reads need/)
  })

  it('and is not advised about has a reason: first reads although warming is on, or too few points for a field.', () => {
    const few = figuresOf('Buyer.calls', { expired: 1 })
    const found = missing([figuresOf('Query.campaigns', { cold: 50, expired: 50 }), few], true)
    expect(found.map(({ cause, covered }) => [cause, covered])).toEqual([
      ['expired', 2.5],
      ['cold', 0],
    ])
    expect(found[0]?.text).toMatch(/^The other 0\.05 points: in fields that rarely read an expired value/)
    expect(found[1]?.text).toMatch(/^No card: the first reads of their keys\. Warming is on/)
  })

  it.each([
    'cold',
    'invalidated',
    'expired',
    'evicted',
    'not cacheable',
    'bypassed',
    'shed',
  ] as const)('has a card or a sentence if the cause is “%s”.', (cause) => {
    for (const count of [1, 100]) expect(missing([figuresOf('Query.campaigns', { [cause]: count })])[0]?.text).toMatch(/^.{15,}\.$/)
  })
})

describe('The order of advice', () => {
  const reads = { ...NO_READS, l1: 10, origin: 990 }

  it('is not to cache a value that is invalidated before it is used again. Then a longer TTL is not advised.', () => {
    const field = figuresOf('Campaign.bids', { invalidated: 800, expired: 190 }, { reads, loads: 3600, reloads: 800 })
    const [one, ...more] = adviceFor({ fields: [field, OTHER] })
    expect(more).toEqual([])
    expect(one).toMatchObject({ code: 'do-not-cache', gain: { points: 0 }, cost: { amount: 0.5, unit: 'points' } })
    expect(one?.gain.text).toContain('up to 60.0 KiB in the memory of all processes and 300.0 KiB in Redis')
  })

  it('is to narrow it instead, if it is invalidated needlessly.', () => {
    const field = figuresOf('Campaign.bids', { invalidated: 990 }, { reads, reloads: 990, needlessReloads: 900 })
    expect(adviceFor({ fields: [field, OTHER] }).map(({ code }) => code)).toEqual(['narrower-depends'])
  })

  it('begins with what gains most points.', () => {
    const points = advised({ expired: 300, evicted: 120, 'not cacheable': 200 }).map(({ gain }) => gain.points)
    expect(points).toEqual([10, 7.5, 6])
  })
})

describe('A dependency that is too wide', () => {
  const wide = {
    field: 'Campaign.domains',
    depends: ['Domain', 'Tld'],
    type: 'Domain',
    isUnused: false,
    dimensions: ['campaign_id', 'tld'],
    arguments: [],
  }
  const lineOf = (changes: Partial<typeof wide>) => {
    const { depends } = narrowerDepends({ ...wide, ...changes })
    return depends && dependsLine(depends)
  }

  it('gets the column that leads to the parent, and keeps its condition.', () => {
    expect(lineOf({})).toBe('depends: ["Domain[campaign_id: $parent.id]", "Tld"]')
    expect(lineOf({ depends: ['Domain unless $args.filter.status'] })).toBe(
      'depends: ["Domain[campaign_id: $parent.id] unless $args.filter.status"]',
    )
  })

  it('is removed only if no value changed because of it.', () => {
    expect(lineOf({ isUnused: true })).toBe('depends: ["Tld"]')
    expect(lineOf({ isUnused: false, dimensions: [] })).toBeUndefined()
  })

  it('is removed only after a check, because a load may read the table for an order that no write has changed yet: the cost says so.', () => {
    expect(narrowerDepends({ ...wide, isUnused: true })).toMatchObject({
      change: expect.stringMatching(/^Check whether the load of Campaign\.domains reads the table of Domain: .*UNDECLARED_DEPENDENCY/),
      risk: expect.stringMatching(/^None if no load reads the table of Domain\. Else answers out of date/),
    })
    expect(narrowerDepends(wide).risk).toBeUndefined()
    const fields = [figuresOf('Campaign.domains', { invalidated: 100 }, { reloads: 100, needlessReloads: 80 }), OTHER]
    const tags = [{ row: 1, field: 'Campaign.domains', tag: 'Domain', reloads: 80, needlessReloads: 80 }]
    const ruleOf = () => ({ values: { l1: 60 }, depends: ['Domain', 'Tld'] })
    const [one] = adviceFor({ fields, tags, ruleOf })
    expect(one?.cost).toMatchObject({ amount: null, text: expect.stringMatching(/^None if no load reads the table of Domain\./) })
    expect(one?.snippets).toEqual([{ where: 'in @cache of Campaign.domains, after the check', text: 'depends: ["Tld"]' }])
  })

  it('is left to a person if a line could make values stale: any change of a row, columns already, a root field.', () => {
    expect([lineOf({ depends: ['Domain~'] }), lineOf({ depends: ['Domain[tld: $args.tld]'] }), lineOf({ field: 'Query.domains' })]).toEqual(
      [undefined, undefined, undefined],
    )
  })
})

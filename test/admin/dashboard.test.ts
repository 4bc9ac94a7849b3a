import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { QUERY } from './calls.ts'
import { call, type Json, type Members, operator, twoTenants } from './management.ts'

const MINUTE_MS = 60_000

let database: TestDatabase
let gateway: Gateway
let own: Members
let other: Members
/** Moment of a planted drop: a whole minute. */
let storm: number

const read = async (path: string, caller = operator): Promise<Json> => {
  const { status, body } = await call(gateway.url, 'GET', path, caller)
  expect([path, status, body.errors]).toEqual([path, 200, undefined])
  return body
}
const iso = (at: number) => new Date(at).toISOString()

/** Adds figures to the history, as a process that counted them at this time would. */
async function plant(at: number, rows: readonly object[]): Promise<void> {
  const figures = rows.map((row) => ({ layer: '', cause: '', ms: 0, saved: 0, bytes: 0, ...row }))
  await database.query("select record_cache_metrics('planted at ' || $1, 1, $2, $3::jsonb, '[]'::jsonb)", [
    String(at),
    iso(at),
    JSON.stringify(figures),
  ])
}

/** Adds an applied row of the invalidation log to the history. */
async function plantRow(seq: number, at: number, cause: string, tags: readonly string[], isBroad: boolean): Promise<void> {
  const tenants = [...new Set(tags.map((tag) => tag.split(':', 1)[0]))]
  const causes = [{ cause, writes: 1, firstAt: at, lastAt: at, tagCount: tags.length }]
  await database.query(
    `insert into cache_invalidation_log (epoch, log_position, created_at, invalidation_reason, causes, entity_types, tenants, cache_keys,
      invalidated_count, is_broad) values ('planted', $1, $2, $3, $4, '{Campaign}', $5, $6, $7, $8)`,
    [seq, iso(at), cause, JSON.stringify(causes), tenants, tags, tags.length, isBroad],
  )
}

/** Returns the figures of a minute in which a share of 1000 reads and of 100 answers of each tenant were hits. */
function minuteOf(share: number): readonly object[] {
  const hits = Math.round(1000 * share)
  const cached = Math.round(100 * share)
  const answers = (subject: string, key: string) => [
    { subject, key, operation: 'answer', layer: 'l1', count: cached, ms: 0.5 * cached },
    { subject, key, operation: 'answer', layer: 'origin', count: 100 - cached, ms: 20 * (100 - cached) },
    { subject, key, operation: 'request', count: 100, ms: 500, saved: 100, bytes: 1000 },
  ]
  return [
    { subject: 'field', key: 'Query.campaigns', operation: 'hit', layer: 'l1', count: hits },
    { subject: 'field', key: 'Query.campaigns', operation: 'miss', layer: 'origin', count: 1000 - hits },
    { subject: 'field', key: 'Query.campaigns', operation: 'miss by cause', cause: 'invalidated', count: 1000 - hits },
    ...answers('operation', 'Planted'),
    ...answers('tenant', own.tenant),
    ...answers('tenant', other.tenant),
  ]
}

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  ;[own, other] = await twoTenants(database)
  storm = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 20 * MINUTE_MS
  for (let minute = -8; minute < 8; minute++) await plant(storm + minute * MINUTE_MS, minuteOf(minute < 0 ? 0.9 : 0.4))
  await plantRow(1, storm + 1000, 'mutation importCampaigns', [`${own.tenant}:Campaign*`], true)
  await plantRow(2, storm + 2000, 'mutation importCampaigns', [`${own.tenant}:Campaign*`], true)
  await plantRow(3, storm + 3000, 'program psql', [`${other.tenant}:Buyer*`], true)
  await plantRow(4, storm + 4000, 'mutation updateCampaign', [`${own.tenant}:Campaign:1`], false)
  await plantRow(5, storm + 65_000, 'system new epoch', ['*'], true)
  gateway = await startGateway({ DATABASE_URL: database.url, MANAGEMENT_RATE_LIMIT: '0' })
  for (const { admin } of [own, other]) {
    await call(gateway.url, 'POST', '/invalidate', admin, { tags: [`${admin.tenant}:Buyer:1`], reason: 'wrong name' })
    await call(gateway.url, 'POST', '/invalidate', admin, { tags: [`${admin.tenant}:Buyer:2`], dryRun: true })
    await gateway.ask(QUERY, { principal: admin })
  }
  await call(gateway.url, 'POST', '/policies', operator, { set: [{ coordinate: 'Buyer', values: { l1: 20 } }] })
})
afterAll(async () => {
  await gateway?.stop()
  await database?.drop()
})

describe('a series', () => {
  it('has a point for each step, and the sums of all processes in it.', async () => {
    const { at, points, stepMs, range } = await read('/series?window=1h')
    expect(stepMs).toBe(MINUTE_MS)
    expect(Date.parse(range.to) - Date.parse(at)).toBeGreaterThanOrEqual(0)
    expect(Date.parse(range.to) - Date.parse(at)).toBeLessThan(MINUTE_MS)
    expect(points.map(({ at }: Json) => at)).toEqual(
      Array.from({ length: points.length }, (_, index) => iso(Date.parse(range.from) + index * MINUTE_MS)),
    )
    expect(points.find(({ at }: Json) => at === iso(storm))).toMatchObject({
      requests: 100,
      answers: { l1: 40, origin: 60 },
      hitRate: 0.4,
      answersFromCache: 0.4,
      misses: { invalidated: 600, cold: 0 },
      invalidations: 4,
    })
    expect(points[0]).toMatchObject({ requests: 0, answers: {}, hitRate: null, invalidations: 0 })
  })

  it('explains a drop in a sentence that names the field, the cause and the write.', async () => {
    const { drops } = await read('/series?window=1h')
    expect(drops[0]).toMatchObject({
      at: iso(storm),
      field: 'Query.campaigns',
      cause: 'invalidated',
      write: 'mutation importCampaigns',
      rate: 'field hit rate',
      lowestAt: iso(storm),
      before: 0.9,
      after: 0.4,
    })
    expect(drops[0].sentence).toMatch(
      /^The field hit rate fell by 50\.0 points, from 90\.0 % .* to 40\.0 %.*Query\.campaigns.*mutation importCampaigns/,
    )
  })

  it('has marks of deploys, purges, policy changes, resets and bulk invalidations. A dry run, and a write of one row, leave none.', async () => {
    const { marks } = await read('/series?window=1h')
    // There is one mark for each minute of a cause, and the test may begin at the end of a minute.
    const texts = new Map(marks.map(({ kind, text, by }: Json) => [text, [kind, text, by]]))
    expect([...texts.values()]).toEqual([
      ['bulk invalidation', `mutation importCampaigns invalidated ${own.tenant}:Campaign*.`, 'mutation importCampaigns'],
      ['bulk invalidation', `program psql invalidated ${other.tenant}:Buyer*.`, 'program psql'],
      // The row with which the log begins is older than the first look at it, so only the memory of the process has it.
      ['reset', 'system new epoch invalidated everything.', 'system new epoch'],
      ['deploy', expect.stringMatching(/^Version \S+ was started\.$/), null],
      ['purge', `Purge of ${own.tenant}:Buyer:1 (wrong name).`, `${own.admin.userId} of ${own.tenant}`],
      ['purge', `Purge of ${other.tenant}:Buyer:1 (wrong name).`, `${other.admin.userId} of ${other.tenant}`],
      ['policy', 'Change of cache policies: Buyer.', `${operator.userId} of ${operator.tenant}`],
    ])
  })

  it('shows an ADMIN the answers, marks and drops of the own tenant, and nothing of others.', async () => {
    const body = await read('/series?window=1h', own.admin)
    expect(body.tenant).toBe(own.tenant)
    expect(body.points.find(({ at }: Json) => at === iso(storm))).toMatchObject({
      requests: 100,
      answersFromCache: 0.4,
      hitRate: null,
      reachableHitRate: null,
      misses: null,
      invalidations: 3,
    })
    expect(body.drops[0]).toMatchObject({ rate: 'share of answers from cache', at: iso(storm), field: null, cause: null, write: null })
    const kinds = new Set(body.marks.map(({ kind }: Json) => kind))
    expect([...kinds]).toEqual(['bulk invalidation', 'reset', 'deploy', 'purge'])
    expect(JSON.stringify(body)).not.toContain(other.tenant)
    expect(JSON.stringify(body)).not.toContain('psql')
  })

  it('of one operation or field is for an OPERATOR, and has neither marks nor drops.', async () => {
    const operation = await read('/series?window=1h&operation=Planted')
    expect(operation).toMatchObject({ marks: [], drops: [] })
    expect(operation.points.find(({ at }: Json) => at === iso(storm))).toMatchObject({
      requests: 100,
      answersFromCache: 0.4,
      hitRate: null,
      invalidations: null,
    })
    const field = await read('/series?window=1h&field=Query.campaigns')
    expect(field.points.find(({ at }: Json) => at === iso(storm))).toMatchObject({ requests: 1000, answers: { l1: 400, origin: 600 } })
    for (const [path, caller, code, item] of [
      ['/series?operation=Planted', own.admin, 'FORBIDDEN', 'operation'],
      ['/series?field=Campaign', own.admin, 'FORBIDDEN', 'field'],
      ['/series?field=Campaign&operation=Planted', operator, 'BAD_USER_INPUT', 'field'],
      [`/series?field=Campaign&tenant=${own.tenant}`, operator, 'BAD_USER_INPUT', 'tenant'],
      ['/series?window=24h&step=minute', operator, 'BAD_USER_INPUT', 'step'],
      ['/query-stats?sort=gain', operator, 'BAD_USER_INPUT', 'sort'],
    ] as const) {
      const answer = await call(gateway.url, 'GET', path, caller)
      expect([path, answer.code, answer.item]).toEqual([path, code, item])
    }
  })
})

describe('the figures', () => {
  it('have durations of all processes, rates of now, and what the processes report about themselves.', async () => {
    const latency = [
      { subject: 'latency', key: 'all', operation: 'hit', cause: '0.25', count: 9000 },
      { subject: 'latency', key: 'all', operation: 'hit', cause: '4', count: 1000 },
      { subject: 'latency', key: 'all', operation: 'miss', cause: '80', count: 500 },
    ]
    await plant(storm - 30 * MINUTE_MS, latency)
    const body = await read('/stats?window=1h')
    expect(body.latency).toMatchObject({ hitP50Ms: 0.25, hitP99Ms: 4, missP50Ms: 80 })
    expect(body.requestsPerSecond).toBeGreaterThan(0)
    expect(body).toMatchObject({ breakers: [], shadow: { violations: 0 }, instances: { alive: 1, known: 1 } })
    expect(await read('/stats?window=1h', own.admin)).toMatchObject({ latency: null, instances: { alive: 1, known: 1 } })
    const [instance] = (await read('/instances')).instances
    const measured = { lastMinute: { count: expect.any(Number), p50Ms: expect.any(Number), p99Ms: expect.any(Number) } }
    expect(instance.waiting).toMatchObject({ redis: null, statement: measured, connection: measured, eventLoop: measured })
    expect(body.postgres).toMatchObject({ statements: { instance: instance.id, ...measured }, connectionWaits: measured })
    expect(instance).toMatchObject({ breaker: null, eventLoopLagMs: expect.any(Number), shadow: { violations: 0 } })
    expect(instance.tenants.map(({ tenant }: Json) => tenant)).toContain(own.tenant)
  })

  it('of operations have their share of all misses and mean durations, in pages and by a part of the name.', async () => {
    const { operations, total } = await read('/query-stats?name=pLAN&sort=misses')
    expect(total).toBe(1)
    const [row] = operations
    expect(row).toMatchObject({ operation: 'Planted', requests: 1600, hitMs: expect.closeTo(0.5), missMs: expect.closeTo(20) })
    expect(row.layerMs).toEqual({ l1: expect.closeTo(0.5), origin: expect.closeTo(20) })
    expect(row.missShare).toBeCloseTo(0.35, 1)
    const first = await read('/query-stats?limit=1&sort=requests')
    const second = await read('/query-stats?limit=1&offset=1&sort=requests')
    expect([first.total > 1, first.operations[0].operation]).toEqual([true, 'Planted'])
    expect(second.operations[0].operation).not.toBe('Planted')
    const [field] = (await read('/query-stats?by=field&name=Query.campaigns&sort=changeRate')).fields
    expect(field.changeRate).toBeGreaterThan((8 * 600 + 8 * 100) / 63)
  })
})

it('The shares of all answers in the figures, in the rows of all operations and in the report of the fields agree with each other.', async () => {
  const [stats, { operations }, { fields }] = [
    await read('/stats'),
    await read('/query-stats?limit=200'),
    await read('/query-stats?by=field&limit=200'),
  ]
  const sumOf = (rows: readonly Json[], name: string) => rows.reduce((sum, row) => sum + row[name], 0)
  expect(stats.answersFromCache + sumOf(operations, 'missShare')).toBeCloseTo(1, 10)
  expect(stats.figures.hitRate + sumOf(fields, 'gain')).toBeCloseTo(stats.figures.reachableHitRate, 10)
  expect(await read('/stats', own.admin)).toMatchObject({ figures: { reads: 0, hitRate: null }, answersFromCache: expect.any(Number) })
})

it('The report says which share of the misses the most frequent cause has.', async () => {
  const { summary } = await read('/performance-report?window=1h')
  expect(summary).toMatch(
    /^6[45]\.\d % of 16,\d{3} reads of fields were hits, and 6[45]\.\d % could be\. (All|9\d\.\d % of) 5,6\d\d misses have the cause “invalidated”(, the largest share)?\.$/,
  )
})

describe('the keys and tags in memory', () => {
  it('are listed with their size, uses and age, and without values, and an ADMIN sees those of the own tenant.', async () => {
    const { keys, total } = await read('/keys?limit=500')
    expect(total).toBe(keys.length)
    expect(keys.map(({ bytes }: Json) => bytes)).toEqual(keys.map(({ bytes }: Json) => bytes).toSorted((a: number, b: number) => b - a))
    const campaign = keys.find(({ policy, tenant }: Json) => policy === 'Campaign' && tenant === own.tenant)
    expect(campaign).toEqual({
      key: expect.stringMatching(new RegExp(`^${own.tenant}:Campaign`)),
      policy: 'Campaign',
      tenant: own.tenant,
      arguments: expect.stringMatching(/^\[/),
      bytes: expect.any(Number),
      hits: expect.any(Number),
      ageMs: expect.any(Number),
      ttlMs: expect.any(Number),
      tags: expect.arrayContaining([own.tenant]),
    })
    const mine = await read('/keys?limit=500', own.admin)
    expect(mine.keys.length).toBeGreaterThan(0)
    expect(new Set(mine.keys.map(({ tenant }: Json) => tenant))).toEqual(new Set([own.tenant]))
    expect(JSON.stringify(mine)).not.toContain(other.tenant)
    const tagged = await read(`/keys?tag=${encodeURIComponent(`${own.tenant}:Campaign[]`)}&sort=age`)
    expect(tagged.total).toBeGreaterThan(0)
    expect(tagged.total).toBeLessThan(total)
  })

  it('can be sorted: tags by entries, bytes, hits and age.', async () => {
    const orders = { entries: 'entries', bytes: 'bytes', hits: 'hits', age: 'oldestMs' }
    for (const [sort, column] of Object.entries(orders)) {
      const { tags, isComplete } = await read(`/tags?sort=${sort}&limit=1000`)
      const values = tags.map((tag: Json) => tag[column] ?? -1)
      expect([sort, values]).toEqual([sort, values.toSorted((a: number, b: number) => b - a)])
      expect([isComplete, values.length > 3]).toEqual([true, true])
    }
  })
})

describe('an ADMIN', () => {
  it('explains no operation as an OPERATOR, who may do more.', async () => {
    const body = { operation: { query: QUERY, tenant: own.tenant, role: 'OPERATOR' } }
    const refused = await call(gateway.url, 'POST', '/key/explain', own.admin, body)
    expect([refused.code, refused.item]).toEqual(['FORBIDDEN', 'operation.role'])
    expect((await call(gateway.url, 'POST', '/key/explain', operator, body)).status).toBe(200)
  })

  it('sees no warm-ups, because they concern all tenants.', async () => {
    expect(await read('/warm', own.admin)).toMatchObject({ waiting: 0, runs: null })
    await call(gateway.url, 'POST', '/warm', operator, { operations: [{ query: QUERY, tenant: own.tenant }] })
    await expect
      .poll(async () => (await read('/warm')).runs, { timeout: 5000 })
      .toMatchObject([{ reason: 'command', warmed: 1, failed: 0 }])
  })
})

import { describe, expect, it } from 'vitest'
import { createMetrics } from '#src/operations/telemetry/metrics.ts'
import { kindOfTag } from '#src/operations/telemetry/tag-kind.ts'
import { UsageMeter } from '#src/operations/telemetry/usage-meter.ts'

function operation(name: string | null, tenant = 'acme') {
  const told = {
    requestId: 'r',
    operationName: name,
    operationHash: 'hash',
    kind: 'query',
    policyNames: ['Campaign'],
    cache: 'MISS',
    layer: 'origin',
  } as const
  return { ...told, tenant, errorCodes: [], durationMs: 2, savedMs: 0, bytes: 10 }
}

const cacheStats = () => ({ lagMs: 0, memoryEntries: 0, memoryBytes: 0, loadsInFlight: 0, peakLoads: 0, unwatched: [] })

describe('the usage figures', () => {
  it('keep 200 operations and 50 tenants, and count all others together, so that nothing is lost', () => {
    const meter = new UsageMeter()
    for (let index = 0; index < 10_000; index++) meter.onOperation(operation(`Q${index}`, `t${index}`))
    const { operations, tenants } = meter.figures()
    expect([operations.length, tenants.length]).toEqual([201, 51])
    for (const rows of [operations, tenants]) {
      expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(10_000)
      expect(rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(100_000)
    }
    expect(operations.find((row) => row.operation === 'other')?.requests).toBe(9800)
  })

  it('tell which operations read values of a policy, those with most requests first', () => {
    const meter = new UsageMeter()
    for (const name of ['A', 'B', 'B', 'C', 'C', 'C'])
      meter.onOperation({ ...operation(name), policyNames: name === 'C' ? ['Buyer'] : ['Campaign'] })
    expect(meter.readersOf('Campaign', 5)).toEqual(['B', 'A'])
    expect([meter.readersOf('Campaign', 1), meter.readersOf('Response', 1)]).toEqual([['B'], []])
  })

  it('forget the policies of names that are not used any more, so that made-up names do not fill the memory', () => {
    const meter = new UsageMeter()
    meter.onOperation(operation('First'))
    for (let index = 0; index < 1000; index++) meter.onOperation(operation(`Q${index}`))
    expect(meter.readersOf('Campaign', 500)).not.toContain('First')
    meter.onOperation(operation('First'))
    expect(meter.readersOf('Campaign', 500)).toContain('First')
  })

  it('give a row to a busy operation that comes after all rows were taken, and do not let names that are used once take rows', () => {
    const meter = new UsageMeter()
    for (let index = 0; index < 200; index++) for (let use = 0; use < 50; use++) meter.onOperation(operation(`Old${index}`))
    for (let index = 0; index < 5000; index++) meter.onOperation(operation(`Once${index}`))
    expect(meter.figures().operations.some((row) => row.operation.startsWith('Once'))).toBe(false)
    for (let index = 0; index < 1000; index++) {
      meter.onOperation(operation(`Again${index}`))
      meter.onOperation(operation('Late'))
    }
    const { operations } = meter.figures()
    expect(operations.find((row) => row.operation === 'Late')?.requests).toBe(1000 - 7)
    expect(operations.reduce((sum, { requests }) => sum + requests, 0)).toBe(200 * 50 + 5000 + 2000)
  })

  it('name an operation without a name by its hash, and count a request without an operation in the row `other`', () => {
    const meter = new UsageMeter()
    meter.onOperation(operation(null))
    meter.onRefused(undefined)
    expect(meter.figures().operations.map(({ operation, answers }) => [operation, answers.origin, answers.refused])).toEqual([
      ['other', 0, 1],
      ['hash', 1, 0],
    ])
  })

  it('are a copy, which later requests do not change', () => {
    const meter = new UsageMeter()
    meter.onOperation(operation('One'))
    const before = meter.figures()
    meter.onOperation(operation('One'))
    expect(before.operations[0]).toMatchObject({ requests: 1, answers: { origin: 1 } })
  })

  it('need the same memory after an hour of new operations, keys and tenants as after a minute', () => {
    const meter = new UsageMeter()
    const sizes: number[] = []
    for (let minute = 0; minute < 60; minute++) {
      for (let index = 0; index < 500; index++) {
        const name = `${minute}-${index % 100}`
        meter.onOperation(operation(`Q${name}`, `t${name}`))
        meter.onCacheEvent({ type: 'miss', policy: `Field${name}`, cause: 'cold', count: 1 })
        const [voidedBy, write] = [{ tag: `t:T${name}:1`, seq: 1 }, `operator ${name}`]
        meter.onCacheEvent({ type: 'reload', policy: `F${name}`, count: 1, needless: 0, loadMs: 1, voidedBy, write })
      }
      sizes.push(JSON.stringify(meter.figures()).length)
    }
    expect(Math.max(...sizes.slice(10))).toBeLessThan(1.1 * (sizes[10] as number))
  })
})

describe('the metrics of 10,000 operations, fields and tenants', () => {
  it('have a bounded number of series', async () => {
    const metrics = createMetrics({ cacheStats, redisState: undefined, others: undefined, withTenants: true })
    for (let index = 0; index < 10_000; index++) {
      const policy = `Field${index}`
      metrics.onOperation(operation(`Q${index}`, `t${index}`))
      metrics.onCacheEvent({ type: 'read', policy, layer: 'origin', count: 1, savedMs: 0 })
      metrics.onCacheEvent({ type: 'miss', policy, cause: 'cold', count: 1 })
      metrics.onCacheEvent({ type: 'reload', policy, count: 1, needless: 1, loadMs: 1, voidedBy: { tag: 't1:Campaign:1', seq: 1 } })
      metrics.onCacheEvent({ type: 'load', policy, count: 1, failed: 0, durationMs: 1 })
    }
    const { text } = await metrics.read()
    const series = text.split('\n').filter((line) => line.startsWith('tidegate_'))
    expect(series.filter((line) => line.startsWith('tidegate_requests_total')).length).toBe(201)
    expect(series.filter((line) => line.startsWith('tidegate_tenant_requests_total')).length).toBe(51)
    expect(series.filter((line) => line.startsWith('tidegate_cache_misses_total')).length).toBe(251)
    expect(series.length).toBeLessThan(8000)
  })
})

it('What a write cost is counted by write and field. Whole answers have no time of their own, and reloads without a known write are not lost.', () => {
  const meter = new UsageMeter()
  const voidedBy = { tag: 't1:Campaign:1', seq: 1 }
  const one = { type: 'reload', policy: 'Campaign', count: 2, needless: 1, loadMs: 5, voidedBy } as const
  for (const event of [one, one]) meter.onCacheEvent({ ...event, write: 'mutation updateCampaign' })
  meter.onCacheEvent({ ...one, policy: 'Response', loadMs: undefined, write: 'mutation updateCampaign' })
  meter.onCacheEvent(one)
  meter.onCacheEvent({ type: 'reload', policy: 'Campaign', count: 1, needless: 0, loadMs: 1 })
  const zero = { reloads: 0, needlessReloads: 0, loadMs: 0, answers: 0 }
  expect(meter.writes().map(({ row: _, ...figures }) => figures)).toEqual([
    { write: 'mutation updateCampaign', field: 'Campaign', reloads: 4, needlessReloads: 2, loadMs: 10, answers: 0 },
    { ...zero, write: 'mutation updateCampaign', field: 'Response', answers: 2 },
    { ...zero, write: 'system unknown', field: 'Campaign', reloads: 2, needlessReloads: 1, loadMs: 5 },
    { ...zero, write: 'system reset', field: 'Campaign', reloads: 1, loadMs: 1 },
  ])
})

it('The kind of a tag has neither the tenant nor values of rows.', () => {
  const kinds = {
    'acme:Campaign:42': 'Campaign',
    'acme:Campaign*': 'Campaign*',
    'acme:Campaign~': 'Campaign~',
    'acme:Domain[]': 'Domain[]',
    'acme:Domain[]:campaign_id=7': 'Domain[]:campaign_id',
    'acme:Domain[]:buyer_id is null': 'Domain[]:buyer_id',
    'acme:#prices': '#prices',
    acme: 'tenant',
    '*': 'everything',
    'acme:Query.campaigns@aB3:[null,{}]': 'key',
    'acme:Thing:[1]': 'key',
  }
  for (const [tag, kind] of Object.entries(kinds)) expect(kindOfTag(tag), tag).toBe(kind)
  expect(kindOfTag(undefined)).toBe('reset')
})

import { describe, expect, it } from 'vitest'
import { UsageMeter } from '#src/operations/telemetry/usage-meter.ts'

const POLICY = 'Response'

function answersOf(name: string, tenant = 'acme') {
  return { operationName: name, operationHash: `hash of ${name}`, tenant, policy: POLICY }
}

describe('the counter of an operation whose answers are at hand', () => {
  it('adds its answers to the figures of the operation, the tenant and the policy when they are read, and only once', () => {
    const durations: number[] = []
    const meter = new UsageMeter()
    const counter = meter.counterOf(answersOf('Campaigns'), (ms) => void durations.push(ms))
    counter.count(200, 0.25, 5, 100)
    counter.count(304, 0.5, 5, 0)
    for (const figures of [meter.figures(), meter.figures()]) {
      const expected = { requests: 2, durationMs: 0.75, savedMs: 10, bytes: 100, errors: 0 }
      expect(figures.operations).toMatchObject([
        { operation: 'Campaigns', hash: 'hash of Campaigns', kind: 'query', notModified: 1, ...expected },
      ])
      expect(figures.operations[0]?.answers).toMatchObject({ 'at hand': 2, l1: 0 })
      expect(figures.tenants).toMatchObject([{ tenant: 'acme', ...expected }])
      expect(figures.fields).toMatchObject([{ field: POLICY, reads: { l1: 2 }, savedMs: 10 }])
    }
    expect(meter.atHand()).toEqual({ requests: 2, notModified: 1 })
    expect(meter.shareOfHits()).toEqual({ hits: 2, answers: 2 })
    expect(durations).toEqual([0.25, 0.5])
    counter.count(200, 1, 5, 100)
    expect(meter.operations()[0]?.requests).toBe(3)
  })

  it('loses no answer if 5,000 operations are counted before anybody reads, and each of the busiest operations has a row', () => {
    const meter = new UsageMeter()
    const counters = Array.from({ length: 5000 }, (_, index) =>
      meter.counterOf(answersOf(`Query${index}`, `tenant${index % 70}`), () => undefined),
    )
    for (const [index, counter] of counters.entries()) for (let turn = 0; turn < (index < 10 ? 100 : 1); turn++) counter.count(200, 1, 1, 1)
    const sum = 4990 + 10 * 100
    for (const rows of [meter.operations(), meter.tenants()]) expect(rows.reduce((total, { requests }) => total + requests, 0)).toBe(sum)
    const named = new Set(meter.operations().map(({ operation }) => operation))
    for (let index = 0; index < 10; index++) expect(named).toContain(`Query${index}`)
    expect(named.size).toBe(201)
  })

  it('gives an operation that comes late a row if it was used often before anybody read', () => {
    const meter = new UsageMeter()
    for (let index = 0; index < 200; index++) meter.counterOf(answersOf(`Query${index}`), () => undefined).count(200, 1, 1, 1)
    expect(meter.operations()).toHaveLength(200)
    const late = meter.counterOf(answersOf('Late'), () => undefined)
    for (let turn = 0; turn < 50; turn++) late.count(200, 1, 1, 1)
    expect(meter.operations().find(({ operation }) => operation === 'Late')?.requests).toBe(50)
  })
})

import { describe, expect, it } from 'vitest'
import { advise } from '#src/operations/admin/figures/advice.ts'
import { changePoliciesBody } from '#src/operations/admin/schemas/policies.ts'
import type { FieldFigures } from '#src/operations/telemetry/usage.ts'

const MIB = 2 ** 20

function advised(misses: Partial<FieldFigures['misses']>, values: Readonly<Record<string, number>> | undefined) {
  const none = { cold: 0, invalidated: 0, expired: 0, evicted: 0, 'not cacheable': 0, bypassed: 0, shed: 0 }
  const field: FieldFigures = {
    row: 1,
    field: 'Query.campaigns',
    reads: { l1: 900, l2: 0, coalesced: 0, stale: 0, origin: 100, failed: 0 },
    misses: { ...none, ...misses },
    loads: 100,
    failedLoads: 0,
    loadMs: 100,
    savedMs: 900,
    reloads: 0,
    needlessReloads: 0,
  }
  return advise({ fields: [field], tags: [], valuesOf: () => values, memoryBytes: 64 * MIB })
}

describe('The texts of a recommendation that a reader copies', () => {
  it('double a TTL in the schema, and at run time by a body that the API accepts.', () => {
    const [one] = advised({ expired: 100 }, { l1: 60, l2: 300 })
    expect(one?.code).toBe('longer-ttl')
    const [inSchema, atRunTime] = one?.snippets ?? []
    expect(inSchema).toEqual({ where: 'in @cache of Query.campaigns', text: 'l1: 120, l2: 600' })
    const body = changePoliciesBody.parse(JSON.parse(/ -d '(.*)'$/.exec(atRunTime?.text ?? '')?.[1] ?? ''))
    expect(body.set).toEqual([{ coordinate: 'Query.campaigns', values: { l1: 120, l2: 600 } }])
  })

  it('are a directive for a field that has no policy, and nothing for one whose triggers are at fault.', () => {
    expect(advised({ 'not cacheable': 200 }, undefined)[0]?.snippets).toEqual([
      { where: 'on Query.campaigns', text: '@cache(l1: 60, l2: 300, scope: TENANT)' },
    ])
    expect(advised({ 'not cacheable': 200 }, { l1: 60 })[0]?.snippets).toEqual([])
  })

  it('are a line of the environment if memory is too small. The sentence above it has separators in its numbers.', () => {
    const [one] = advised({ evicted: 100 }, { l1: 60 })
    expect(one?.snippets).toEqual([{ where: 'in the environment of each process', text: `CACHE_MEMORY_BYTES=${128 * MIB}` }])
    expect(one?.change).toBe('Double CACHE_MEMORY_BYTES to 134,217,728 bytes.')
  })
})

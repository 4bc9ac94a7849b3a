import { describe, expect, it } from 'vitest'
import { evidenceOf, isField } from '../../web/src/views/advice/evidence.ts'
import { memoryByTenant } from '../../web/src/views/fleet/memory-by-tenant.ts'
import { EMPTY_OPERATION, explainBody, explainLine } from '../../web/src/views/keys/explain-form.ts'
import { orderOf, purgePath, readKind } from '../../web/src/views/purging/purge-form.ts'
import type { PurgeOrder } from '../../web/src/views/purging/purge-order.ts'
import { warmLine, warmSentence } from '../../web/src/views/warm-up/warm-words.ts'

describe('The form for a purge', () => {
  it.each<PurgeOrder>([
    { kind: 'tag', tag: 'acme:Campaign[]:status=ACTIVE&x' },
    { kind: 'key', key: 'acme:Campaign:["4 2"]' },
    { kind: 'pattern', pattern: 'Camp*', tenant: 'acme' },
    { kind: 'table', table: 'campaigns', tenant: undefined },
    { kind: 'tenant', tenant: 'acme' },
    { kind: 'all' },
  ])('is filled by the address of a link with exactly what the link is about: %o', (order) => {
    const fields = new URL(purgePath(order), 'http://localhost').searchParams
    const { kind, value = '', tenant = '' } = Object.fromEntries(fields)
    expect(orderOf({ kind: readKind(kind ?? ''), value, tenant })).toEqual(order)
  })

  it('is no order while it is empty, and an unknown kind in the address is a row or tag, never more.', () => {
    expect(orderOf({ kind: 'tenant', value: ' ', tenant: '' })).toBeUndefined()
    expect(readKind('everything')).toBe('tag')
    expect(readKind('toString')).toBe('tag')
  })
})

describe('The form for an explanation', () => {
  it('sends only what was filled in, and prints the command that asks the same.', () => {
    const body = explainBody({ operation: { ...EMPTY_OPERATION, query: '{ a }', variables: '{"n":1}', tenant: ' acme ' } })
    expect(body).toEqual({ operation: { query: '{ a }', role: 'VIEWER', variables: { n: 1 }, tenant: 'acme' } })
    expect(explainLine(body as Exclude<typeof body, string>)).toBe(
      `npx tidegate explain --tenant acme --role VIEWER --variables '{"n":1}' --query '{ a }'`,
    )
    expect(explainLine({ key: 'acme:A:["1"]' })).toBe(`npx tidegate explain 'acme:A:["1"]'`)
  })

  it.each([
    ['a key', { key: ' ' }],
    ['a GraphQL operation', { operation: EMPTY_OPERATION }],
    ['the variables as a JSON object', { operation: { ...EMPTY_OPERATION, query: '{ a }', variables: '[1]' } }],
    ['the variables as a JSON object', { operation: { ...EMPTY_OPERATION, query: '{ a }', variables: '{' } }],
  ])('says that %s is expected if it is missing or wrong.', (expected, question) => {
    expect(explainBody(question)).toContain(`Expected ${expected}`)
  })
})

describe('A warm-up', () => {
  it('is told in one sentence, and printed as a command.', () => {
    const done = { executed: 3, cached: 1, refused: 0, failed: 0 }
    expect(warmSentence({ isRunning: false, total: 4, done, durationMs: 1200 })).toBe(
      'Warmed 4 operations in 1.2 s: 3 executed, 1 cached before, 0 refused, 0 failed.',
    )
    expect(warmSentence({ isRunning: true, total: 1, done, durationMs: 900 })).toMatch(/^Warming 1 operation since 900 ms/)
    expect(warmLine({ hottest: 5, tenant: 'acme', reason: 'a b' })).toBe("npx tidegate warm --hottest 5 --tenant acme --reason 'a b'")
  })
})

describe('The evidence of a recommendation', () => {
  it('is told in words, with sizes as sizes.', () => {
    expect(evidenceOf({ needlessReloads: 1234, memoryBytes: 2 ** 26, tag: 'Campaign' })).toEqual([
      { name: 'needless reloads', value: '1,234' },
      { name: 'CACHE_MEMORY_BYTES', value: '64 MiB' },
      { name: 'tag', value: 'Campaign' },
    ])
    expect([isField('Query.campaigns'), isField('CACHE_MEMORY_BYTES')]).toEqual([true, false])
  })
})

describe('The memory of a tenant', () => {
  it('is summed over the processes that are alive. Older versions do not report it.', () => {
    const instances = [
      {
        isAlive: true,
        tenants: [
          { tenant: 'a', bytes: 1 },
          { tenant: 'b', bytes: 5 },
        ],
      },
      { isAlive: true, tenants: [{ tenant: 'a', bytes: 2 }] },
      { isAlive: true, tenants: null },
      { isAlive: false, tenants: [{ tenant: 'a', bytes: 100 }] },
    ]
    expect(memoryByTenant(instances)).toEqual([
      { tenant: 'b', bytes: 5 },
      { tenant: 'a', bytes: 3 },
    ])
  })
})

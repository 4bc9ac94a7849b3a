import { describe, expect, it } from 'vitest'
import type { TracedRead } from '#src/gateway/graphql/answers/trace.ts'
import type { Copy, KeyState } from '#src/operations/admin/contract.ts'
import { executionSentence, oldestSentence, wholeSentence } from '#src/operations/admin/keys/answer-sentences.ts'

const NOW = Date.UTC(2026, 10, 27, 19, 0, 12)
const write = { clock: 812, at: '2026-11-27T18:40:00.000Z', causes: ['mutation pauseCampaign'], tag: 'acme:Campaign:42' }
const copy: Copy = {
  isServed: true,
  because: 'its TTL had ended',
  ageMs: 3000,
  freshMs: 1000,
  costMs: 4,
  stamp: 800,
  tags: [],
  invalidatedBy: null,
}

function read(path: readonly (string | number)[], layer: TracedRead['layer'], ageMs: number): TracedRead {
  return { path, policy: 'User', scope: 'TENANT', layer, ageMs, ttlMs: 48_000, tags: ['acme:User:5'] }
}

function state(given: Partial<KeyState>): KeyState {
  const nothing = { memory: null, shared: null, loadingForMs: null, lastWrite: null }
  return { key: 'acme:response:1', tenant: 'acme', policy: 'Response', sentence: '', ...nothing, ...given }
}

const owner = read(['campaigns', 'nodes', 0, 'owner'], 'l1', 12_000)
const list = read(['campaigns'], 'origin', 0)

describe('The explanation of an answer', () => {
  it('begins with its oldest part: its age, when it was loaded, and that no write touched it since.', () => {
    expect(oldestSentence([list, owner], NOW)).toBe(
      'The oldest part is 12.0 s old: campaigns.nodes[0].owner (User acme:5), loaded at 2026-11-27T19:00:00.000Z; no write has touched it since.',
    )
    expect(oldestSentence([read(['a'], 'stale', 5000)], NOW)).toContain('; it is served although it is outdated.')
    expect(oldestSentence([list], NOW)).toMatch(/^Nothing of the answer is old/)
    expect(oldestSentence([], NOW)).toMatch(/^No part of the answer is read through the cache/)
  })

  it('says that it executed the operation, and which parts it loaded itself.', () => {
    expect(executionSentence([owner, list])).toBe(
      'Explaining executes the operation itself, part by part: 1 of 2 parts came from the cache, and it loaded 1 from the database (campaigns), so these are new.',
    )
    expect(executionSentence([owner])).toMatch(/: all 1 parts came from the cache, and nothing was loaded\.$/)
    const many = Array.from({ length: 7 }, (_, index) => read(['rows', index], 'origin', 0))
    expect(executionSentence(many)).toContain('(rows[0], rows[1], rows[2], rows[3], rows[4] and 2 more)')
  })

  it('says why the whole answer is not cached: never stored, dropped by a write, or not cacheable.', () => {
    expect(wholeSentence(null, 'the operation has a part without a cache policy')).toBe(
      'The answer as a whole is never cached, because the operation has a part without a cache policy.',
    )
    expect(wholeSentence(state({ memory: copy }), null)).toContain('is cached, too: it was composed 3.0 s ago.')
    expect(wholeSentence(state({ memory: { ...copy, isServed: false, invalidatedBy: write } }), null)).toBe(
      'The answer as a whole is not cached any more: its copy was dropped by mutation pauseCampaign at 2026-11-27T18:40:00.000Z (tag acme:Campaign:42, log position 812).',
    )
    expect(wholeSentence(state({ memory: { ...copy, isServed: false } }), null)).toContain('not served from the cache: its TTL had ended.')
    expect(wholeSentence(state({ lastWrite: write }), null)).toContain('no request has stored it since mutation pauseCampaign at')
    expect(wholeSentence(state({}), null)).toContain('since this process remembers writes, or its copy was dropped to make room.')
  })
})

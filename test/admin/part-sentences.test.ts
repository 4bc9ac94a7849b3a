import { describe, expect, it } from 'vitest'
import type { TracedRead } from '#src/gateway/graphql/answers/trace.ts'
import { pathText, subjectOf } from '#src/operations/admin/keys/part-names.ts'
import { copySentence, partSentence } from '#src/operations/admin/keys/part-sentences.ts'

const NOW = Date.UTC(2026, 10, 27, 19, 0, 12)
const facts = { now: NOW, stalenessBoundMs: 1000 }
const write = { clock: 812, at: '2026-11-27T18:40:00.000Z', causes: ['mutation pauseCampaign'], tag: 'acme:Campaign:42' }

function read(given: Partial<TracedRead>): TracedRead {
  return {
    path: ['campaign'],
    policy: 'Campaign',
    scope: 'TENANT',
    layer: 'l1',
    ageMs: 12_000,
    ttlMs: 48_000,
    costMs: 11.3,
    tags: [],
    ...given,
  }
}

const sentence = (given: Partial<TracedRead>, lastWrite: typeof write | null = write) => partSentence(read(given), lastWrite, facts)

describe('The sentence of a part', () => {
  it('says of a cached copy when it was loaded, that no write touched it since, and when it ends.', () => {
    expect(sentence({})).toBe(
      'It is 12.0 s old, because it was loaded at 2026-11-27T19:00:00.000Z, which took 11 ms, and since then no write touched its tags. ' +
        'It stays for 48.0 s more, or until a write touches one of its tags: then no process serves it for longer than the staleness bound, 1.0 s.',
    )
    expect(sentence({ layer: 'l2', reason: 'it is refreshed early' })).toMatch(/ Also: it is refreshed early\.$/)
    expect(sentence({ until: NOW + 5000 })).toContain('At 2026-11-27T19:00:17.000Z it changes without a write.')
    expect(sentence({ ttlMs: 0, reason: 'it is reloaded in the background' })).toContain(
      'Its TTL has ended: it is reloaded in the background.',
    )
  })

  it.each([
    ['cold', 'this process had no copy of it'],
    ['expired', 'the TTL of its copy had ended'],
    ['evicted', 'its copy had been dropped to make room'],
    ['bypassed', 'the cache was bypassed'],
    ['invalidated', 'a write had invalidated its copy: mutation pauseCampaign at'],
  ] as const)('says of a loaded value why it was loaded: %s.', (cause, words) => {
    expect(sentence({ layer: 'origin', ageMs: 0, cause })).toContain(`It was loaded from the database just now, because ${words}`)
    expect(sentence({ layer: 'coalesced', ageMs: 0, cause })).toContain(`another request that wanted it, too, because ${words}`)
  })

  it('says why a value is never cached, and since when and why a stale one may be out of date.', () => {
    expect(sentence({ layer: 'uncached', reason: 'the field has no @cache' })).toBe(
      'It is read from the database for each request, because the field has no @cache.',
    )
    expect(sentence({ layer: 'stale', staleSince: NOW - 3000, reason: 'the database cannot be reached' })).toBe(
      'It may be out of date since 2026-11-27T19:00:09.000Z, because the database cannot be reached. It was loaded at 2026-11-27T19:00:00.000Z.',
    )
  })
})

it('The sentence of a key says where it is, when it was loaded, which write was the last before, and for how long it stays.', () => {
  const copy = { isServed: true, because: 'fresh', ageMs: 12_000, freshMs: 48_000, costMs: 2, stamp: 9, tags: [], invalidatedBy: null }
  expect(copySentence(copy, 'Redis', write, facts)).toMatch(
    /^Served from Redis\. It is 12\.0 s old, because it was loaded at \S+, which took 2\.0 ms, .* The last one before was mutation pauseCampaign .* It stays for 48\.0 s more/,
  )
  expect(copySentence(copy, 'Redis', null, facts)).toContain('This process remembers none before, either.')
})

describe('A part of an answer', () => {
  it('is named by its path with indexes.', () => {
    expect(pathText(['campaigns', 'nodes', 3, 'domainCount'])).toBe('campaigns.nodes[3].domainCount')
    expect(pathText([])).toBe('')
  })

  it('is named by the row that it is or belongs to. A list, or a part of another type, belongs to no row.', () => {
    const tags = ['acme', 'acme:#prices', 'acme:Campaign:42', 'acme:Domain[]:campaignId=42', 'acme:Campaign:43']
    expect(subjectOf('Campaign.domainCount', tags)).toBe('Campaign acme:42')
    expect(subjectOf('Campaign', tags)).toBe('Campaign acme:42')
    expect(subjectOf('Tld', ['public', 'public:Tld:co:uk'])).toBe('Tld public:co:uk')
    expect(subjectOf('Query.campaigns', tags)).toBeNull()
    expect(subjectOf('Domain', tags)).toBeNull()
  })
})

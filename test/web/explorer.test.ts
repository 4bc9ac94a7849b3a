import { describe, expect, it } from 'vitest'
import {
  type AnswerReport,
  groupReads,
  type Layer,
  parseServerTiming,
  type ReadReport,
  reportOf,
  summaryOf,
  wholeAnswerOf,
} from '../../web/src/explorer/cache-report.ts'
import { firstRequest } from '../../web/src/explorer/first-request.ts'
import { withoutHeaders } from '../../web/src/explorer/storage-without-headers.ts'

const read = (layer: Layer, path: ReadReport['path'], more: Partial<ReadReport> = {}): ReadReport => ({
  path,
  policy: 'Campaign',
  scope: 'TENANT',
  layer,
  ageMs: 1000,
  ttlMs: 5000,
  tags: ['acme/Campaign:1'],
  ...more,
})

const report = (fields: readonly ReadReport[] | undefined, more: Partial<AnswerReport> = {}): AnswerReport => ({
  operation: 'List',
  status: 200,
  durationMs: 3,
  verdict: 'HIT',
  cacheStatus: undefined,
  steps: [],
  stale: undefined,
  cache: fields && { response: null, fields },
  hasToken: false,
  ...more,
})

describe('The panel of the explorer', () => {
  it('groups the reads of all items of a list, with the oldest age, the shortest TTL and the layers.', () => {
    const groups = groupReads([
      read('l1', ['campaigns'], { policy: 'Query.campaigns' }),
      read('l1', ['campaigns', 'nodes', 0], { ageMs: 10, ttlMs: 900 }),
      read('l1', ['campaigns', 'nodes', 1]),
      read('origin', ['campaigns', 'nodes', 2], { ageMs: 0 }),
      read('l2', ['campaigns', 'nodes', 0, 'owner'], { policy: 'User' }),
    ])
    expect(groups.map(({ path, policy }) => [path, policy])).toEqual([
      ['campaigns', 'Query.campaigns'],
      ['campaigns.nodes[]', 'Campaign'],
      ['campaigns.nodes[].owner', 'User'],
    ])
    expect(groups[1]).toMatchObject({
      oldestMs: 1000,
      leastTtlMs: 900,
      layers: [
        { layer: 'l1', count: 2 },
        { layer: 'origin', count: 1 },
      ],
    })
  })

  it.each<[string, AnswerReport, string]>([
    [
      'a hit',
      report([read('l1', ['a']), read('l1', ['b']), read('l2', ['c'])]),
      'A hit: 3 values, 2 from memory, 1 from Redis. Nothing was read from the database.',
    ],
    ['a miss', report([read('origin', ['a'])]), 'A miss: 1 value, 1 from the database.'],
    [
      'a miss in part',
      report([read('l1', ['a']), read('origin', ['b'])]),
      'A miss in part: 1 of 2 values came from the cache; 1 from memory, 1 from the database.',
    ],
    [
      'a stale answer',
      report([read('stale', ['a'])], { stale: { reason: 'the source failed', since: '2026-03-01T08:30:00.000Z' } }),
      'This may be out of date since 2026-03-01T08:30:00.000Z: the source failed.',
    ],
    [
      'a mutation',
      report([], { hasToken: true }),
      'This write gave the page a consistency token. Every instance now shows you what you wrote.',
    ],
    ['a live query that has ended', report([], { liveResults: 1, isOver: true }), 'The live query has ended after 1 result.'],
    [
      'an answer without debug output',
      report(undefined),
      'The gateway does not tell where values come from, because CACHE_DEBUG is off. X-Cache: HIT.',
    ],
  ])('says in one sentence where the values came from: %s.', (_, answer, sentence) => {
    expect(summaryOf(answer)).toBe(sentence)
  })

  it('says whether the whole answer is cached, and at which position of the invalidation log.', () => {
    const copy = { isServed: true, because: 'it is fresh', ageMs: 1, freshMs: 2, stamp: 41 }
    expect(wholeAnswerOf({ clock: 42, lagMs: 1, memory: copy })).toBe(
      'Without debug output this answer would come whole from memory, cached at log position 41.',
    )
    expect(wholeAnswerOf({ clock: 42, lagMs: 1, shared: { ...copy, isServed: false, because: 'its TTL has ended' } })).toBe(
      'The whole answer is cached, and not served: its TTL has ended.',
    )
    expect(wholeAnswerOf({ clock: 42, lagMs: 1 })).toMatch(/^The whole answer is not cached here yet/)
  })

  it('reads headers and extensions of an answer, and the durations in Server-Timing.', () => {
    const header = 'plan;dur=0.80;desc="parse, validate and plan", db;dur=2.30;desc="2 statements", total;dur=5'
    expect(parseServerTiming(header)).toEqual([
      { name: 'plan', ms: 0.8, description: 'parse, validate and plan' },
      { name: 'db', ms: 2.3, description: '2 statements' },
      { name: 'total', ms: 5, description: '' },
    ])
    expect(parseServerTiming(null)).toEqual([])
    const headers = new Headers({ 'x-cache': 'MISS', 'server-timing': header })
    expect(reportOf('List', { status: 200, headers }, { consistencyToken: 'x' }, 4)).toMatchObject({
      verdict: 'MISS',
      hasToken: true,
      cache: undefined,
    })
  })

  it('begins with a query for everybody if the page contains no access token, and otherwise puts the token into a header.', () => {
    expect(firstRequest('')).toMatchObject({ headers: '', query: expect.stringContaining('tlds') })
    const { query, headers } = firstRequest('secret')
    expect(query).toContain('campaigns')
    expect(JSON.parse(headers)).toEqual({ authorization: 'Bearer secret' })
  })

  it('keeps the headers of requests out of what the browser stores, at any depth, and keeps other texts as they are.', () => {
    const history = JSON.stringify({ queries: [{ query: '{ a }', headers: '{"authorization":"Bearer secret"}' }] })
    expect(JSON.parse(withoutHeaders(history))).toEqual({ queries: [{ query: '{ a }' }] })
    expect(withoutHeaders('# a query, not JSON: headers')).toBe('# a query, not JSON: headers')
  })
})

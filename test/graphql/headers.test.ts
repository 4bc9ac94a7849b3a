import { describe, expect, it } from 'vitest'
import { type Answer, storageHeaders } from '../../src/graphql/cache-control.ts'
import type { OperationPlan } from '../../src/graphql/document-plan.ts'
import type { TracedRead } from '../../src/graphql/trace.ts'
import { at, startTinyGateway, viewer } from './tiny-gateway.ts'
import { TinyStore } from './tiny-module.ts'

const PLAN: OperationPlan = {
  kind: 'query',
  maxAge: 60,
  isPublic: true,
  staleWhileRevalidate: 30,
  staleIfError: 300,
  introspection: false,
  isStrict: false,
  browser: 0,
  scope: 'PUBLIC',
  policy: undefined,
  namespace: 'response@',
  id: 'an operation',
  variableNames: [],
  cost: () => 1,
}
const NOTHING_READ = { tags: new Set<string>(), isPrivate: false }
const COUNTS = { l1: 1, l2: 0, coalesced: 0, stale: 0, origin: 0, uncached: 0 }

function answer(plan: Partial<OperationPlan>, changes: Partial<Omit<Answer, 'plan'>> = {}): Answer {
  return {
    plan: { ...PLAN, ...plan },
    trace: { leastTtlMs: 600_000, uncacheableReason: undefined, counts: COUNTS, ...NOTHING_READ },
    failed: false,
    authenticated: true,
    personal: false,
    ...changes,
  }
}

const trace = (changes: Partial<Answer['trace']>): Partial<Answer> => ({
  trace: { leastTtlMs: 600_000, uncacheableReason: undefined, counts: COUNTS, ...NOTHING_READ, ...changes },
})
const FULL = 'public, max-age=0, s-maxage=60, stale-while-revalidate=30, stale-if-error=300'

describe('who may store an answer', () => {
  const table: readonly (readonly [title: string, answer: Answer, cacheControl: string])[] = [
    ['anybody, what is public', answer({}), FULL],
    ['anybody, what is public, whoever asked', answer({}, { authenticated: false }), FULL],
    ['no longer than the shortest-lived part', answer({}, trace({ leastTtlMs: 12_900 })), FULL.replace('s-maxage=60', 's-maxage=12')],
    ['nobody, what ends within a second', answer({}, trace({ leastTtlMs: 900 })), 'no-store'],
    [
      'without stale rules, where the policy has none',
      answer({ staleWhileRevalidate: 0, staleIfError: 0 }),
      'public, max-age=0, s-maxage=60',
    ],
    ['the caller, what is private', answer({ isPublic: false }), 'private, no-cache'],
    ['nobody, what is private and of no known caller', answer({ isPublic: false }, { authenticated: false }), 'private, no-store'],
    ['nobody, a mutation', answer({ kind: 'mutation' }), 'no-store'],
    ['nobody, an answer with errors', answer({}, { failed: true }), 'no-store'],
    ['nobody, an answer with errors, private', answer({ isPublic: false }, { failed: true }), 'no-store'],
    ['nobody, a stale answer', answer({}, trace({ counts: { ...COUNTS, stale: 1 } })), 'no-store'],
    ['nobody, what was loaded past the cache', answer({ isPublic: false }, trace({ uncacheableReason: 'Query.lucky' })), 'no-store'],
    ['nobody, what has no policy', answer({ maxAge: 0 }), 'no-store'],
    ['nobody, introspection', answer({ introspection: true, maxAge: Number.POSITIVE_INFINITY }), 'no-store'],
    ['nobody, what carries debugging', answer({}, { personal: true }), 'no-store'],
    ['nobody, what could not be planned', { ...answer({}), plan: undefined }, 'no-store'],
  ]
  it.each(table)('%s', (_title, given, cacheControl) => {
    expect(storageHeaders(given)['cache-control']).toBe(cacheControl)
  })

  it('tells caches in between, of what is public, and of nothing else', () => {
    const targeted = 'max-age=60, stale-while-revalidate=30'
    expect(storageHeaders(answer({}))).toMatchObject({ 'cdn-cache-control': targeted, 'surrogate-control': targeted })
    for (const given of [answer({ isPublic: false }), answer({}, { failed: true }), answer({ kind: 'mutation' })])
      expect(Object.keys(storageHeaders(given)).toSorted()).toEqual(['cache-control', 'vary'])
  })

  it('varies by who asks unless it is public', () => {
    expect(storageHeaders(answer({})).vary).toBe('Accept, Accept-Encoding, Origin')
    expect(storageHeaders(answer({ isPublic: false })).vary).toBe('Accept, Accept-Encoding, Authorization, Origin')
  })
})

describe('the headers of answers', () => {
  const store = () => {
    const store = new TinyStore()
    store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'one' })
    store.written = []
    return store
  }
  const table: readonly (readonly [query: string, cacheControl: RegExp, again: string])[] = [
    ['{ words { nodes { name letters } } }', /^public, max-age=0, s-maxage=(60|59), stale-while-revalidate=10, stale-if-error=300$/, 'HIT'],
    ['{ word(name: "call") { name } }', /^public, max-age=0, s-maxage=(60|59), stale-while-revalidate=10, stale-if-error=300$/, 'HIT'],
    ['{ words { nodes { name } } note(id: "1") { text } }', /^private, no-cache$/, 'HIT'],
    ['{ node(id: "1") { id ... on Note { text length } } }', /^private, no-cache$/, 'HIT'],
    ['{ tools { version } }', /^private, no-cache$/, 'HIT'],
    ['query A { ...F } fragment F on Query { note(id: "1") { ...G } } fragment G on Note { length }', /^private, no-cache$/, 'HIT'],
    ['{ lucky }', /^no-store$/, 'MISS'],
    ['{ raw }', /^no-store$/, 'MISS'],
    ['{ note(id: "1") { text } lucky }', /^no-store$/, 'MISS'],
    ['{ fails(how: "sql") }', /^no-store$/, 'BYPASS'],
    ['{ __typename }', /^no-store$/, 'BYPASS'],
    ['{ __schema { queryType { name } } }', /^no-store$/, 'BYPASS'],
    ['mutation { setText(id: "1", text: "x") { id } }', /^no-store$/, 'BYPASS'],
    ['{ nonsense }', /^no-store$/, 'BYPASS'],
  ]
  it.each(table)('%s', async (query, cacheControl, again) => {
    await using gateway = await startTinyGateway({ store: store() })
    const first = await gateway.ask(query, { viewer: viewer('t1', 'ADMIN') })
    expect(first.headers.get('cache-control')).toMatch(cacheControl)
    const second = await gateway.ask(query, { viewer: viewer('t1', 'ADMIN') })
    expect(second.headers.get('cache-control')).toMatch(cacheControl)
    expect(second.headers.get('x-cache')).toBe(again)
  })

  it('tell in Cache-Status whether the answer was stored, found or bypassed', async () => {
    await using gateway = await startTinyGateway({ store: store() })
    const status = async (query: string) => (await gateway.ask(query, { viewer: viewer('t1', 'EDITOR') })).headers.get('cache-status')
    expect(await status('{ note(id: "1") { text } }')).toMatch(/^tidegate; fwd=miss; stored; ttl=(60|59)$/)
    expect(await status('{ note(id: "1") { text } }')).toMatch(/^tidegate; hit; ttl=(60|59)$/)
    expect(await status('{ lucky }')).toBe('tidegate; fwd=miss')
    expect(await status('mutation { setText(id: "1", text: "x") { id } }')).toBe('tidegate; fwd=bypass')
  })

  it('say that a load was shared, when another request had begun it', async () => {
    await using gateway = await startTinyGateway({ store: store() })
    const answers = await Promise.all([1, 2, 3].map(() => gateway.ask('{ note(id: "1") { text } }', { viewer: viewer('t1') })))
    expect(gateway.store.loadsOf('Note')).toBe(1)
    expect(answers.map(({ headers }) => headers.get('cache-status')).sort()[0]).toBe('tidegate; fwd=miss; collapsed')
  })
})

describe('debugging', () => {
  it('tells for every path the policy, the layer, the age, what is left to live, and the tags', async () => {
    await using gateway = await startTinyGateway()
    const { store } = gateway
    store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'one' })
    const query = '{ notes(folder: "in") { nodes { text length } } lucky }'
    await gateway.ask(query, { viewer: viewer('t1') })
    const { extensions, headers } = await gateway.ask(query, {
      viewer: viewer('t1'),
      debug: true,
      headers: { 'apollo-cache-debugging': 'true' },
    })
    const fields = at(extensions, 'cache', 'fields') as readonly TracedRead[]
    expect(fields.map(({ path, policy, layer }) => [path.join('.'), policy, layer]).sort()).toEqual([
      ['lucky', 'Query.lucky', 'uncached'],
      ['notes', 'Query.notes', 'l1'],
      ['notes.nodes', 'Note', 'l1'],
      ['notes.nodes.0.length', 'Note.length', 'l1'],
    ])
    const row = fields.find(({ policy }) => policy === 'Note')
    expect(row?.tags).toContain('t1:Note:1')
    expect(row?.ttlMs).toBeGreaterThan(50_000)
    expect(fields.find(({ policy }) => policy === 'Query.lucky')?.reason).toBe('the field has no @cache')
    expect([headers.get('x-cache-hits'), headers.get('x-cache-misses'), headers.get('cache-control')]).toEqual(['3', '1', 'no-store'])
  })

  it('tells nothing where it is not asked for, or not allowed', async () => {
    await using gateway = await startTinyGateway()
    const silent = await gateway.ask('{ lucky }', { viewer: viewer('t1'), debug: true })
    const forbidden = await gateway.ask('{ lucky }', { viewer: viewer('t1'), headers: { 'x-cache-debug': '1' } })
    for (const { extensions, headers } of [silent, forbidden]) expect([extensions, headers.has('x-cache-hits')]).toEqual([{}, false])
  })
})

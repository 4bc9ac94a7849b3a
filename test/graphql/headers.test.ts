import { cacheControlFromInfo } from '@apollo/cache-control-types'
import type { GraphQLResolveInfo } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Module } from '#src/gateway/contract/module.ts'
import { type Answer, storageHeaders } from '#src/gateway/graphql/answers/cache-control.ts'
import type { TracedRead } from '#src/gateway/graphql/answers/trace.ts'
import type { OperationPlan } from '#src/gateway/graphql/document/document-plan.ts'
import type { CacheHint } from '#src/gateway/graphql/schema/hint-policy.ts'
import { surrogateKeys } from '#src/gateway/responses/surrogate-keys.ts'
import { at, startTinyGateway, viewer } from './tiny-gateway.ts'
import { TinyStore } from './tiny-module.ts'

const PLAN: OperationPlan = {
  version: 1,
  kind: 'query',
  hint: { maxAge: 60, scope: 'PUBLIC' },
  fieldHints: [],
  policyNames: [],
  staleWhileRevalidate: 30,
  staleIfError: 300,
  introspection: false,
  isStrict: false,
  isLive: false,
  browser: 0,
  cdn: undefined,
  scope: 'PUBLIC',
  policy: undefined,
  namespace: 'response@',
  id: 'an operation',
  variableNames: [],
  cost: () => 1,
}
const COUNTS = { l1: 1, l2: 0, coalesced: 0, stale: 0, origin: 0, uncached: 0 }

interface Changes extends Partial<Omit<Answer, 'plan' | 'trace' | 'hint'>> {
  readonly plan?: Partial<OperationPlan>
  readonly hint?: CacheHint
  readonly trace?: Partial<Answer['trace']>
}

function answer({ plan, trace, ...changes }: Changes): Answer {
  return {
    plan: { ...PLAN, ...plan },
    hint: PLAN.hint,
    trace: { leastTtlMs: 600_000, uncacheableReason: undefined, counts: COUNTS, tags: new Set(), ...trace },
    failed: false,
    authenticated: true,
    personal: false,
    overtaken: false,
    ...changes,
  }
}

const PUBLIC_VARY = { vary: 'Accept, Accept-Encoding, Origin' }
const PRIVATE_VARY = { vary: 'Accept, Accept-Encoding, Authorization, Origin' }
const shared = (cacheControl: string, targeted: string) => ({
  'cache-control': cacheControl,
  'cdn-cache-control': targeted,
  'surrogate-control': targeted,
  'surrogate-key': 'public',
  'cache-tag': 'public',
  ...PUBLIC_VARY,
})
const FULL = shared(
  'public, max-age=0, s-maxage=60, stale-while-revalidate=30, stale-if-error=300',
  'max-age=60, stale-while-revalidate=30',
)
const lasting = (seconds: number) =>
  shared(
    `public, max-age=0, s-maxage=${seconds}, stale-while-revalidate=30, stale-if-error=300`,
    `max-age=${seconds}, stale-while-revalidate=30`,
  )
const NOBODY = { 'cache-control': 'no-store', ...PUBLIC_VARY }
const NOBODY_OF_MANY = { 'cache-control': 'no-store', ...PRIVATE_VARY }
const ONLY_BROWSERS = {
  'cache-control': 'private, no-cache',
  'cdn-cache-control': 'no-store',
  'surrogate-control': 'no-store',
  ...PUBLIC_VARY,
}
const CALLER = { 'cache-control': 'private, no-cache', ...PRIVATE_VARY }
const TENANT = { plan: { scope: 'TENANT' }, hint: { maxAge: 60, scope: 'PRIVATE' } } as const

describe('the cache headers that are computed from the cache hint and the values of an answer:', () => {
  const table: readonly (readonly [title: string, changes: Changes, headers: Readonly<Record<string, string>>])[] = [
    // The cache hint of the answer, and the scope of its @cache and @auth.
    ['A PUBLIC hint and the scope PUBLIC let every cache store the answer.', {}, FULL],
    ['A hint without a scope counts as PUBLIC.', { hint: { maxAge: 60 } }, FULL],
    ['A PRIVATE hint makes even an answer of scope PUBLIC private.', { hint: { maxAge: 60, scope: 'PRIVATE' } }, CALLER],
    ['A PRIVATE hint and the scope TENANT make the answer private.', TENANT, CALLER],
    ['A PUBLIC hint does not make an answer of scope TENANT public.', { plan: { scope: 'TENANT' } }, CALLER],
    ['A PUBLIC hint does not make an answer of scope ROLE public.', { plan: { scope: 'ROLE' } }, CALLER],
    ['A PUBLIC hint does not make an answer of scope USER public.', { plan: { scope: 'USER' } }, CALLER],
    ['A hint without maxAge prevents every cache from storing the answer.', { hint: { scope: 'PUBLIC' } }, NOBODY],
    ['An empty hint prevents every cache from storing the answer.', { hint: {} }, NOBODY],
    ['A maxAge of 0 prevents every cache from storing the answer.', { hint: { maxAge: 0, scope: 'PUBLIC' } }, NOBODY],
    [
      'A maxAge of 0 prevents every cache from storing a private answer.',
      { ...TENANT, hint: { maxAge: 0, scope: 'PRIVATE' } },
      NOBODY_OF_MANY,
    ],
    ['A maxAge below 0 prevents every cache from storing the answer.', { hint: { maxAge: -1 } }, NOBODY],
    ['A shorter maxAge set by a resolver replaces the maxAge of the plan.', { hint: { maxAge: 7, scope: 'PUBLIC' } }, lasting(7)],
    ['A longer maxAge set by a resolver replaces the maxAge of the plan.', { plan: { hint: { maxAge: 0 } } }, FULL],
    // The remaining TTL of the values in the answer.
    ['The max-age of an answer is at most the remaining TTL of its shortest-lived value.', { trace: { leastTtlMs: 12_900 } }, lasting(12)],
    [
      'The max-age of an answer is at most its hint, however long its values live.',
      { trace: { leastTtlMs: Number.POSITIVE_INFINITY } },
      FULL,
    ],
    ['No cache stores a public answer that expires within a second.', { trace: { leastTtlMs: 900 } }, NOBODY],
    ['No cache stores a public answer that has expired.', { trace: { leastTtlMs: 0 } }, NOBODY],
    ['No cache stores a private answer that has expired.', { ...TENANT, trace: { leastTtlMs: 0 } }, NOBODY_OF_MANY],
    ['The browser revalidates a private answer that expires within a second.', { ...TENANT, trace: { leastTtlMs: 900 } }, CALLER],
    // What caches may do with an expired copy.
    [
      'Without a stale time in its policy, an answer has neither stale-while-revalidate nor stale-if-error.',
      { plan: { staleWhileRevalidate: 0, staleIfError: 0 } },
      shared('public, max-age=0, s-maxage=60', 'max-age=60'),
    ],
    [
      'Without stale-while-revalidate in its policy, an answer has this directive in no header.',
      { plan: { staleWhileRevalidate: 0 } },
      shared('public, max-age=0, s-maxage=60, stale-if-error=300', 'max-age=60'),
    ],
    [
      'Without stale-if-error in its policy, an answer lacks only this directive.',
      { plan: { staleIfError: 0 } },
      shared('public, max-age=0, s-maxage=60, stale-while-revalidate=30', 'max-age=60, stale-while-revalidate=30'),
    ],
    // The headers for CDNs.
    [
      'A CDN stores an answer for the cdn duration of its policy, and other shared caches for the maxAge of its hint.',
      { plan: { cdn: 400 } },
      shared(FULL['cache-control'], 'max-age=400, stale-while-revalidate=30'),
    ],
    [
      'A CDN stores an answer at most for the remaining TTL of its values.',
      { plan: { cdn: 400 }, trace: { leastTtlMs: 100_500 } },
      shared(FULL['cache-control'], 'max-age=100, stale-while-revalidate=30'),
    ],
    [
      'A CDN does not store an answer if the cdn duration of the policy is 0.',
      { plan: { cdn: 0 } },
      shared(FULL['cache-control'], 'no-store'),
    ],
    // The max-age for browsers.
    [
      'A browser may use a public copy for the browser duration of the policy.',
      { plan: { browser: 20 } },
      { ...FULL, 'cache-control': FULL['cache-control'].replace('max-age=0', 'max-age=20') },
    ],
    [
      'A browser may not use a public copy for longer than shared caches may.',
      { plan: { browser: 90 } },
      { ...FULL, 'cache-control': FULL['cache-control'].replace('max-age=0', 'max-age=60') },
    ],
    [
      'A browser may use a private copy for the browser duration of the policy.',
      { ...TENANT, plan: { scope: 'TENANT', browser: 20 } },
      { ...CALLER, 'cache-control': 'private, max-age=20' },
    ],
    [
      'A browser may not use a private copy for longer than the remaining TTL of its values.',
      { ...TENANT, plan: { scope: 'TENANT', browser: 20 }, trace: { leastTtlMs: 3500 } },
      { ...CALLER, 'cache-control': 'private, max-age=3' },
    ],
    // Anonymous callers.
    ['A public answer has the same headers for a caller without an access token.', { authenticated: false }, FULL],
    [
      'No cache stores a private answer for a caller without an access token.',
      { ...TENANT, authenticated: false },
      { ...CALLER, 'cache-control': 'private, no-store' },
    ],
    // Answers that no cache may store, whatever their hint says.
    ['No cache stores the answer to a mutation.', { ...TENANT, plan: { kind: 'mutation', scope: 'TENANT' } }, NOBODY_OF_MANY],
    ['No cache stores a public answer with errors.', { failed: true }, NOBODY],
    ['No cache stores a private answer with errors.', { ...TENANT, failed: true }, NOBODY_OF_MANY],
    ['No cache stores a public answer with a stale value.', { trace: { counts: { ...COUNTS, stale: 1 } } }, NOBODY],
    ['No cache stores a private answer with a stale value.', { ...TENANT, trace: { counts: { ...COUNTS, stale: 1 } } }, NOBODY_OF_MANY],
    [
      'No cache stores an answer with a value that bypassed the cache.',
      { ...TENANT, trace: { uncacheableReason: 'Query.lucky' } },
      NOBODY_OF_MANY,
    ],
    ['No cache stores a public answer that contains debug output.', { personal: true }, NOBODY],
    ['No cache stores a private answer that contains debug output.', { ...TENANT, personal: true }, NOBODY_OF_MANY],
    [
      'No cache stores the answer to a query with a @strict field.',
      { ...TENANT, plan: { scope: 'TENANT', isStrict: true } },
      NOBODY_OF_MANY,
    ],
    ['No cache stores the answer to an introspection query.', { plan: { introspection: true }, hint: {} }, NOBODY_OF_MANY],
    ['No cache stores the answer to an introspection query, even if it has a hint.', { plan: { introspection: true } }, NOBODY_OF_MANY],
    // The tags by which a CDN can purge the answer.
    [
      'A public answer names its keys in surrogate-key and cache-tag.',
      { trace: { tags: new Set(['public:#a-tag']) } },
      {
        ...FULL,
        'surrogate-key': surrogateKeys(['public:#a-tag'])?.join(' ') as string,
        'cache-tag': surrogateKeys(['public:#a-tag'])?.join(',') as string,
      },
    ],
    ['A private answer does not name its keys.', { ...TENANT, trace: { tags: new Set(['public:#a-tag']) } }, CALLER],
    [
      'A public answer with more keys than fit into a header is stored only by browsers.',
      { trace: { tags: new Set(Array.from({ length: 1000 }, (_, tag) => `public:#tag-${tag}`)) } },
      ONLY_BROWSERS,
    ],
    [
      'A public answer with the tag of a tenant is stored only by browsers.',
      { trace: { tags: new Set(['acme:Campaign:42']) } },
      ONLY_BROWSERS,
    ],
    ['No cache stores a public answer that was invalidated while it was executed.', { overtaken: true }, NOBODY],
    ['A private answer that was invalidated while it was executed is revalidated as any other.', { ...TENANT, overtaken: true }, CALLER],
  ]
  it.each(table)('%s', (_title, changes, headers) => {
    expect(storageHeaders(answer(changes))).toEqual(headers)
  })

  it('No cache stores the answer to an operation if the gateway knows neither its kind (query or mutation) nor its scope.', () => {
    expect(storageHeaders({ ...answer({}), plan: undefined })).toEqual(NOBODY_OF_MANY)
  })
})

describe('the cache headers that the gateway sends', () => {
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
  it.each(table)('have the right Cache-Control and X-Cache for %s', async (query, cacheControl, again) => {
    await using gateway = await startTinyGateway({ store: store() })
    const first = await gateway.ask(query, { viewer: viewer('t1', 'ADMIN') })
    expect(first.headers.get('cache-control')).toMatch(cacheControl)
    const second = await gateway.ask(query, { viewer: viewer('t1', 'ADMIN') })
    expect(second.headers.get('cache-control')).toMatch(cacheControl)
    expect(second.headers.get('x-cache')).toBe(again)
  })

  const hinting =
    (type: string, field: string, hint: (info: GraphQLResolveInfo) => void) =>
    (module: Module): Module => ({
      ...module,
      resolvers: {
        ...module.resolvers,
        [type]: {
          ...(module.resolvers[type] as object),
          [field]: (parent: unknown, args: unknown, context: unknown, info: GraphQLResolveInfo) => {
            hint(info)
            return (Reflect.get(module.resolvers[type] as object, field) as (...given: unknown[]) => unknown)(parent, args, context, info)
          },
        },
      },
    })
  const hinted: readonly (readonly [title: string, query: string, adapt: (module: Module) => Module, cacheControl: RegExp])[] = [
    [
      'A resolver that sets a shorter maxAge shortens that of the whole answer.',
      '{ word(name: "call") { name } words { nodes { name } } }',
      hinting('Query', 'word', (info) => cacheControlFromInfo(info).setCacheHint({ maxAge: 5 })),
      /s-maxage=5,/,
    ],
    [
      'A resolver that sets maxAge 0 prevents every cache from storing the answer.',
      '{ word(name: "call") { name } }',
      hinting('Query', 'word', (info) => cacheControlFromInfo(info).cacheHint.restrict({ maxAge: 0 })),
      /^no-store$/,
    ],
    [
      'A resolver that sets PRIVATE makes the answer private.',
      '{ word(name: "call") { name } }',
      hinting('Query', 'word', (info) => cacheControlFromInfo(info).setCacheHint({ scope: 'PRIVATE' })),
      /^private, no-cache$/,
    ],
    [
      'A resolver that sets PUBLIC does not make tenant data public.',
      '{ note(id: "1") { text } }',
      hinting('Query', 'note', (info) => cacheControlFromInfo(info).cacheHint.replace({ maxAge: 60, scope: 'PUBLIC' })),
      /^private, no-cache$/,
    ],
    [
      'A resolver that sets a longer maxAge does not extend the answer beyond the TTL of its values.',
      '{ word(name: "call") { name } }',
      hinting('Query', 'word', (info) => cacheControlFromInfo(info).setCacheHint({ maxAge: 9999 })),
      /s-maxage=(60|59),/,
    ],
  ]
  it.each(hinted)('follow the hints that resolvers set: %s', async (_title, query, adapt, cacheControl) => {
    await using gateway = await startTinyGateway({ store: store(), adapt })
    for (const _again of [1, 2])
      expect((await gateway.ask(query, { viewer: viewer('t1') })).headers.get('cache-control')).toMatch(cacheControl)
  })

  it('say in Cache-Status whether the response was a miss that was stored, a hit, or a bypass', async () => {
    await using gateway = await startTinyGateway({ store: store() })
    const status = async (query: string) => (await gateway.ask(query, { viewer: viewer('t1', 'EDITOR') })).headers.get('cache-status')
    expect(await status('{ note(id: "1") { text } }')).toMatch(/^tidegate; fwd=miss; stored; ttl=(60|59)$/)
    expect(await status('{ note(id: "1") { text } }')).toMatch(/^tidegate; hit; ttl=(60|59)$/)
    expect(await status('{ lucky }')).toBe('tidegate; fwd=miss')
    expect(await status('mutation { setText(id: "1", text: "x") { id } }')).toBe('tidegate; fwd=bypass')
  })

  it('say in Cache-Status that a request was collapsed if it shared the load of another request', async () => {
    await using gateway = await startTinyGateway({ store: store() })
    const answers = await Promise.all([1, 2, 3].map(() => gateway.ask('{ note(id: "1") { text } }', { viewer: viewer('t1') })))
    expect(gateway.store.loadsOf('Note')).toBe(1)
    expect(answers.map(({ headers }) => headers.get('cache-status')).sort()[0]).toBe('tidegate; fwd=miss; collapsed')
  })
})

describe('the debug output of a response', () => {
  it('shows the policy, the cache layer, the age, the remaining TTL and the tags for every path', async () => {
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
      ['notes.nodes.0', 'Note', 'l1'],
      ['notes.nodes.0.length', 'Note.length', 'l1'],
    ])
    const row = fields.find(({ policy }) => policy === 'Note')
    expect(row?.tags).toContain('t1:Note:1')
    expect(row?.ttlMs).toBeGreaterThan(50_000)
    expect(fields.find(({ policy }) => policy === 'Query.lucky')?.reason).toBe('the field has no @cache')
    expect([headers.get('x-cache-hits'), headers.get('x-cache-misses'), headers.get('cache-control')]).toEqual(['3', '1', 'no-store'])
  })

  it('is missing if the client does not request it or may not see it', async () => {
    await using gateway = await startTinyGateway()
    const silent = await gateway.ask('{ lucky }', { viewer: viewer('t1'), debug: true })
    const forbidden = await gateway.ask('{ lucky }', { viewer: viewer('t1'), headers: { 'x-cache-debug': '1' } })
    for (const { extensions, headers } of [silent, forbidden]) expect([extensions, headers.has('x-cache-hits')]).toEqual([{}, false])
  })
})

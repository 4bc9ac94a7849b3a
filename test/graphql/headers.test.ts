import { cacheControlFromInfo } from '@apollo/cache-control-types'
import type { GraphQLResolveInfo } from 'graphql'
import { describe, expect, it } from 'vitest'
import { type Answer, storageHeaders } from '../../src/graphql/cache-control.ts'
import type { OperationPlan } from '../../src/graphql/document-plan.ts'
import type { CacheHint } from '../../src/graphql/hint-policy.ts'
import type { TracedRead } from '../../src/graphql/trace.ts'
import type { Module } from '../../src/modules/module.ts'
import { surrogateKeys } from '../../src/responses/surrogate-keys.ts'
import { at, startTinyGateway, viewer } from './tiny-gateway.ts'
import { TinyStore } from './tiny-module.ts'

const PLAN: OperationPlan = {
  kind: 'query',
  hint: { maxAge: 60, scope: 'PUBLIC' },
  fieldHints: [],
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
    ...changes,
  }
}

const PUBLIC_VARY = { vary: 'Accept, Accept-Encoding, Origin' }
const PRIVATE_VARY = { vary: 'Accept, Accept-Encoding, Authorization, Origin' }
const shared = (cacheControl: string, targeted: string) => ({
  'cache-control': cacheControl,
  'cdn-cache-control': targeted,
  'surrogate-control': targeted,
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
const CALLER = { 'cache-control': 'private, no-cache', ...PRIVATE_VARY }
const TENANT = { plan: { scope: 'TENANT' }, hint: { maxAge: 60, scope: 'PRIVATE' } } as const

describe('the headers that an answer has for caches', () => {
  const table: readonly (readonly [title: string, changes: Changes, headers: Readonly<Record<string, string>>])[] = [
    // The hint of the answer, and the scope of its @cache and @auth.
    ['A PUBLIC hint and a PUBLIC scope let every cache keep it.', {}, FULL],
    ['A hint without a scope counts as PUBLIC.', { hint: { maxAge: 60 } }, FULL],
    ['A PRIVATE hint keeps what everybody may see to the caller.', { hint: { maxAge: 60, scope: 'PRIVATE' } }, CALLER],
    ['A PRIVATE hint and the scope of a tenant keep it to the caller.', TENANT, CALLER],
    ['A PUBLIC hint does not make public what belongs to a tenant.', { plan: { scope: 'TENANT' } }, CALLER],
    ['A PUBLIC hint does not make public what a role may see.', { plan: { scope: 'ROLE' } }, CALLER],
    ['A PUBLIC hint does not make public what a user may see.', { plan: { scope: 'USER' } }, CALLER],
    ['A hint without maxAge lets nobody keep it.', { hint: { scope: 'PUBLIC' } }, NOBODY],
    ['A hint that says nothing lets nobody keep it.', { hint: {} }, NOBODY],
    ['A maxAge of 0 lets nobody keep it.', { hint: { maxAge: 0, scope: 'PUBLIC' } }, NOBODY],
    ['A maxAge of 0 lets nobody keep what is private.', { ...TENANT, hint: { maxAge: 0, scope: 'PRIVATE' } }, NOBODY_OF_MANY],
    ['A maxAge below 0 lets nobody keep it.', { hint: { maxAge: -1 } }, NOBODY],
    ["A resolver's shorter hint counts in place of the plan's.", { hint: { maxAge: 7, scope: 'PUBLIC' } }, lasting(7)],
    ["A resolver's longer hint counts in place of the plan's.", { plan: { hint: { maxAge: 0 } } }, FULL],
    // How long the values in it still live.
    ['It is kept no longer than its shortest-lived value.', { trace: { leastTtlMs: 12_900 } }, lasting(12)],
    ['It is kept no longer than its hint, however long its values live.', { trace: { leastTtlMs: Number.POSITIVE_INFINITY } }, FULL],
    ['Nobody keeps a public one that ends within a second.', { trace: { leastTtlMs: 900 } }, NOBODY],
    ['Nobody keeps a public one that has ended.', { trace: { leastTtlMs: 0 } }, NOBODY],
    ['Nobody keeps a private one that has ended.', { ...TENANT, trace: { leastTtlMs: 0 } }, NOBODY_OF_MANY],
    ['The caller asks about a private one that ends within a second.', { ...TENANT, trace: { leastTtlMs: 900 } }, CALLER],
    // What caches may do with a copy that has ended.
    [
      'Without a stale time in its policy, it has none outside.',
      { plan: { staleWhileRevalidate: 0, staleIfError: 0 } },
      shared('public, max-age=0, s-maxage=60', 'max-age=60'),
    ],
    [
      'Without stale-while-revalidate, the headers for one kind of cache have none either.',
      { plan: { staleWhileRevalidate: 0 } },
      shared('public, max-age=0, s-maxage=60, stale-if-error=300', 'max-age=60'),
    ],
    [
      'Without stale-if-error, only that part is left out.',
      { plan: { staleIfError: 0 } },
      shared('public, max-age=0, s-maxage=60, stale-while-revalidate=30', 'max-age=60, stale-while-revalidate=30'),
    ],
    // The browser.
    [
      'A browser may use a public copy for as long as the policy says.',
      { plan: { browser: 20 } },
      { ...FULL, 'cache-control': FULL['cache-control'].replace('max-age=0', 'max-age=20') },
    ],
    [
      'A browser may not use a public copy for longer than anybody.',
      { plan: { browser: 90 } },
      { ...FULL, 'cache-control': FULL['cache-control'].replace('max-age=0', 'max-age=60') },
    ],
    [
      'A browser may use a private copy for as long as the policy says.',
      { ...TENANT, plan: { scope: 'TENANT', browser: 20 } },
      { ...CALLER, 'cache-control': 'private, max-age=20' },
    ],
    [
      'A browser may not use a private copy for longer than its values live.',
      { ...TENANT, plan: { scope: 'TENANT', browser: 20 }, trace: { leastTtlMs: 3500 } },
      { ...CALLER, 'cache-control': 'private, max-age=3' },
    ],
    // Who asked.
    ['A public one is the same for a caller without a token.', { authenticated: false }, FULL],
    [
      'A private one for a caller without a token is kept by nobody.',
      { ...TENANT, authenticated: false },
      { ...CALLER, 'cache-control': 'private, no-store' },
    ],
    // What is refused whatever the hint says.
    ['Nobody keeps a mutation.', { ...TENANT, plan: { kind: 'mutation', scope: 'TENANT' } }, NOBODY_OF_MANY],
    ['Nobody keeps a public one with errors.', { failed: true }, NOBODY],
    ['Nobody keeps a private one with errors.', { ...TENANT, failed: true }, NOBODY_OF_MANY],
    ['Nobody keeps a public one with a stale value.', { trace: { counts: { ...COUNTS, stale: 1 } } }, NOBODY],
    ['Nobody keeps a private one with a stale value.', { ...TENANT, trace: { counts: { ...COUNTS, stale: 1 } } }, NOBODY_OF_MANY],
    ['Nobody keeps one with a value from past the cache.', { ...TENANT, trace: { uncacheableReason: 'Query.lucky' } }, NOBODY_OF_MANY],
    ['Nobody keeps a public one that carries debugging.', { personal: true }, NOBODY],
    ['Nobody keeps a private one that carries debugging.', { ...TENANT, personal: true }, NOBODY_OF_MANY],
    ['Nobody keeps a strict one.', { ...TENANT, plan: { scope: 'TENANT', isStrict: true } }, NOBODY_OF_MANY],
    ['Nobody keeps introspection.', { plan: { introspection: true }, hint: {} }, NOBODY_OF_MANY],
    ['Nobody keeps introspection that has a hint.', { plan: { introspection: true } }, NOBODY_OF_MANY],
    // Its tags, by which a cache forgets it.
    [
      'A public one names its tags.',
      { trace: { tags: new Set(['a-tag']) } },
      {
        ...FULL,
        'surrogate-key': surrogateKeys(['a-tag'])?.join(' ') as string,
        'cache-tag': surrogateKeys(['a-tag'])?.join(',') as string,
      },
    ],
    ['A private one does not name its tags.', { ...TENANT, trace: { tags: new Set(['a-tag']) } }, CALLER],
    [
      'A public one with more tags than a header holds is kept by browsers alone.',
      { trace: { tags: new Set(Array.from({ length: 100_000 }, (_, tag) => `tag-${tag}`)) } },
      { 'cache-control': 'private, no-cache', 'cdn-cache-control': 'no-store', 'surrogate-control': 'no-store', ...PUBLIC_VARY },
    ],
  ]
  it.each(table)('%s', (_title, changes, headers) => {
    expect(storageHeaders(answer(changes))).toEqual(headers)
  })

  it('Nobody keeps what could not be planned.', () => {
    expect(storageHeaders({ ...answer({}), plan: undefined })).toEqual(NOBODY_OF_MANY)
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
      'A resolver that sets a shorter life shortens that of the whole answer.',
      '{ word(name: "call") { name } words { nodes { name } } }',
      hinting('Query', 'word', (info) => cacheControlFromInfo(info).setCacheHint({ maxAge: 5 })),
      /s-maxage=5,/,
    ],
    [
      'A resolver that sets 0 lets nobody keep the answer.',
      '{ word(name: "call") { name } }',
      hinting('Query', 'word', (info) => cacheControlFromInfo(info).cacheHint.restrict({ maxAge: 0 })),
      /^no-store$/,
    ],
    [
      'A resolver that sets PRIVATE leaves the answer to the caller.',
      '{ word(name: "call") { name } }',
      hinting('Query', 'word', (info) => cacheControlFromInfo(info).setCacheHint({ scope: 'PRIVATE' })),
      /^private, no-cache$/,
    ],
    [
      'A resolver that sets PUBLIC does not make public what belongs to a tenant.',
      '{ note(id: "1") { text } }',
      hinting('Query', 'note', (info) => cacheControlFromInfo(info).cacheHint.replace({ maxAge: 60, scope: 'PUBLIC' })),
      /^private, no-cache$/,
    ],
    [
      'A resolver that sets a longer life does not keep the answer for longer than its values live.',
      '{ word(name: "call") { name } }',
      hinting('Query', 'word', (info) => cacheControlFromInfo(info).setCacheHint({ maxAge: 9999 })),
      /s-maxage=(60|59),/,
    ],
  ]
  it.each(hinted)('%s', async (_title, query, adapt, cacheControl) => {
    await using gateway = await startTinyGateway({ store: store(), adapt })
    for (const _again of [1, 2])
      expect((await gateway.ask(query, { viewer: viewer('t1') })).headers.get('cache-control')).toMatch(cacheControl)
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

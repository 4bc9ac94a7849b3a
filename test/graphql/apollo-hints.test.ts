import { readFileSync } from 'node:fs'
import { cacheControlFromInfo } from '@apollo/cache-control-types'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { getDocumentNodeFromSchema, type IResolvers } from '@graphql-tools/utils'
import { execute, type GraphQLResolveInfo, isCompositeType, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Module } from '#src/gateway/contract/module.ts'
import { DocumentPlanner, type OperationPlan } from '#src/gateway/graphql/document/document-plan.ts'
import { CacheHints } from '#src/gateway/graphql/schema/cache-hints.ts'
import { type CacheHint, HintPolicy, restrictedBy } from '#src/gateway/graphql/schema/hint-policy.ts'
import { buildGatewaySchema } from '#src/gateway/graphql/schema/schema.ts'
import fc from '../property.ts'
import { ApolloHints, plainHint } from './apollo-hints.ts'
import { viewer } from './tiny-gateway.ts'

const DIRECTIVES = readFileSync(new URL('../../schema/directives.graphql', import.meta.url), 'utf8')
const LIST = '@listSize(assumedSize: 9)'
const COMPOSITE = ['T0', 'T1', 'T2', 'I', 'U'] as const
const OBJECTS = ['T0', 'T1', 'T2'] as const
/**
 * Fields of the generated schemas: texts, objects and lists. A list of an interface or a union contains each possible
 * type.
 */
const FIELDS: Readonly<Record<string, string>> = {
  s: 'String',
  p: 'String',
  t0: 'T0',
  t1: `[T1] ${LIST}`,
  t2: 'T2',
  i: `[I] ${LIST}`,
  u: `[U!]! ${LIST}`,
}
const GIVEN: Readonly<Record<string, readonly string[]>> = { t0: ['T0'], t1: ['T1', 'T1'], t2: ['T2'], i: ['T0', 'T1'], u: ['T1', 'T2'] }

const ages = fc.option(fc.constantFrom<number>(0, 5, 10, 20), { nil: undefined, freq: 4 })
const scopes = fc.constantFrom('PUBLIC' as const, 'PRIVATE' as const)
const hints = fc.record({ maxAge: ages, scope: fc.option(scopes, { nil: undefined }) })
const annotations = (isRoot: boolean) =>
  fc
    .record({
      maxAge: ages,
      scope: fc.option(isRoot ? fc.constant('PRIVATE' as const) : scopes, { nil: undefined, freq: 2 }),
      inheritMaxAge: fc.constantFrom(undefined, undefined, true, true, false),
      isWritten: fc.constantFrom(true, true, true, false),
    })
    .map(({ isWritten, ...values }) => {
      const given = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
      return isWritten ? `@cacheControl${given.length > 0 ? `(${given.join(', ')})` : ''}` : ''
    })

/** Random calls that a resolver makes on `info.cacheControl`. */
const actions = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'nothing', hint: {} } as const) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('look', 'set', 'replace', 'restrict', 'cacheable', 'restrictByType'), hint: hints }),
  },
)
type Action = typeof actions extends fc.Arbitrary<infer Value> ? Value : never

const fieldNames = Object.keys(FIELDS)
const types = ['Query', ...OBJECTS]
const coordinates = types.flatMap((type) => fieldNames.map((field) => `${type}.${field}`))
const schemas = fc.record({
  types: fc.record(Object.fromEntries(COMPOSITE.map((type) => [type, annotations(false)]))),
  fields: fc.record(Object.fromEntries(coordinates.map((at) => [at, annotations(at.startsWith('Query.'))]))),
  actions: fc.dictionary(fc.constantFrom(...coordinates), fc.array(actions, { minLength: 1, maxLength: 2 }), { maxKeys: 6 }),
})
type Draft = typeof schemas extends fc.Arbitrary<infer Value> ? Value : never

const selections = fc.letrec<{ fields: string; field: string }>((tie) => ({
  fields: fc.array(tie('field'), { minLength: 1, maxLength: 4 }).map((fields) => fields.join(' ')),
  field: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('s', 'p', '__typename'),
    fc.tuple(fc.constantFrom('t0', 't1', 't2'), tie('fields')).map(([name, inner]) => `${name} { ${inner} }`),
    tie('fields').map((inner) => `i { s ... on T0 { ${inner} } }`),
    tie('fields').map((inner) => `u { __typename ... on T1 { ${inner} } ... on T2 { s } }`),
  ),
})).fields

function sdlOf(draft: Draft): string {
  const fields = (type: string) => fieldNames.map((name) => `${name}: ${FIELDS[name]} ${draft.fields[`${type}.${name}`]}`).join('\n')
  return `${DIRECTIVES} enum Role { VIEWER EDITOR ADMIN OPERATOR }
    interface I ${draft.types['I']} { s: String }
    union U ${draft.types['U']} = T1 | T2
    type Query { ${fields('Query')} }
    type T0 implements I ${draft.types['T0']} { ${fields('T0')} }
    type T1 implements I ${draft.types['T1']} { ${fields('T1')} }
    type T2 ${draft.types['T2']} { ${fields('T2')} }`
}

/**
 * Returns resolvers for all fields except `p`, which has the default resolver. Each resolver performs its actions in
 * turn.
 */
function resolversOf(draft: Draft): Module['resolvers'] {
  const resolverOf = (type: string, field: string) => {
    const turns = draft.actions[`${type}.${field}`] ?? []
    let calls = 0
    return async (_parent: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
      const action = turns[calls++ % turns.length]
      if (calls % 2 === 0) await null
      if (action) act(action, info)
      const given = GIVEN[field]?.map((name) => ({ __typename: name, p: 'text' }))
      return given === undefined ? 'text' : FIELDS[field]?.startsWith('[') ? given : given[0]
    }
  }
  const ofType = (type: string) =>
    Object.fromEntries(fieldNames.filter((field) => field !== 'p').map((field) => [field, resolverOf(type, field)]))
  const __resolveType = ({ __typename }: { __typename: string }) => __typename
  const { Query, ...others } = Object.fromEntries(types.map((type) => [type, ofType(type)]))
  return { ...others, Query: { ...Query, p: () => 'text' }, I: { __resolveType }, U: { __resolveType } }
}

function act({ kind, hint }: Action, info: GraphQLResolveInfo): void {
  if (kind === 'nothing') return
  const { cacheHint, setCacheHint, cacheHintFromType } = cacheControlFromInfo(info)
  const given = hint as { maxAge?: number; scope?: 'PUBLIC' | 'PRIVATE' }
  if (kind === 'set') setCacheHint(given)
  if (kind === 'replace') cacheHint.replace(given)
  if (kind === 'restrict') cacheHint.restrict(given)
  if (kind === 'cacheable') cacheHint.restrict({ maxAge: (cacheHint.policyIfCacheable()?.maxAge ?? 11) - 1 })
  const type = info.schema.getType('T2')
  if (kind === 'restrictByType' && isCompositeType(type)) cacheHint.replace(cacheHintFromType(type) ?? {})
}

type Overall = (answered: { readonly plan: OperationPlan; readonly hints: CacheHints }) => CacheHint
const OURS: Overall = ({ plan, hints: given }) => given.overall(plan)

async function isAsApollo(draft: Draft, selection: string, overall: Overall, read = (sdl: string) => sdl): Promise<boolean> {
  const document = parse(`{ ${selection} }`)
  const build = (sdl: string) =>
    buildGatewaySchema({
      typeDefs: parse(sdl),
      modules: [{ entities: [], resolvers: resolversOf(draft) }],
      overrides: {},
      localId: (id) => id,
    })
  const sdl = sdlOf(draft)
  const gateway = build(read(sdl))
  const plan = new DocumentPlanner(gateway).plan(document, undefined)
  const given = new CacheHints()
  const contextValue = { cacheHints: given, caller: viewer('t1', 'ADMIN') }
  const { errors } = await execute({ schema: gateway.schema, document, contextValue })
  const typeDefs = getDocumentNodeFromSchema(build(sdl).schema)
  const apollo = new ApolloHints(makeExecutableSchema({ typeDefs, resolvers: resolversOf(draft) as IResolvers }))
  const expected = await apollo.of(document)
  await apollo.stop()
  if (!plan || errors || !expected) throw new Error(`The operation { ${selection} } was not executed: ${errors?.join(' ')}`)
  const got = overall({ plan, hints: given })
  return got.maxAge === expected.maxAge && got.scope === expected.scope
}

const draftOf = (annotated: Readonly<Record<string, string>>, turns: Draft['actions']): Draft => ({
  types: Object.fromEntries(COMPOSITE.map((type) => [type, annotated[type] ?? ''])),
  fields: Object.fromEntries(coordinates.map((at) => [at, annotated[at] ?? ''])),
  actions: turns,
})
const LONGER: Action = { kind: 'set', hint: { maxAge: 30, scope: 'PUBLIC' } }
/** Examples that are checked before the generated operations. */
const EXAMPLES: [Draft, string][] = [
  [draftOf({ T0: '@cacheControl(maxAge: 20)', T2: '@cacheControl(inheritMaxAge: true)' }, { 'Query.t0': [LONGER] }), 't0 { s t2 { s } }'],
  [draftOf({ T0: '@cacheControl(maxAge: 20)' }, {}), 't0 { t1 { s } }'],
  [
    draftOf({ T1: '@cacheControl(maxAge: 20)', 'T1.s': '@cacheControl(maxAge: 5)' }, { 'T1.s': [LONGER, { kind: 'nothing', hint: {} }] }),
    't1 { s }',
  ],
]

const check = (numRuns: number, overall: Overall, read?: (sdl: string) => string) =>
  fc.check(
    fc.asyncProperty(schemas, selections, (draft, selection) => isAsApollo(draft, selection, overall, read)),
    { numRuns, endOnFailure: true, examples: EXAMPLES },
  )

describe('the cache hint of a response, for generated schemas, operations and resolvers,', () => {
  it("equals the hint that Apollo Server's cache control plugin computes", async () => {
    const { failed, counterexample, errorInstance } = await check(60, OURS)
    expect([failed, counterexample, errorInstance]).toEqual([false, null, null])
  })

  it.each<[string, Overall, ((sdl: string) => string)?]>([
    ['the default maxAge was ignored', ({ plan }) => restrictedBy(plan.fieldHints.map(({ written }) => written))],
    ['inheritMaxAge was ignored', OURS, (sdl) => sdl.replaceAll('inheritMaxAge: true', 'inheritMaxAge: false')],
    ['the hints that resolvers set were ignored', ({ plan }) => plan.hint],
    ['only the last field was considered', ({ plan }) => plan.fieldHints.at(-1)?.settled ?? {}],
    [
      'the hint of the schema still counted after a resolver has set another hint',
      ({ plan, hints: given }) => restrictedBy([plan.hint, given.overall(plan)]),
    ],
  ])("would differ from the hint of Apollo's plugin if %s", async (_, broken, read) => {
    expect((await check(EXAMPLES.length, broken, read)).failed).toBe(true)
  })
})

describe('the cache policy object that a resolver can change', () => {
  it('keeps the shorter of two maxAge values and the stricter of two scopes in restrict(), and overwrites only the given properties in replace()', () => {
    const policy = new HintPolicy()
    expect(policy.policyIfCacheable()).toBeNull()
    policy.restrict({ maxAge: 9 })
    policy.restrict({ maxAge: 12, scope: 'PRIVATE' })
    policy.restrict({ scope: 'PUBLIC' })
    expect(policy.policyIfCacheable()).toEqual({ maxAge: 9, scope: 'PRIVATE' })
    policy.replace({ maxAge: 20 })
    expect(plainHint(policy)).toEqual({ maxAge: 20, scope: 'PRIVATE' })
    policy.replace({ scope: 'PUBLIC' })
    expect(policy.policyIfCacheable()).toEqual({ maxAge: 20, scope: 'PUBLIC' })
    policy.replace({ maxAge: 0 })
    expect(policy.policyIfCacheable()).toBeNull()
  })
})

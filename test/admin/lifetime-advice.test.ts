import { readFileSync } from 'node:fs'
import { buildSchema } from 'graphql'
import { expect, it } from 'vitest'
import { LIFETIME_SCALES, type LifetimeCurve, type LifetimeKind } from '#src/engine/cache/memory/lifetime-curves.ts'
import { type PolicyOverrides, PolicyRegistry } from '#src/gateway/policies/policy-registry.ts'
import { advise } from '#src/operations/admin/figures/advice.ts'
import { changePoliciesBody } from '#src/operations/admin/schemas/policies.ts'
import { type FieldFigures, NO_MISSES, NO_READS } from '#src/operations/telemetry/usage.ts'
import { fieldFigures } from '../history/figures.ts'
import fc from '../property.ts'

const FIELD = 'Query.found'
const directives = readFileSync('schema/directives.graphql', 'utf8')
const schema = buildSchema(
  `${directives} enum Role { ADMIN } type Query { found(query: String): Int @cache(l1: 60, l2: 300, popularBy: "$args.query") }`,
  { assumeValidSDL: true },
)

/** Returns the curve of a TTL whose misses a longer TTL avoids, all of them from one of the scales on. */
function curveOf(kind: LifetimeKind, scaleIndex: number): LifetimeCurve {
  return { policy: FIELD, kind, reads: 1000, expired: LIFETIME_SCALES.map((_, index) => (index < scaleIndex ? 200 : 0)) }
}

const EXPIRED = { reads: { ...NO_READS, l1: 800, origin: 200 }, misses: { ...NO_MISSES, expired: 200 }, loads: 200 }

/** Returns the cards of the field. By default its reads miss because TTLs have ended. */
function cardsOf(policies: PolicyRegistry, lifetimes: readonly LifetimeCurve[], figures: Partial<FieldFigures> = EXPIRED) {
  const field = { ...fieldFigures(FIELD, 0), ...figures }
  return advise({
    fields: [field],
    tags: [],
    falls: [],
    rangeMs: 3_600_000,
    ruleOf: (name) => policies.rules.get(name),
    overrideOf: (name) => policies.overrideOf('operator', name),
    shapeOf: () => undefined,
    entities: new Map(),
    simulated: { lifetimes, repeats: [] },
    memoryBytes: 2 ** 26,
    entryBytes: 1024,
    curve: undefined,
    processes: { alive: 1, others: [] },
    isWarming: true,
  })
}

/** Returns the overrides that the command of a card sets. */
function setBy({ snippets }: ReturnType<typeof cardsOf>[number]): PolicyOverrides {
  const command = snippets.find(({ where }) => where.startsWith('at run time'))?.text ?? ''
  const { set } = changePoliciesBody.parse(JSON.parse(/ -d '(.*)'$/.exec(command)?.[1] ?? ''))
  return Object.fromEntries(set.map(({ coordinate, values }) => [coordinate, values]))
}

const seconds = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 30 * 24 * 60 * 60 }))
const policyValues = fc.record(
  { l1: seconds, l2: seconds, cdn: seconds, popular: seconds, negative: seconds },
  { requiredKeys: ['l1', 'l2'] },
)
const scaleIndex = fc.integer({ min: 1, max: LIFETIME_SCALES.length - 1 })
const ALL_KINDS: readonly LifetimeKind[] = ['ttl', 'negative', 'popular']

it('The gateway accepts the command of every card for a longer TTL, whatever the policy of the field is.', () => {
  let cards = 0
  fc.assert(
    fc.property(policyValues, fc.tuple(scaleIndex, scaleIndex, scaleIndex), fc.boolean(), (values, indexes, isSimulated) => {
      const policies = new PolicyRegistry({ schema, configured: {} })
      try {
        policies.set('operator', { [FIELD]: values })
      } catch {
        fc.pre(false)
      }
      const lifetimes = isSimulated ? ALL_KINDS.map((kind, index) => curveOf(kind, indexes[index] ?? 1)) : []
      for (const card of cardsOf(policies, lifetimes)) {
        expect(() => policies.check('operator', setBy(card))).not.toThrow()
        cards++
      }
    }),
    { numRuns: 150 },
  )
  expect(cards).toBeGreaterThan(100)
})

it('Cards for several TTLs of one field can be followed one after the other, and what an operator had set stays.', () => {
  const policies = new PolicyRegistry({ schema, configured: {} })
  const set = { negative: 10, popular: 600, staleIfError: 86_400 }
  policies.set('operator', { [FIELD]: set })
  const cards = cardsOf(policies, [curveOf('ttl', 3), curveOf('negative', 2), curveOf('popular', 1)])
  expect(cards.map(({ code }) => code).toSorted()).toEqual(['longer-negative-ttl', 'longer-popular-ttl', 'longer-ttl'])
  for (const order of [cards, cards.toReversed()]) {
    policies.set('operator', { [FIELD]: set })
    for (const card of order) policies.set('operator', setBy(card))
    // The TTL of popular values is as long as the TTL of the others, because it must not be shorter.
    const followed = { l1: 480, l2: 2400, negative: 40, popular: 2400, staleIfError: 86_400 }
    expect(policies.overrideOf('operator', FIELD)).toEqual(followed)
    expect(policies.rules.get(FIELD)?.values).toMatchObject(followed)
  }
  expect(cards.map(({ snippets }) => snippets[0]?.text).toSorted()).toEqual([
    'l1: 480, l2: 2400, popular: 2400',
    'negative: 40',
    'popular: 2400',
  ])
})

it('The command that turns the cache of a field off keeps the other values that an operator had set.', () => {
  const policies = new PolicyRegistry({ schema, configured: {} })
  policies.set('operator', { [FIELD]: { l2: 600, staleIfError: 86_400 } })
  const [card] = cardsOf(policies, [], { reads: { ...NO_READS, origin: 1000 }, misses: { ...NO_MISSES, invalidated: 1000 }, loads: 1000 })
  expect(card?.code).toBe('do-not-cache')
  expect(card && setBy(card)).toEqual({ [FIELD]: { l1: 0, l2: 0, staleIfError: 86_400 } })
  expect(card?.snippets[0]?.where).toBe('at run time, until it is reset; it also sets staleIfError, because it replaces the whole override')
})

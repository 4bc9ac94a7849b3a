import type { Condition } from '../../src/market/rules/routing/condition.ts'
import fc from '../property.ts'

const words = ['CA', 'NY', 'solar', 'roof*', 'a', '7', '42', '-1.5', 'x7']
const names = ['state', 'source', 'age', 'zip', 'hour', 'price', 'subId']

const texts = fc.constantFrom(...words)
const numbers = fc.constantFrom(-1.5, 0, 7, 42, 100)

const comparison: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ attribute: fc.constantFrom('source', 'age'), operator: fc.constantFrom('=', '!='), value: fc.oneof(texts, numbers) }),
  fc.record({
    attribute: fc.constantFrom('source', 'age'),
    operator: fc.constant('in'),
    value: fc.array(fc.oneof(texts, numbers), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ attribute: fc.constantFrom('age', 'hour', 'price', 'zip'), operator: fc.constantFrom('<', '>'), value: numbers }),
  fc.record({
    attribute: fc.constantFrom('zip', 'source', 'state'),
    operator: fc.constant('matches'),
    value: fc.constantFrom('*', '9*', 'C?', '*a*', 'x7'),
  }),
  fc.record({ attribute: fc.constant('state'), operator: fc.constantFrom('=', '!='), value: fc.constantFrom('CA', 'NY') }),
)

/** Draws conditions that are accepted. */
export const conditions: fc.Arbitrary<Condition> = fc.letrec<{ readonly tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    comparison,
    fc.record({ all: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
  ),
})).tree

/** Draws attributes of pings, in which some are missing. */
export const attributes = fc
  .array(fc.tuple(fc.constantFrom(...names), fc.oneof(texts, numbers)), { maxLength: 7 })
  .map((entries) => new Map(entries))

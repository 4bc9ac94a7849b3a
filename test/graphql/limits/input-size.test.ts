import { describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { LimitExceededError } from '#src/errors.ts'
import { checkInputSize } from '#src/gateway/graphql/document/limits/input-size.ts'
import type { InputLimits } from '#src/gateway/graphql/document/limits/limits.ts'
import fc from '../../property.ts'

const { limits } = readConfig({})

/** Returns arrays nested to the given number of levels. */
function nested(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, 1]))
const lists = (count: number, length: number) => Array.from({ length: count }, () => new Array(length).fill(1))

describe('the variables of a request', () => {
  it.each([
    ['keys of one object', { k: keys(100) }, { k: keys(101) }, 'MAX_OBJECT_KEYS', 100, 101],
    ['items of one list', { k: new Array(2000).fill(1) }, { k: new Array(2001).fill(1) }, 'MAX_LIST_LENGTH', 2000, 2001],
    ['levels of nesting', nested(20), nested(21), 'MAX_INPUT_DEPTH', 20, 21],
    ['the length of a string', { k: 'x'.repeat(10_000) }, { k: 'x'.repeat(10_001) }, 'MAX_TEXT_LENGTH', 10_000, 10_001],
    ['the length of a key', { ['x'.repeat(10_000)]: 1 }, { ['x'.repeat(10_001)]: 1 }, 'MAX_TEXT_LENGTH', 10_000, 10_001],
    ['keys and items in total', lists(20, 999), [...lists(20, 999), [1]], 'MAX_VARIABLE_VALUES', 20_000, 20_002],
  ])('are accepted at the limit on %s, and rejected above the limit with an error that states the limit and the value', (_, accepted, refused, setting, limit, value) => {
    expect(() => checkInputSize(accepted, limits)).not.toThrow()
    expect(() => checkInputSize(refused, limits)).toThrow(
      expect.objectContaining({
        code: 'LIMIT_EXCEEDED',
        exceeded: { setting, limit, value },
        message: expect.stringMatching(
          new RegExp(`^The request has ${value} .+; at most ${limit} are allowed \\(${setting}\\)\\. Send less in one request\\.$`),
        ),
      }),
    )
  })

  it('are accepted if and only if no part of them exceeds a limit', () => {
    const small: InputLimits = { maxVariableValues: 12, maxObjectKeys: 3, maxListLength: 4, maxInputDepth: 3, maxTextLength: 5 }
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (input) => {
        const { values, most } = measured(input)
        const isWithin = values <= 12 && most.keys <= 3 && most.items <= 4 && most.depth <= 3 && most.text <= 5
        let refusal: unknown
        try {
          checkInputSize(input, small)
        } catch (error) {
          refusal = error
        }
        if (isWithin) expect(refusal).toBeUndefined()
        else expect(refusal).toBeInstanceOf(LimitExceededError)
      }),
      { numRuns: 2000 },
    )
  })

  it('are measured only up to the first exceeded limit, however deep or wide the variables are', () => {
    expect(() => checkInputSize(nested(200_000), limits)).toThrow(/21 levels/)
    expect(() => checkInputSize(keys(50_000), limits)).toThrow(/50000 keys in one object/)
  })
})

/** Measures small inputs by recursion, as a reference for the test. */
function measured(input: unknown, depth = 0): { values: number; most: { keys: number; items: number; depth: number; text: number } } {
  const most = { keys: 0, items: 0, depth, text: typeof input === 'string' ? input.length : 0 }
  if (typeof input !== 'object' || input === null) return { values: 0, most }
  const members: unknown[] = Object.values(input)
  most.depth = depth + 1
  if (Array.isArray(input)) most.items = members.length
  else {
    most.keys = members.length
    most.text = Math.max(0, ...Object.keys(input).map((key) => key.length))
  }
  let values = members.length
  for (const member of members) {
    const inner = measured(member, depth + 1)
    values += inner.values
    for (const name of ['keys', 'items', 'depth', 'text'] as const) most[name] = Math.max(most[name], inner.most[name])
  }
  return { values, most }
}

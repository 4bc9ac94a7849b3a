import { describe, expect, it } from 'vitest'
import { type Attributes, type Condition, conditionLimits, parseCondition } from '../../src/market/rules/routing/condition.ts'
import { Conditions, matchesGlob } from '../../src/market/rules/routing/evaluate-condition.ts'
import fc from '../property.ts'
import { attributes, conditions } from './conditions.ts'

const engine = new Conditions()
const problems = (given: unknown) => {
  const parsed = parseCondition(given)
  return 'problems' in parsed ? parsed.problems.map(({ path, message }) => `${path.join('.')}: ${message}`) : []
}

/** Evaluates a condition with null for unknown, by the definition. */
function defined(condition: Condition, given: Attributes): boolean | null {
  if ('all' in condition) {
    const parts = condition.all.map((part) => defined(part, given))
    return parts.includes(false) ? false : parts.includes(null) ? null : true
  }
  if ('any' in condition) {
    const parts = condition.any.map((part) => defined(part, given))
    return parts.includes(true) ? true : parts.includes(null) ? null : false
  }
  const { attribute, operator, value } = condition
  const found = given.get(attribute)
  if (found === undefined) return null
  const number = typeof found === 'number' || /^-?\d+(\.\d+)?$/.test(found) ? Number(found) : null
  if (operator === 'matches') {
    const parts = [...String(value)].map((character) => (character === '*' ? '.*' : character === '?' ? '.' : character))
    return new RegExp(`^${parts.join('')}$`).test(String(found))
  }
  if (operator === '<') return number === null ? null : number < Number(value)
  if (operator === '>') return number === null ? null : number > Number(value)
  const values = [value].flat()
  const isIn = values.some((one) => (typeof one === 'number' ? one === number : one === String(found)))
  if (!isIn && number === null && values.every((one) => typeof one === 'number')) return null
  return operator === '!=' ? !isIn : isIn
}

const evaluates = (outcome: (condition: Condition, given: Attributes) => string) =>
  fc.property(conditions, attributes, (condition, given) => {
    const expected = defined(condition, given)
    return outcome(condition, given) === (expected === null ? 'UNKNOWN' : expected ? 'HOLDS' : 'FAILS')
  })

describe('a condition', () => {
  it('has the outcome of its definition, which is unknown when an attribute that decides is missing.', () => {
    const twoValued = (condition: Condition, given: Attributes) => (engine.outcome(condition, given) === 'HOLDS' ? 'HOLDS' : 'FAILS')
    fc.assert(
      evaluates((condition, given) => engine.outcome(condition, given)),
      { numRuns: 1000 },
    )
    expect(fc.check(evaluates(twoValued), { numRuns: 1000 }).failed).toBe(true)
  })

  it('is refused if its state is an object or a list, also an object that has no text.', () => {
    for (const value of [{ toString: null }, Object.create(null), ['CA']])
      expect(parseCondition({ attribute: 'state', operator: '=', value })).toMatchObject({ problems: [{ path: ['value'] }] })
  })

  it('that is accepted is read as it was given.', () => {
    fc.assert(
      fc.property(conditions, (condition) => {
        expect(parseCondition(JSON.parse(JSON.stringify(condition)))).toEqual({ value: condition })
      }),
    )
  })

  it('is either read or refused with a path that leads into it, whatever JSON is given.', () => {
    const keys = fc.constantFrom('all', 'any', 'attribute', 'operator', 'value', '__proto__', 'x')
    const json = fc.letrec<{ readonly value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom<unknown>('=', 'in', 'matches', 'state', 'zip', 'CA', 7, null, true, ''),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(keys, tie('value'), { maxKeys: 3 }),
      ),
    })).value
    fc.assert(
      fc.property(json, (given) => {
        const parsed = parseCondition(given)
        if ('value' in parsed) return engine.outcome(parsed.value, new Map()) === 'UNKNOWN'
        return parsed.problems.every(({ path, message }) => leadsInto(given, path) && /[.]$/.test(message))
      }),
      { numRuns: 1000 },
    )
  })

  it('that is wrong is refused with what was expected at the path to each error.', () => {
    const given = {
      all: [
        { attribute: 'state', operator: '=', value: 'ca' },
        { attribute: 'zip', operator: '=', value: 2134 },
        {
          any: [
            { attribute: 'hour', operator: 'matches', value: '1*' },
            { attribute: 'publisher', operator: '<', value: 5 },
          ],
        },
        { attribute: '1st', operator: '=', value: 'x' },
        { attribute: 'age', operator: '>', value: '18' },
        { attribute: 'age', operator: '~', value: '18' },
        { attribute: 'age', operator: 'in', value: [] },
        { attribute: 'age', operator: '=', value: null },
        { attribute: 'age', operator: '=' },
        { not: [] },
        { all: [], extra: 1 },
        [],
      ],
    }
    const name = 'a name of at most 40 letters, digits, dots, hyphens and underscores that begins with a letter'
    expect(problems(given)).toEqual([
      'all.0.value: Expected the two letters of a US state such as "CA", got "ca".',
      'all.1.value: Expected a text of five digits such as "02134", got 2134.',
      'all.2.any.0.operator: hour is a number. Expected = != in < or >.',
      'all.2.any.1.operator: publisher is a text. Expected = != in or matches.',
      `all.3.attribute: Expected one of state, zip, publisher, subId, hour, price, or ${name}, got "1st".`,
      'all.4.value: Expected a number, got "18".',
      'all.5.operator: Expected one of =, !=, in, <, >, matches, got "~".',
      'all.6.value: Expected a list of 1 to 500 items, got 0 items.',
      'all.7.value: Expected a text or a number, got null.',
      'all.8.value: Expected a text or a number, but it is missing.',
      'all.9.not: There is no such key. Expected one of attribute, operator, value.',
      'all.10.extra: There is no such key. Expected one of all.',
      'all.11: Expected a condition: {all: [...]}, {any: [...]} or {attribute, operator, value}, got a list.',
    ])
  })

  it('has limits of its depth, its comparisons and its values.', () => {
    const one = { attribute: 'age', operator: '=', value: 1 }
    const nested = (depth: number): unknown => (depth === 1 ? one : { any: [nested(depth - 1)] })
    const wide = (count: number) => ({ all: [{ any: Array(count).fill(one) }, { any: [one] }] })
    const values = (count: number) => ({ all: [{ attribute: 'a', operator: 'in', value: Array(count).fill('x') }, one] })
    expect(problems(nested(conditionLimits.depth))).toEqual([])
    expect(problems(nested(conditionLimits.depth + 1))).toEqual([
      'any.0.any.0.any.0.any.0.any.0: Conditions may be nested 5 deep. Expected no condition at this depth.',
    ])
    expect(problems(wide(conditionLimits.comparisons - 1))).toEqual([])
    expect(problems(wide(conditionLimits.comparisons))).toEqual([
      'all.1.any.0: Expected at most 100 comparisons in a condition, but this is one more.',
    ])
    expect(problems(values(conditionLimits.values - 1))).toEqual([])
    expect(problems(values(conditionLimits.values))).toEqual([
      'all.1.value: Expected at most 500 values in a condition, but this is one more.',
    ])
    expect(problems({ attribute: 'a', operator: '=', value: 'x'.repeat(101) })).toHaveLength(1)
    expect(problems({ attribute: 'a'.repeat(41), operator: '=', value: 'x' })).toHaveLength(1)
  })

  it('does not know attributes that have no value where it is used.', () => {
    const given = { attribute: 'price', operator: '>', value: 5 }
    expect(parseCondition(given)).toEqual({ value: given })
    expect(parseCondition(given, ['price'])).toHaveProperty('problems.0.path', ['attribute'])
  })
})

describe('a glob', () => {
  it('matches what the regular expression of the same meaning matches.', () => {
    const text = (letters: string) => fc.array(fc.constantFrom(...letters), { maxLength: 10 }).map((list) => list.join(''))
    fc.assert(
      fc.property(text('ab*?'), text('ab'), (glob, given) => {
        const expression = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`)
        return matchesGlob([...glob], [...given]) === expression.test(given)
      }),
      { numRuns: 1000 },
    )
    expect(matchesGlob([...'9.*'], [...'90210'])).toBe(false)
    expect(matchesGlob(['?'], [...'😀'])).toBe(true)
  })

  it('that would need exponential time by trial takes few steps.', () => {
    const [glob, text] = [[...`${'*a'.repeat(49)}*b`], [...'a'.repeat(200)]]
    const countsSteps = (matches: typeof matchesGlob) => {
      let steps = 0
      const counted = new Proxy(text, {
        get: (target, key) => {
          if (++steps > 100_000) throw new Error('too many steps')
          return Reflect.get(target, key)
        },
      })
      matches(glob, counted)
      return steps
    }
    const byTrial: typeof matchesGlob = (pattern, given) => {
      const from = (inPattern: number, inText: number): boolean => {
        const wanted = pattern[inPattern]
        if (wanted === undefined) return given[inText] === undefined
        if (wanted === '*') return from(inPattern + 1, inText) || (given[inText] !== undefined && from(inPattern, inText + 1))
        return given[inText] === wanted && from(inPattern + 1, inText + 1)
      }
      return from(0, 0)
    }
    expect(() => countsSteps(byTrial)).toThrow('too many steps')
    expect(countsSteps(matchesGlob)).toBeLessThan(100_000)
  })
})

/** Returns whether a path leads to a place in a JSON value, or to a key that is missing in it. */
function leadsInto(given: unknown, path: readonly string[]): boolean {
  let place: unknown = given
  for (const [index, key] of path.entries()) {
    if (typeof place !== 'object' || place === null) return false
    if (!Object.hasOwn(place, key)) return index === path.length - 1
    place = (place as Record<string, unknown>)[key]
  }
  return true
}

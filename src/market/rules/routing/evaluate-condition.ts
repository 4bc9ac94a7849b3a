import { type Attributes, type Comparison, type Condition, maxTextLength, type Outcome } from './condition.ts'

type Test = (attributes: Attributes) => Outcome

/** Evaluates conditions. Each condition is compiled once, for as long as its document is in memory. */
export class Conditions {
  readonly #compiled = new WeakMap<Condition, Test>()

  /** Returns whether a condition holds. Routing takes a buyer only on HOLDS; compliance lets a call pass only on FAILS. */
  outcome(condition: Condition, attributes: Attributes): Outcome {
    let test = this.#compiled.get(condition)
    if (!test) {
      test = compile(condition)
      this.#compiled.set(condition, test)
    }
    return test(attributes)
  }
}

/**
 * Returns an upper bound of the steps in which a condition is evaluated. A comparison is one step, and a glob has a step for each of its
 * characters at each place of the text.
 */
export function stepsOf(condition: Condition): number {
  const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : undefined
  if (parts) return parts.reduce((steps, part) => steps + stepsOf(part), 1)
  const { attribute, operator, value } = condition as Comparison
  return operator === 'matches' ? 1 + String(value).length * maxTextLength(attribute) : 1
}

function compile(condition: Condition): Test {
  if ('all' in condition) return combine(condition.all.map(compile), 'FAILS', 'HOLDS')
  if ('any' in condition) return combine(condition.any.map(compile), 'HOLDS', 'FAILS')
  return compare(condition)
}

/** Returns the outcome that decides if any part has it, otherwise UNKNOWN if any part has this, otherwise the other outcome. */
function combine(parts: readonly Test[], decisive: Outcome, other: Outcome): Test {
  return (attributes) => {
    let outcome = other
    for (const part of parts) {
      const found = part(attributes)
      if (found === decisive) return decisive
      if (found === 'UNKNOWN') outcome = found
    }
    return outcome
  }
}

function compare({ attribute, operator, value }: Comparison): Test {
  const values = typeof value === 'object' ? value : [value]
  const test =
    (holds: (given: string | number) => boolean | undefined): Test =>
    (attributes) => {
      const given = attributes.get(attribute)
      const held = given === undefined ? undefined : holds(given)
      return held === undefined ? 'UNKNOWN' : held ? 'HOLDS' : 'FAILS'
    }
  const glob = [...String(value)]
  if (operator === 'matches') return test((given) => matchesGlob(glob, [...String(given)]))
  if (operator === '<') return test((given) => ordered(numberOf(given), (number) => number < Number(value)))
  if (operator === '>') return test((given) => ordered(numberOf(given), (number) => number > Number(value)))
  const isOneOf = membership(values)
  return operator === '!=' ? test((given) => negated(isOneOf(given))) : test(isOneOf)
}

function negated(held: boolean | undefined): boolean | undefined {
  return held === undefined ? undefined : !held
}

function ordered(given: number | undefined, holds: (given: number) => boolean): boolean | undefined {
  return given === undefined ? undefined : holds(given)
}

/** Returns a test whether a value is one of these. It is undefined for a text that is compared only with numbers and is no number. */
function membership(values: readonly (string | number)[]): (given: string | number) => boolean | undefined {
  const texts = new Set(values.filter((value) => typeof value === 'string'))
  const numbers = new Set(values.filter((value) => typeof value === 'number'))
  return (given) => {
    if (texts.has(String(given))) return true
    const number = numbers.size === 0 ? undefined : numberOf(given)
    if (number !== undefined && numbers.has(number)) return true
    return numbers.size > 0 && texts.size === 0 && number === undefined ? undefined : false
  }
}

const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/

function numberOf(given: string | number): number | undefined {
  if (typeof given === 'number') return given
  return NUMBER.test(given) ? Number(given) : undefined
}

/**
 * Returns whether a text matches a glob. Only the last `*` is ever tried again, so the time is at most proportional to the product of
 * both lengths.
 * @param pattern Characters of the glob.
 * @param characters Characters of the text.
 */
export function matchesGlob(pattern: readonly string[], characters: readonly string[]): boolean {
  let [inGlob, inText, star, resume] = [0, 0, -1, 0]
  while (inText < characters.length) {
    if (pattern[inGlob] === '*') {
      star = inGlob++
      resume = inText
    } else if (inGlob < pattern.length && (pattern[inGlob] === '?' || pattern[inGlob] === characters[inText])) {
      inGlob++
      inText++
    } else if (star >= 0) {
      inGlob = star + 1
      inText = ++resume
    } else return false
  }
  while (pattern[inGlob] === '*') inGlob++
  return inGlob === pattern.length
}

import { type DocumentReader, type Parsed, type Path, DocumentReader as Reader } from '../document.ts'
import { usStates } from '../us-states.ts'

/**
 * Attributes of a ping that every condition may name. All other names are those of attributes that the publisher sends.
 *
 * | attribute | value |
 * |---|---|
 * | `state` | two letters of the caller's state, upper case |
 * | `zip` | five digits |
 * | `publisher` | the publisher's id as clients see it |
 * | `subId` | what the publisher calls its source |
 * | `hour` | hour of the day, 0 to 23, in the caller's state; where a state has several time zones, in its main one |
 * | `price` | what the buyer pays, minor units (only in routing) |
 */
const builtIns = { state: 'text', zip: 'text', publisher: 'text', subId: 'text', hour: 'number', price: 'number' } as const

/** Returns the length of the longest text that an attribute can have. */
export function maxTextLength(attribute: string): number {
  return attribute === 'state' ? 2 : attribute === 'zip' ? 5 : conditionLimits.textLength
}

/** Attributes of one ping by name. */
export type Attributes = ReadonlyMap<string, string | number>

const operators = ['=', '!=', 'in', '<', '>', 'matches'] as const
export type Operator = (typeof operators)[number]

type Scalar = string | number

/**
 * Comparison of an attribute. Texts are compared exactly, in their case. With a number as value, the attribute must be a number, or a text
 * that is one. `matches` takes a glob such as `90*`, in which `*` stands for any text and `?` for one character. It takes no regular
 * expression, because some of these need exponential time.
 */
export interface Comparison {
  readonly attribute: string
  readonly operator: Operator
  readonly value: Scalar | readonly Scalar[]
}

/** A condition as data. */
export type Condition = { readonly all: readonly Condition[] } | { readonly any: readonly Condition[] } | Comparison

/** A condition is UNKNOWN if an attribute that decides it is missing or is not a number where one is needed. */
export type Outcome = 'HOLDS' | 'FAILS' | 'UNKNOWN'

/** Limits of one condition with all that is in it. */
export const conditionLimits = { depth: 5, comparisons: 100, values: 500, textLength: 100, nameLength: 40 } as const

const NAME = /^[A-Za-z][A-Za-z0-9_.-]*$/

/** Returns whether this may be the name of an attribute that a publisher sends. */
export function isFreeAttribute(name: string): boolean {
  return name.length <= conditionLimits.nameLength && NAME.test(name) && !Object.hasOwn(builtIns, name)
}

/** Reads a condition from unknown JSON. @param without Built-in attributes that have no value where the condition is used. */
export function parseCondition(given: unknown, without: readonly (keyof typeof builtIns)[] = []): Parsed<Condition> {
  const reader = new Reader()
  return reader.result(readCondition(reader, given, [], without))
}

/** Reads a condition that is part of a document. */
export function readCondition(
  reader: DocumentReader,
  given: unknown,
  path: Path,
  without: readonly (keyof typeof builtIns)[] = [],
): Condition | undefined {
  return new ConditionReader(reader, without).read(given, path, 1)
}

class ConditionReader {
  readonly #reader: DocumentReader
  readonly #without: readonly string[]
  #comparisons = 0
  #values = 0

  constructor(reader: DocumentReader, without: readonly string[]) {
    this.#reader = reader
    this.#without = without
  }

  read(given: unknown, path: Path, depth: number): Condition | undefined {
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      return this.#reader.unexpected(path, 'a condition: {all: [...]}, {any: [...]} or {attribute, operator, value}', given)
    if (depth > conditionLimits.depth)
      return this.#reader.refuse(path, `Conditions may be nested ${conditionLimits.depth} deep. Expected no condition at this depth.`)
    if (Object.hasOwn(given, 'all')) {
      const all = this.#parts(this.#reader.object(given, path, ['all'])?.all, given, [...path, 'all'], depth)
      return all && { all }
    }
    if (Object.hasOwn(given, 'any')) {
      const any = this.#parts(this.#reader.object(given, path, ['any'])?.any, given, [...path, 'any'], depth)
      return any && { any }
    }
    return this.#comparison(given, path)
  }

  #parts(parts: unknown, whole: object, path: Path, depth: number): readonly Condition[] | undefined {
    if (parts === undefined && Object.keys(whole).length > 1) return undefined
    return this.#reader.list(parts, path, { min: 1, max: conditionLimits.comparisons }, (part, at) => this.read(part, at, depth + 1))
  }

  #comparison(given: object, path: Path): Comparison | undefined {
    this.#comparisons++
    if (this.#comparisons > conditionLimits.comparisons) {
      // One error is enough, however many comparisons follow.
      if (this.#comparisons > conditionLimits.comparisons + 1) return undefined
      return this.#reader.refuse(path, `Expected at most ${conditionLimits.comparisons} comparisons in a condition, but this is one more.`)
    }
    const fields = this.#reader.object(given, path, ['attribute', 'operator', 'value'])
    if (!fields) return undefined
    const attribute = this.#attribute(fields.attribute, [...path, 'attribute'])
    const operator = this.#reader.choice(fields.operator, [...path, 'operator'], operators)
    if (attribute === undefined || operator === undefined) return undefined
    const value = this.#value(attribute, operator, fields.value, [...path, 'value'])
    return value === undefined ? undefined : { attribute, operator, value }
  }

  #attribute(given: unknown, path: Path): string | undefined {
    const known = Object.keys(builtIns).filter((name) => !this.#without.includes(name))
    if (typeof given === 'string' && (known.includes(given) || isFreeAttribute(given))) return given
    const free = `a name of at most ${conditionLimits.nameLength} letters, digits, dots, hyphens and underscores that begins with a letter`
    return this.#reader.unexpected(path, `one of ${known.join(', ')}, or ${free}`, given)
  }

  #value(attribute: string, operator: Operator, given: unknown, path: Path): Comparison['value'] | undefined {
    if (operator === 'in')
      return this.#reader.list(given, path, { min: 1, max: conditionLimits.values }, (item, at) => this.#scalar(attribute, item, at))
    if (operator === 'matches') {
      if (typeIn(attribute) === 'number')
        return this.#reader.refuse([...path.slice(0, -1), 'operator'], `${attribute} is a number. Expected = != in < or >.`)
      return typeof given === 'string' ? this.#text(given, path) : this.#reader.unexpected(path, 'a pattern such as "90*"', given)
    }
    if (operator === '=' || operator === '!=') return this.#scalar(attribute, given, path)
    if (typeIn(attribute) === 'text' && attribute !== 'zip')
      return this.#reader.refuse([...path.slice(0, -1), 'operator'], `${attribute} is a text. Expected = != in or matches.`)
    return this.#number(given, path)
  }

  #scalar(attribute: string, given: unknown, path: Path): Scalar | undefined {
    if (++this.#values > conditionLimits.values)
      return this.#values > conditionLimits.values + 1
        ? undefined
        : this.#reader.refuse(path, `Expected at most ${conditionLimits.values} values in a condition, but this is one more.`)
    const type = typeIn(attribute)
    if (type === 'number') return this.#number(given, path)
    if (attribute === 'state')
      return typeof given === 'string' && usStates.has(given)
        ? given
        : this.#reader.unexpected(path, 'the two letters of a US state such as "CA"', given)
    if (attribute === 'zip')
      return typeof given === 'string' && /^\d{5}$/.test(given)
        ? given
        : this.#reader.unexpected(path, 'a text of five digits such as "02134"', given)
    if (typeof given === 'number' && type === undefined) return this.#number(given, path)
    return typeof given === 'string'
      ? this.#text(given, path)
      : this.#reader.unexpected(path, type === undefined ? 'a text or a number' : 'a text', given)
  }

  #number(given: unknown, path: Path): number | undefined {
    return typeof given === 'number' && Number.isFinite(given) ? given : this.#reader.unexpected(path, 'a number', given)
  }

  #text(given: string, path: Path): string | undefined {
    return this.#reader.text(given, path, { what: 'a text', maxLength: conditionLimits.textLength })
  }
}

function typeIn(attribute: string): 'text' | 'number' | undefined {
  return Object.hasOwn(builtIns, attribute) ? builtIns[attribute as keyof typeof builtIns] : undefined
}

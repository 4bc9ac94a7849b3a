import { cutText, quote } from '../../gateway/contract/quote.ts'
import { readText, type TextRule } from '../../gateway/contract/text-input.ts'

/** An error in a document. The path leads from the document to its wrong part, such as `['targets', '2', 'weight']`. */
export interface DocumentProblem {
  readonly path: readonly string[]
  /** Sentences that say what was expected and what came. */
  readonly message: string
}

/** A document that was read, in its normal form; or the errors in it. */
export type Parsed<Value> = { readonly value: Value } | { readonly problems: readonly DocumentProblem[] }

/** Place in a document. */
export type Path = readonly string[]

/** Number of errors that are kept of one document. */
const MAX_PROBLEMS = 20

/**
 * Reads a document of unknown JSON and collects the errors in it. Each method returns the value in its normal form, or undefined after it
 * noted an error.
 */
export class DocumentReader {
  readonly #problems: DocumentProblem[] = []

  /** Notes an error and returns undefined. */
  refuse(path: Path, message: string): undefined {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ path, message })
  }

  /** Notes that a value is not what was expected. @param expected Noun phrase, such as `a list`. */
  unexpected(path: Path, expected: string, given: unknown): undefined {
    return this.refuse(
      path,
      given === undefined ? `Expected ${expected}, but it is missing.` : `Expected ${expected}, got ${shown(given)}.`,
    )
  }

  /** Reads an object that has no other keys than the named ones. */
  object<Key extends string>(given: unknown, path: Path, keys: readonly Key[]): Readonly<Partial<Record<Key, unknown>>> | undefined {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return this.unexpected(path, 'an object', given)
    const known: readonly string[] = keys
    const others = Object.keys(given).filter((key) => !known.includes(key))
    const [first] = others
    if (first !== undefined) return this.refuse([...path, cutText(first, 60)], `There is no such key. Expected one of ${keys.join(', ')}.`)
    return Object.fromEntries(Object.entries(given)) as Partial<Record<Key, unknown>>
  }

  /** Reads a list. Items that are wrong are left out, after their errors were noted. */
  list<Item>(
    given: unknown,
    path: Path,
    rule: ListRule<Item>,
    item: (given: unknown, path: Path) => Item | undefined,
  ): readonly Item[] | undefined {
    const { min = 0, max, distinct } = rule
    if (!Array.isArray(given)) return this.unexpected(path, 'a list', given)
    if (given.length < min || given.length > max)
      return this.refuse(path, `Expected a list of ${min} to ${max} items, got ${given.length} items.`)
    const seen = new Set<string>()
    return given.flatMap((value: unknown, index) => {
      const at = [...path, String(index)]
      const read = item(value, at)
      if (read === undefined) return []
      if (distinct && seen.has(distinct.by(read))) this.refuse([...at, ...distinct.path], distinct.problem(read))
      if (distinct) seen.add(distinct.by(read))
      return [read]
    })
  }

  integer(given: unknown, path: Path, { min, max, unit }: IntegerRange): number | undefined {
    if (typeof given === 'number' && Number.isSafeInteger(given) && given >= min && given <= max) return given
    return this.unexpected(path, `an integer from ${min} to ${max}${unit === undefined ? '' : ` ${unit}`}`, given)
  }

  boolean(given: unknown, path: Path): boolean | undefined {
    return typeof given === 'boolean' ? given : this.unexpected(path, 'true or false', given)
  }

  /** Reads a text in the form in which texts are stored. */
  text(given: unknown, path: Path, rule: TextRule): string | undefined {
    if (typeof given !== 'string') return this.unexpected(path, rule.what, given)
    const read = readText(given, rule)
    return 'text' in read ? read.text : this.refuse(path, read.problem)
  }

  choice<Choice extends string>(given: unknown, path: Path, choices: readonly Choice[]): Choice | undefined {
    return choices.find((choice) => choice === given) ?? this.unexpected(path, `one of ${choices.join(', ')}`, given)
  }

  /** Reads a value that may be missing or null, which gives null. */
  optional<Value>(given: unknown, read: (given: unknown) => Value | undefined): Value | null | undefined {
    return given === undefined || given === null ? null : read(given)
  }

  /** Returns the document, or the errors that were noted. */
  result<Value>(value: Value | undefined): Parsed<Value> {
    if (this.#problems.length > 0) return { problems: this.#problems }
    if (value === undefined) throw new Error('A document was refused without an error that says why. This is a bug of its parser.')
    return { value }
  }
}

/** Bounds of a list. */
interface ListRule<Item> {
  readonly min?: number
  readonly max: number
  /** Refuses an item that repeats an earlier one. */
  readonly distinct?: {
    by(item: Item): string
    /** Path from the item to what repeats. */
    readonly path: Path
    problem(item: Item): string
  }
}

/** Inclusive bounds of an integer. */
export interface IntegerRange {
  readonly min: number
  readonly max: number
  /** Unit that error messages name. */
  readonly unit?: string
}

/** Range of an amount of money in minor units. The sum of 900,000 such amounts is still an exact integer. */
export const amountRange: IntegerRange = { min: 0, max: 10_000_000_000, unit: 'minor units' }

function shown(given: unknown): string {
  if (typeof given === 'string') return quote(given)
  if (Array.isArray(given)) return 'a list'
  return typeof given === 'object' && given !== null ? 'an object' : String(given)
}

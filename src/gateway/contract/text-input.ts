import { GatewayError } from '../../errors.ts'
import { quote } from './quote.ts'

/** Bounds of a text that a client gives. */
export interface TextRule {
  /** Name of the text in error messages, with an article, such as `a name`. */
  readonly what: string
  /** Minimum length in characters. Default: 0. */
  readonly minLength?: number
  /** Maximum length in characters. */
  readonly maxLength: number
}

/** The text in the form that {@link plainText} returns; or, if the text is refused, the error message. */
export type TextInput = { readonly text: string } | { readonly problem: string }

/**
 * Returns the end of an error message about a text that PostgreSQL cannot store; undefined if the text can be stored. PostgreSQL cannot
 * store the character U+0000, or a lone surrogate, which is not valid Unicode.
 */
export function unstorablePart(text: string): string | undefined {
  if (text.includes('\0')) return 'the character U+0000: leave it out.'
  return text.isWellFormed() ? undefined : 'half a character (a lone surrogate): send well-formed Unicode.'
}

/** Returns the number of Unicode code points in a text, so that an emoji of one code point counts as one character. */
export function countCharacters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/**
 * Returns a text in the form in which it is stored: trimmed, and in the Unicode normalization form NFC, so that texts that look the same
 * are equal.
 */
export function plainText(given: string): string {
  return given.trim().normalize('NFC')
}

/** Returns a text in the form that is used to compare words: {@link compatibleText} in lower case. */
export function foldedText(text: string): string {
  return compatibleText(text).toLowerCase()
}

/** Returns a text in the Unicode normalization form NFKC, in which variants of a character, such as wide ones, are equal. */
export function compatibleText(text: string): string {
  return text.normalize('NFKC')
}

/**
 * Checks a text that a client gives. The length of the text is counted in Unicode code points after {@link plainText}, so that blanks at
 * the ends of the text do not count. The {@link foldedText} of an accepted text can be 18 times as long as the text.
 */
export function readText(given: string, { what, minLength = 0, maxLength }: TextRule): TextInput {
  const unstorable = unstorablePart(given)
  if (unstorable !== undefined) return { problem: `Expected ${what} without ${unstorable}` }
  const text = plainText(given)
  const length = countCharacters(text)
  if (length >= minLength && length <= maxLength) return { text }
  const bounds = minLength === 0 ? `at most ${maxLength}` : `${minLength} to ${maxLength}`
  return { problem: `Expected ${what} of ${bounds} characters, got ${length} in ${quote(given)}.` }
}

/**
 * Returns a text as {@link readText} does, for an argument of a query.
 * @throws GatewayError BAD_USER_INPUT for a text that is not accepted.
 */
export function requireText(given: string, rule: TextRule): string {
  const read = readText(given, rule)
  if ('problem' in read) throw new GatewayError('BAD_USER_INPUT', read.problem)
  return read.text
}

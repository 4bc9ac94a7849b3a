import { GatewayError } from '../errors.ts'
import { limits } from './domain-config.ts'
import { type Vertical, verticals } from './vocabulary/verticals.ts'

/** One or more words that stand in a name together. */
export interface Phrase {
  /** The words without anything between them. */
  readonly text: string
  readonly terms: readonly string[]
}

export interface Keyword extends Phrase {
  /** The trade it belongs to; null for a word of no trade we know. */
  readonly vertical: Vertical | null
}

/** Splits a phrase into its words. Punctuation that people leave out of names (apostrophes, full stops) goes. */
export function phrase(text: string): Phrase {
  const terms = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’.]/g, '')
    .split(/[\s_&+,/]+/u)
    .filter((term) => term !== '')
  return { text: terms.join(''), terms }
}

/**
 * The distinct keywords, in their order.
 * @throws GatewayError BAD_USER_INPUT that names the keyword.
 */
export function parseKeywords(given: readonly string[]): Keyword[] {
  if (given.length === 0) throw new GatewayError('BAD_USER_INPUT', 'keywords is empty: give at least one, such as "plumber".')
  if (given.length > limits.keywords)
    throw new GatewayError('BAD_USER_INPUT', `keywords has ${given.length} items and may have ${limits.keywords}: give fewer.`)
  const distinct = new Map<string, Keyword>()
  for (const text of given) {
    const keyword = parseKeyword(text)
    if (!distinct.has(keyword.text)) distinct.set(keyword.text, keyword)
  }
  return [...distinct.values()]
}

function parseKeyword(given: string): Keyword {
  const parsed = phrase(given)
  const shown = JSON.stringify(given.length > 60 ? `${given.slice(0, 60)}…` : given)
  if (parsed.text === '') throw new GatewayError('BAD_USER_INPUT', `keywords: ${shown} holds no letter or digit.`)
  if (parsed.text.length > limits.keywordLength)
    throw new GatewayError(
      'BAD_USER_INPUT',
      `keywords: ${shown} has ${parsed.text.length} letters and may have ${limits.keywordLength}: shorten it.`,
    )
  if (!/^[\p{L}\p{N}](?:(?:[\p{L}\p{M}\p{N}-]|\u200c|\u200d)*[\p{L}\p{M}\p{N}])?$/u.test(parsed.text))
    throw new GatewayError('BAD_USER_INPUT', `keywords: ${shown} may only hold letters, digits, blanks and hyphens between them.`)
  return { ...parsed, vertical: verticalOf(parsed) }
}

/** The trade with that very keyword; else the one whose keywords share a word with it. */
function verticalOf(keyword: Phrase): Vertical | null {
  const exact = verticals.find(
    ({ name, keywords }) => name === keyword.text || keywords.some((known) => phrase(known).text === keyword.text),
  )
  if (exact) return exact
  const shares = (known: string) => phrase(known).terms.some((term) => term.length > 3 && keyword.terms.includes(term))
  return verticals.find(({ name, keywords }) => keyword.terms.includes(name) || keywords.some(shares)) ?? null
}

import { GatewayError } from '../errors.ts'
import { countCharacters } from './characters.ts'
import { limits } from './domain-config.ts'
import { quote } from './quote.ts'
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
  /** The other keywords of that trade. */
  readonly related: readonly Phrase[]
}

/** A trade with its words split once, since every keyword is compared with all of them. */
interface Trade {
  readonly vertical: Vertical
  readonly phrases: readonly Phrase[]
  /** Its name, and those of its words that are long enough to tell it. */
  readonly tellingTerms: ReadonlySet<string>
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
  // First of all: normalization makes up to 18 characters of one.
  if (countCharacters(given) > limits.givenKeywordLength)
    throw new GatewayError(
      'BAD_USER_INPUT',
      `keywords: ${quote(given)} has ${countCharacters(given)} characters and may have ${limits.givenKeywordLength}: shorten it.`,
    )
  const parsed = phrase(given)
  const shown = quote(given)
  if (parsed.text === '') throw new GatewayError('BAD_USER_INPUT', `keywords: ${shown} holds no letter or digit.`)
  if (countCharacters(parsed.text) > limits.keywordLength)
    throw new GatewayError(
      'BAD_USER_INPUT',
      `keywords: ${shown} has ${countCharacters(parsed.text)} letters and may have ${limits.keywordLength}: shorten it.`,
    )
  if (!/^[\p{L}\p{N}](?:(?:[\p{L}\p{M}\p{N}-]|\u200c|\u200d)*[\p{L}\p{M}\p{N}])?$/u.test(parsed.text))
    throw new GatewayError('BAD_USER_INPUT', `keywords: ${shown} may only hold letters, digits, blanks and hyphens between them.`)
  const trade = tradeOf(parsed)
  return {
    ...parsed,
    vertical: trade?.vertical ?? null,
    related: trade?.phrases.filter(({ text }) => text !== parsed.text) ?? [],
  }
}

/** The trade with that very keyword; else the one whose keywords share a word with it. */
function tradeOf({ text, terms }: Phrase): Trade | undefined {
  return tradesByText.get(text) ?? trades.find(({ tellingTerms }) => terms.some((term) => tellingTerms.has(term)))
}

const trades: readonly Trade[] = verticals.map((vertical) => {
  const phrases = vertical.keywords.map(phrase)
  const tellingTerms = new Set([vertical.name, ...phrases.flatMap(({ terms }) => terms.filter((term) => term.length > 3))])
  return { vertical, phrases, tellingTerms }
})

/** The first trade wins where two have the same keyword. */
const tradesByText: ReadonlyMap<string, Trade> = new Map(
  trades
    .flatMap((trade) => [trade.vertical.name, ...trade.phrases.map(({ text }) => text)].map((text): [string, Trade] => [text, trade]))
    .reverse(),
)

import { GatewayError } from '../../../errors.ts'
import { quote } from '../../../gateway/contract/quote.ts'
import { countCharacters, foldedText, requireText } from '../../../gateway/contract/text-input.ts'
import { limits } from './domain-config.ts'
import { type Vertical, verticals } from './vocabulary/verticals.ts'

/** One or more words that stand beside each other in a domain name. */
export interface Phrase {
  /** The words, joined without anything between them. */
  readonly text: string
  readonly terms: readonly string[]
}

export interface Keyword extends Phrase {
  /** The trade to which the keyword belongs; null if it belongs to no known trade. */
  readonly vertical: Vertical | null
  /** The other keywords of the trade to which the keyword belongs. */
  readonly related: readonly Phrase[]
}

/**
 * A trade with its keywords. The keywords are split into words when the program starts, because each given keyword is compared with the
 * words of all trades.
 */
interface Trade {
  readonly vertical: Vertical
  readonly phrases: readonly Phrase[]
  /** Words that identify the trade. These are the name of the trade, and each word of its keywords that has more than three letters. */
  readonly tellingTerms: ReadonlySet<string>
}

/** Splits a phrase into its words. Punctuation that people leave out of names (apostrophes, full stops) is removed. */
export function phrase(text: string): Phrase {
  const terms = foldedText(text)
    .replace(/['’.]/g, '')
    .split(/[\s_&+,/]+/u)
    .filter((term) => term !== '')
  return { text: terms.join(''), terms }
}

/**
 * Returns the distinct keywords, in the order in which they were given.
 * @throws GatewayError BAD_USER_INPUT that names the wrong keyword.
 */
export function parseKeywords(given: readonly string[]): Keyword[] {
  if (given.length === 0) throw new GatewayError('BAD_USER_INPUT', 'keywords is empty: give at least one, such as "plumber".')
  if (given.length > limits.keywords)
    throw new GatewayError('BAD_USER_INPUT', `keywords has ${given.length} items and may have at most ${limits.keywords}: give fewer.`)
  const distinct = new Map<string, Keyword>()
  for (const text of given) {
    const keyword = parseKeyword(text)
    if (!distinct.has(keyword.text)) distinct.set(keyword.text, keyword)
  }
  return [...distinct.values()]
}

function parseKeyword(given: string): Keyword {
  const parsed = phrase(requireText(given, { what: 'a keyword', maxLength: limits.givenKeywordLength }))
  const shown = quote(given)
  if (parsed.text === '') throw new GatewayError('BAD_USER_INPUT', `keywords: ${shown} holds no letter or digit.`)
  if (countCharacters(parsed.text) > limits.keywordLength)
    throw new GatewayError(
      'BAD_USER_INPUT',
      `keywords: ${shown} has ${countCharacters(parsed.text)} letters and may have at most ${limits.keywordLength}: shorten it.`,
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

/**
 * Returns the trade that has exactly the given keyword. If no trade has this keyword, returns the first trade that is identified by a word
 * of the given keyword.
 */
function tradeOf({ text, terms }: Phrase): Trade | undefined {
  return tradesByText.get(text) ?? trades.find(({ tellingTerms }) => terms.some((term) => tellingTerms.has(term)))
}

const trades: readonly Trade[] = verticals.map((vertical) => {
  const phrases = vertical.keywords.map(phrase)
  const tellingTerms = new Set([vertical.name, ...phrases.flatMap(({ terms }) => terms.filter((term) => term.length > 3))])
  return { vertical, phrases, tellingTerms }
})

/** Trades by their names and keywords. If two trades have the same keyword, the keyword stands for the first trade. */
const tradesByText: ReadonlyMap<string, Trade> = new Map(
  trades
    .flatMap((trade) => [trade.vertical.name, ...trade.phrases.map(({ text }) => text)].map((text): [string, Trade] => [text, trade]))
    .reverse(),
)

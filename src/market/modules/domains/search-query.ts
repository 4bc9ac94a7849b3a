import { type RawBuilder, sql } from 'kysely'
import { GatewayError } from '../../../errors.ts'
import { foldedText, requireText } from '../../../gateway/contract/text-input.ts'

const MAX_WORDS = 10
const MAX_QUERY_LENGTH = 200

/**
 * Returns the words of a search text in lower case, joined by single blanks. Texts that differ only in capitals, punctuation or blanks give
 * the same result, and so they share one cache entry.
 * @throws GatewayError BAD_USER_INPUT for a text without a word, or a very long text.
 */
export function normalizeQuery(query: string): string {
  const text = requireText(query, { what: 'a `query`', maxLength: MAX_QUERY_LENGTH })
  const words = foldedText(text).match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  if (words.length === 0)
    throw new GatewayError('BAD_USER_INPUT', 'Expected a `query` of at least one word, got none: list all by `domains`.')
  if (words.length > MAX_WORDS) {
    throw new GatewayError('BAD_USER_INPUT', `Expected a \`query\` of at most ${MAX_WORDS} words, got ${words.length}: leave words out.`)
  }
  return words.join(' ')
}

/** Returns an SQL condition that is true if each word of a normalized search text is the beginning of a word of the domain. */
export function searchCondition(query: string): RawBuilder<unknown> {
  const terms = query.split(' ').map((word) => `'${word}':*`)
  return sql`search @@ to_tsquery('simple', ${terms.join(' & ')})`
}

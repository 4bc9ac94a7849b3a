import { type RawBuilder, sql } from 'kysely'
import { GatewayError } from '../../errors.ts'
import { countCharacters } from '../../generator/characters.ts'

const MOST_WORDS = 10
const LONGEST_QUERY = 200

/**
 * The words of a query, in lower case: what two people type differently and mean the same becomes one entry of the cache.
 * @throws GatewayError BAD_USER_INPUT for a query without a word, or a very long one.
 */
export function normalizeQuery(query: string): string {
  const length = countCharacters(query)
  if (length > LONGEST_QUERY) {
    throw new GatewayError('BAD_USER_INPUT', `Expected a \`query\` of at most ${LONGEST_QUERY} characters, got ${length}: leave words out.`)
  }
  const words =
    query
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  if (words.length === 0)
    throw new GatewayError('BAD_USER_INPUT', 'Expected a `query` of at least one word, got none: list all by `domains`.')
  if (words.length > MOST_WORDS) {
    throw new GatewayError('BAD_USER_INPUT', `Expected a \`query\` of at most ${MOST_WORDS} words, got ${words.length}: leave words out.`)
  }
  return words.join(' ')
}

/** Holds where each word of a normalized query begins a word of the domain. */
export function searchCondition(query: string): RawBuilder<unknown> {
  const terms = query.split(' ').map((word) => `'${word}':*`)
  return sql`search @@ to_tsquery('simple', ${terms.join(' & ')})`
}

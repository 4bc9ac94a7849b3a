import { type RawBuilder, sql } from 'kysely'
import { GatewayError } from '../../errors.ts'
import { compatibleText, requireText } from '../../gateway/contract/text-input.ts'
import { WORD_SEPARATORS } from '../tables/name-search.ts'

const MAX_WORDS = 10
const MAX_LENGTH = 200

/**
 * Returns an SQL condition that is true if each word of a text is a word of the row's name, or the beginning of one. The row's table has a
 * column `search` with the result of the SQL function `name_search`.
 * @param text The value of the argument `filter.search`.
 * @throws GatewayError BAD_USER_INPUT for a text without a word, and for a very long text.
 */
export function nameCondition(tenant: string, text: string): RawBuilder<unknown> {
  const words = wordsOf(requireText(text, { what: 'a `filter.search`', maxLength: MAX_LENGTH }))
  if (words.length === 0)
    throw new GatewayError('BAD_USER_INPUT', 'Expected a `filter.search` of at least one word, got none: leave it out to list all.')
  if (words.length > MAX_WORDS) {
    throw new GatewayError(
      'BAD_USER_INPUT',
      `Expected a \`filter.search\` of at most ${MAX_WORDS} words, got ${words.length}: leave words out.`,
    )
  }
  // No word contains a quote or a backslash, because these separate words. The database folds the words of names, so it also folds these:
  // JavaScript and PostgreSQL may know different versions of Unicode.
  const terms = words.map((word) => `'${word}':*`).join(' & ')
  return sql`search @@ (${`'/${tenant}' & `} || lower(${terms}))::tsquery`
}

/** Returns the words of a text as the SQL function `name_search` splits a name, not yet in lower case. */
function wordsOf(text: string): string[] {
  let spaced = ''
  for (const character of compatibleText(text)) spaced += WORD_SEPARATORS.includes(character) ? ' ' : character
  return spaced.split(' ').filter((word) => word !== '')
}

/**
 * Characters that separate the words of a name: blanks and punctuation. Every other character belongs to a word, in the database as in
 * the texts that clients search for, so a word is found whatever characters it has.
 */
export const WORD_SEPARATORS = ' \t\n\r!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u00b7\u00ab\u00bb'

/** The longest part of a name that is searched, in characters. PostgreSQL allows no word of more than 2046 bytes. */
const MAX_LENGTH = 500

/**
 * Returns the SQL of the function `name_search(tenant, name)`. Its result holds the words of the name in lower case, and the tenant as a
 * word that no name can have. So one index serves all tenants, and a search reads only the rows of its tenant.
 */
export function nameSearchFunction(): string {
  const separators = `'${WORD_SEPARATORS.replaceAll("'", "''")}'`
  const blanks = `'${' '.repeat(WORD_SEPARATORS.length)}'`
  const folded = `translate(lower(left(normalize(name, nfkc), ${MAX_LENGTH})), ${separators}, ${blanks})`
  return `create function name_search(tenant text, name text) returns tsvector
    language sql immutable parallel safe
    return array_to_tsvector(array_append(array_remove(string_to_array(${folded}, ' '), ''), '/' || tenant))`
}

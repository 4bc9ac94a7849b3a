import tlds from 'tlds' with { type: 'json' }
import { toASCII, toUnicode } from 'tr46'
import { GatewayError } from '../errors.ts'
import { countCharacters } from './characters.ts'
import { limits } from './domain-config.ts'
import { isRightToLeft } from './idna-label.ts'
import { quote } from './quote.ts'

export interface TopLevelDomain {
  /** A-label, lower case, without a dot. */
  readonly name: string
  readonly unicodeName: string
  readonly kind: 'COUNTRY_CODE' | 'GENERIC' | 'INTERNATIONALIZED'
}

/** Every top-level domain that IANA lists, by its A-label, in alphabetical order. */
export const topLevelDomains: ReadonlyMap<string, TopLevelDomain> = new Map(
  tlds
    .map((listed): [string, TopLevelDomain] => {
      const name = toASCII(listed)
      if (name === null) throw new TypeError(`The list of top-level domains holds ${JSON.stringify(listed)}, which is no domain name.`)
      return [name, { name, unicodeName: toUnicode(name).domain, kind: kindOf(name) }]
    })
    .sort(([a], [b]) => (a < b ? -1 : 1)),
)

const byUnicodeName: ReadonlyMap<string, TopLevelDomain> = new Map([...topLevelDomains.values()].map((tld) => [tld.unicodeName, tld]))

/** The A-labels of those that make a name a right-to-left one: IDNA then forbids more of what stands left of them. */
export const rightToLeftTlds: ReadonlySet<string> = new Set(
  [...topLevelDomains.values()].filter(({ name, kind }) => kind === 'INTERNATIONALIZED' && isRightToLeft(name)).map(({ name }) => name),
)

/**
 * The A-label of a top-level domain given as `com`, `.COM`, `みんな` or `xn--q9jyb4c`.
 * @throws GatewayError BAD_USER_INPUT when IANA does not list it.
 */
export function topLevelDomain(given: string): TopLevelDomain {
  if (countCharacters(given) > limits.givenTldLength)
    throw new GatewayError(
      'BAD_USER_INPUT',
      `${quote(given)} is not a top-level domain: it has ${countCharacters(given)} characters and may have ${limits.givenTldLength}.`,
    )
  const label = given.trim().replace(/^\./, '')
  const lower = label.toLowerCase()
  // Nearly all are found as they stand, without the tables of Unicode.
  const found = topLevelDomains.get(lower) ?? byUnicodeName.get(lower) ?? topLevelDomains.get(toASCII(label) ?? '')
  if (found) return found
  const hint = label.includes('.')
    ? `Give the last part only: ${quote(label.slice(label.lastIndexOf('.') + 1))}.`
    : 'Query `tlds` for those that exist.'
  throw new GatewayError('BAD_USER_INPUT', `${quote(given)} is not a top-level domain. ${hint}`)
}

/** Two ASCII letters are reserved for country codes (ISO 3166-1 alpha-2). */
function kindOf(name: string): TopLevelDomain['kind'] {
  if (name.startsWith('xn--')) return 'INTERNATIONALIZED'
  return name.length === 2 ? 'COUNTRY_CODE' : 'GENERIC'
}

import tlds from 'tlds' with { type: 'json' }
import { toASCII, toUnicode } from 'tr46'
import { GatewayError } from '../../../errors.ts'
import { quote } from '../../../gateway/contract/quote.ts'
import { requireText } from '../../../gateway/contract/text-input.ts'
import { limits } from './domain-config.ts'
import { isRightToLeft } from './idna-label.ts'

export interface TopLevelDomain {
  /** Name in A-label form (RFC 5890), lower case, without a dot. */
  readonly name: string
  readonly unicodeName: string
  readonly kind: 'COUNTRY_CODE' | 'GENERIC' | 'INTERNATIONALIZED'
}

/** Every top-level domain that IANA lists, by its A-label, in alphabetical order of the A-labels. */
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

/**
 * A-labels of the top-level domains that make a name right-to-left. Under these top-level domains, IDNA restricts the labels to the left.
 */
export const rightToLeftTlds: ReadonlySet<string> = new Set(
  [...topLevelDomains.values()].filter(({ name, kind }) => kind === 'INTERNATIONALIZED' && isRightToLeft(name)).map(({ name }) => name),
)

/**
 * Finds a top-level domain that a caller wrote, for example as `com`, `.COM`, `みんな` or `xn--q9jyb4c`.
 * @throws GatewayError BAD_USER_INPUT if IANA does not list it.
 */
export function topLevelDomain(given: string): TopLevelDomain {
  const label = requireText(given, { what: 'a top-level domain', maxLength: limits.givenTldLength }).replace(/^\./, '')
  const lower = label.toLowerCase()
  // The first lookup finds nearly all top-level domains without the slow Unicode conversion.
  const found = topLevelDomains.get(lower) ?? byUnicodeName.get(lower) ?? topLevelDomains.get(toASCII(label) ?? '')
  if (found) return found
  const hint = label.includes('.')
    ? `Give the last part only: ${quote(label.slice(label.lastIndexOf('.') + 1))}.`
    : 'Query `tlds` for those that exist.'
  throw new GatewayError('BAD_USER_INPUT', `${quote(given)} is not a top-level domain. ${hint}`)
}

/** Classifies a top-level domain by its name: all names of two ASCII letters are country codes (ISO 3166-1 alpha-2). */
function kindOf(name: string): TopLevelDomain['kind'] {
  if (name.startsWith('xn--')) return 'INTERNATIONALIZED'
  return name.length === 2 ? 'COUNTRY_CODE' : 'GENERIC'
}

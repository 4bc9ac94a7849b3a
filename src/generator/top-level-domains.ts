import tlds from 'tlds' with { type: 'json' }
import { toASCII, toUnicode } from 'tr46'
import { GatewayError } from '../errors.ts'

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

/**
 * The A-label of a top-level domain given as `com`, `.COM`, `みんな` or `xn--q9jyb4c`.
 * @throws GatewayError BAD_USER_INPUT when IANA does not list it.
 */
export function topLevelDomain(given: string): TopLevelDomain {
  const label = given.trim().replace(/^\./, '')
  const found = topLevelDomains.get(toASCII(label) ?? '')
  if (found) return found
  const hint = label.includes('.')
    ? `Give the last part only: ${JSON.stringify(label.slice(label.lastIndexOf('.') + 1))}.`
    : 'Query `tlds` for those that exist.'
  throw new GatewayError('BAD_USER_INPUT', `${JSON.stringify(given)} is not a top-level domain. ${hint}`)
}

/** Two ASCII letters are reserved for country codes (ISO 3166-1 alpha-2). */
function kindOf(name: string): TopLevelDomain['kind'] {
  if (name.startsWith('xn--')) return 'INTERNATIONALIZED'
  return name.length === 2 ? 'COUNTRY_CODE' : 'GENERIC'
}

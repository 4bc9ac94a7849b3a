import { GatewayError } from '../../../errors.ts'
import { quote } from '../../../gateway/contract/quote.ts'
import { requireText } from '../../../gateway/contract/text-input.ts'
import { limits } from './domain-config.ts'
import { toAsciiName, toUnicodeName } from './idna.ts'
import { topLevelDomains } from './top-level-domains.ts'

export { toAsciiName, toUnicodeName } from './idna.ts'

export interface DomainName {
  /** Name in A-label form (RFC 5890), lower case: always `${sld}.${tld}`. */
  readonly name: string
  readonly unicodeName: string
  /** Everything to the left of the top-level domain. */
  readonly sld: string
  readonly tld: string
}

/**
 * Splits a name in A-label form at its last dot. It does not validate the parts.
 * @throws GatewayError BAD_USER_INPUT when there is no dot with text on both sides.
 */
export function splitDomain(name: string): { readonly name: string; readonly sld: string; readonly tld: string } {
  const dot = name.lastIndexOf('.')
  if (dot < 1 || dot === name.length - 1) throw wrongName(name, 'it needs a name and a top-level domain, as in "example.com"')
  return { name, sld: name.slice(0, dot), tld: name.slice(dot + 1) }
}

/**
 * Converts text from a user to the domain name that it means. Blanks around the name, capitals, U-labels and one final dot are accepted.
 * @throws GatewayError BAD_USER_INPUT for anything that is not a valid IDNA name under a top-level domain of IANA's list.
 */
export function normalizeDomain(given: string): DomainName {
  // The length is checked first, because the cost of the steps below grows faster than the square of the length.
  const text = requireText(given, { what: 'a domain name', maxLength: limits.givenNameLength })
  const trimmed = text.replace(/[.。]$/u, '')
  if (/[/:@?#]/.test(trimmed)) throw wrongName(given, 'give the bare name, without a scheme, path, port or mailbox')
  const name = toAsciiName(trimmed)
  if (name === null)
    throw wrongName(given, 'labels take 1 to 63 letters, digits and inner hyphens (253 characters in all) as IDNA allows them')
  const parts = splitDomain(name)
  if (!topLevelDomains.has(parts.tld))
    throw wrongName(given, `".${parts.tld}" is not a top-level domain; query \`tlds\` for those that exist`)
  return { ...parts, unicodeName: toUnicodeName(name) }
}

function wrongName(given: string, reason: string): GatewayError {
  return new GatewayError('BAD_USER_INPUT', `${quote(given, 80)} is not a domain name: ${reason}.`)
}

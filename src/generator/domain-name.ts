import { GatewayError } from '../errors.ts'
import { countCharacters } from './characters.ts'
import { limits } from './domain-config.ts'
import { toAsciiName, toUnicodeName } from './idna.ts'
import { quote } from './quote.ts'
import { topLevelDomains } from './top-level-domains.ts'

export { toAsciiName, toUnicodeName } from './idna.ts'

export interface DomainName {
  /** A-label form, lower case: always `${sld}.${tld}`. */
  readonly name: string
  readonly unicodeName: string
  /** All that is left of the top-level domain. */
  readonly sld: string
  readonly tld: string
}

/**
 * Splits a name in A-label form at its last dot; nothing is checked.
 * @throws GatewayError BAD_USER_INPUT when there is no dot with something on both sides.
 */
export function splitDomain(name: string): { readonly name: string; readonly sld: string; readonly tld: string } {
  const dot = name.lastIndexOf('.')
  if (dot < 1 || dot === name.length - 1) throw wrongName(name, 'it needs a name and a top-level domain, as in "example.com"')
  return { name, sld: name.slice(0, dot), tld: name.slice(dot + 1) }
}

/**
 * What a person typed as the domain name that is meant: blanks around it, capitals, U-labels and one final dot are all
 * right.
 * @throws GatewayError BAD_USER_INPUT for anything that is not a valid IDNA name under a top-level domain of IANA's list.
 */
export function normalizeDomain(given: string): DomainName {
  // First of all: what follows costs more than the square of the length.
  if (countCharacters(given) > limits.givenNameLength)
    throw wrongName(given, `it has ${countCharacters(given)} characters, and a name has at most 253`)
  const trimmed = given.trim().replace(/[.。]$/u, '')
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

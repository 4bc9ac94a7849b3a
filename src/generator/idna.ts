import { toASCII, toUnicode } from 'tr46'

const STRICT = {
  checkHyphens: true,
  checkBidi: true,
  checkJoiners: true,
  useSTD3ASCIIRules: true,
  verifyDNSLength: true,
  transitionalProcessing: false,
} as const

/**
 * The lower-case A-label form of a name, or null when IDNA (UTS #46, strict) or the DNS's lengths forbid it. What
 * the top-level domain is does not matter here.
 */
export function toAsciiName(name: string): string | null {
  return toASCII(name, STRICT)
}

/**
 * The form for people of a name that {@link toAsciiName} gave. Only labels in A-label form are converted, one by one: the rules
 * for whole names held when the name was accepted. A label that is not valid IDNA stays as it is.
 */
export function toUnicodeName(name: string): string {
  if (!name.includes('xn--')) return name
  return name.split('.').map(toUnicodeLabel).join('.')
}

function toUnicodeLabel(label: string): string {
  if (!label.startsWith('xn--')) return label
  const { domain, error } = toUnicode(label, STRICT)
  return error ? label : domain
}

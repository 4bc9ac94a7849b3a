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
 * Returns the A-label form of a name in lower case; null if IDNA (UTS #46, strict) or the lengths of the DNS forbid it. It does not check
 * whether the top-level domain exists.
 */
export function toAsciiName(name: string): string | null {
  return toASCII(name, STRICT)
}

/**
 * Returns the readable Unicode form of a name from {@link toAsciiName}. Each label is converted separately, because toAsciiName has already
 * checked the rules for the whole name. A label that is not valid IDNA stays unchanged.
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

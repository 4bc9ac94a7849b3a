import { toAsciiName } from './idna.ts'

/** A label that IDNA allows: one that stands left of the top-level domain, without a dot. */
export interface IdnaLabel {
  /** A-label form, lower case. */
  readonly ascii: string
  /**
   * True where the name stays valid under a right-to-left top-level domain. IDNA's Bidi rule (RFC 5893) is the one rule that
   * speaks of the whole name: it binds every label of a name with a right-to-left one in it.
   */
  readonly fitsRightToLeft: boolean
}

/** Hebrew alef: a label that makes any name a right-to-left one. */
const RIGHT_TO_LEFT_LABEL = 'א'

/**
 * Converts a label once, for all the top-level domains that it is joined with. `${ascii}.${tld}` is then what IDNA makes of the
 * whole name. The DNS's limit of 253 characters needs no look: two labels are 127 at most.
 * @param asksRightToLeft Whether `fitsRightToLeft` is wanted, which takes a second conversion of what is not plain.
 * @returns null where IDNA does not allow the label under any top-level domain.
 */
export function convertLabel(text: string, asksRightToLeft: boolean): IdnaLabel | null {
  if (isPlain(text)) return plainLabel(text)
  const ascii = toAsciiName(text)
  if (ascii === null || ascii.includes('.')) return null
  return { ascii, fitsRightToLeft: asksRightToLeft && toAsciiName(`${text}.${RIGHT_TO_LEFT_LABEL}`) !== null }
}

/** @param text One that is plain. In a right-to-left name it must begin with a letter. */
export function plainLabel(text: string): IdnaLabel {
  return { ascii: text, fitsRightToLeft: text.charCodeAt(0) > DIGIT_NINE }
}

/** Whether a name is a right-to-left one by this label: the Bidi rule forbids a digit at the beginning of its other labels. */
export function isRightToLeft(label: string): boolean {
  return toAsciiName(`1.${label}`) === null
}

/** True of labels that every rule of IDNA passes unchanged: it saves the tables of Unicode for nearly all names. */
export function isPlain(label: string): boolean {
  return PLAIN.test(label) && label.slice(2, 4) !== '--'
}

const PLAIN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const DIGIT_NINE = 57

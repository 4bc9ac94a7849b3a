import { toAsciiName } from './idna.ts'

/** A label that IDNA allows to the left of a top-level domain. It has no dot. */
export interface IdnaLabel {
  /** Label in A-label form (RFC 5890), lower case. */
  readonly ascii: string
  /**
   * True if the label is also valid under a right-to-left top-level domain. All other rules of IDNA check each label separately. Only the
   * Bidi rule (RFC 5893) depends on the whole name: one right-to-left label restricts all labels of the name.
   */
  readonly fitsRightToLeft: boolean
}

/** The Hebrew letter alef. As a label, it makes any name right-to-left. */
const RIGHT_TO_LEFT_LABEL = 'א'

/**
 * Converts a label to A-label form. One conversion serves all top-level domains, because `${ascii}.${tld}` equals the conversion of the
 * whole name. The DNS limit of 253 characters for a name is not checked, because a name of two labels has at most 127 characters.
 * @param asksRightToLeft Whether to compute `fitsRightToLeft`, which takes a second conversion if the label is not plain.
 * @returns null if IDNA does not allow the label under any top-level domain.
 */
export function convertLabel(text: string, asksRightToLeft: boolean): IdnaLabel | null {
  if (isPlain(text)) return plainLabel(text)
  const ascii = toAsciiName(text)
  if (ascii === null || ascii.includes('.')) return null
  return { ascii, fitsRightToLeft: asksRightToLeft && toAsciiName(`${text}.${RIGHT_TO_LEFT_LABEL}`) !== null }
}

/**
 * Converts a plain label. A plain label fits a right-to-left name only if it begins with a letter. @param text A plain label, see {@link
 * isPlain}.
 */
export function plainLabel(text: string): IdnaLabel {
  return { ascii: text, fitsRightToLeft: text.charCodeAt(0) > DIGIT_NINE }
}

/**
 * Returns whether the label makes a name right-to-left. In a right-to-left name, the Bidi rule forbids that another label begins with a
 * digit. So the function tries a name with a second label that begins with a digit.
 */
export function isRightToLeft(label: string): boolean {
  return toAsciiName(`1.${label}`) === null
}

/**
 * Returns true for a label that every rule of IDNA leaves unchanged. Nearly every label is plain. A plain label is checked without the
 * Unicode tables.
 */
export function isPlain(label: string): boolean {
  return PLAIN.test(label) && label.slice(2, 4) !== '--'
}

const PLAIN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const DIGIT_NINE = 57

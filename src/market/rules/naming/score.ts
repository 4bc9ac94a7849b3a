import type { Keyword } from './keyword.ts'
import type { Label } from './labels.ts'
import type { Pattern } from './pattern.ts'

/** Maximum result of {@link scoreLabel}. {@link scoreTld} adds up to 20 points, so the score of a name is at most 100. */
const labelPoints = 80

/**
 * Returns the score of the label to the left of the top-level domain: an integer from 0 to 80, where higher is better. The length gives up
 * to 25 points. The readability gives up to 20. The share of characters that come from the keywords gives up to 15. A label without hyphens
 * gets 8 points, a label without digits gets 4, and a simple pattern gets up to 8.
 */
export function scoreLabel(label: Label): number {
  const text = label.text
  const { hyphens, digits, readability } = readingOf(text)
  const points =
    lengthPoints(text.length) +
    20 * readability +
    15 * Math.min(1, label.keywordLength / (text.length - hyphens)) +
    Math.max(0, 8 - 4 * hyphens) +
    Math.max(0, 4 - 2 * digits) +
    patternPoints(label.pattern)
  return Math.round(Math.min(labelPoints, Math.max(0, points)))
}

/** Returns the points for the length of a label: six to twelve characters get all points, thirty or more get none. */
function lengthPoints(length: number): number {
  if (length < 6) return 25 - 3 * (6 - length)
  return length <= 12 ? 25 : Math.max(0, 25 - (25 / 18) * (length - 12))
}

interface Reading {
  readonly hyphens: number
  readonly digits: number
  readonly readability: number
}

/**
 * Counts the hyphens and digits of a label and measures its readability, in one pass. Readability, from 0 to 1, estimates how easily people
 * type a name that they heard on the radio. Runs of consonants or of vowels and tripled letters lower the readability. A share of vowels
 * that differs from the share in English words (about 2 in 5) lowers it, too. Letters outside a to z count neither as vowels nor as
 * consonants.
 */
function readingOf(text: string): Reading {
  let hyphens = 0
  let digits = 0
  let vowels = 0
  let consonants = 0
  let run = 0
  let stumbles = 0
  let previousKind = 0
  let previous = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    const kind = kindOf(code)
    if (code === HYPHEN) hyphens += 1
    else if (code >= DIGIT_ZERO && code <= DIGIT_NINE) digits += 1
    if (kind === VOWEL) vowels += 1
    else if (kind === CONSONANT) consonants += 1
    run = kind === previousKind && kind !== OTHER ? run + 1 : 1
    if (run === 4 || (run === 3 && kind === VOWEL)) stumbles += 1
    else if (run > 4) stumbles += 0.5
    if (code === previous && index > 1 && text.charCodeAt(index - 2) === code) stumbles += 1
    previousKind = kind
    previous = code
  }
  const letters = vowels + consonants
  if (letters === 0) return { hyphens, digits, readability: text.length > hyphens + digits ? 1 : 0 }
  const imbalance = Math.abs(vowels / letters - 0.4)
  return { hyphens, digits, readability: Math.max(0, 1 - 0.25 * stumbles - Math.max(0, imbalance - 0.1) * 2) }
}

const HYPHEN = 45
const DIGIT_ZERO = 48
const DIGIT_NINE = 57
const OTHER = 0
const VOWEL = 1
const CONSONANT = 2

function kindOf(code: number): number {
  if (code < 97 || code > 122) return OTHER
  // The character codes of a, e, i, o, u and y.
  return code === 97 || code === 101 || code === 105 || code === 111 || code === 117 || code === 121 ? VOWEL : CONSONANT
}

function patternPoints(pattern: Pattern): number {
  const words = pattern.parts.filter((part) => !('literal' in part && /^-+$/.test(part.literal))).length
  return Math.max(0, 8 - 2 * (words - 1))
}

/**
 * Scores a top-level domain from 0 to 20, by how likely callers are to know and type it. The top-level domain of the keyword's trade
 * (`.plumbing` for plumbers) scores nearly as high as `.org`.
 */
export function scoreTld(tld: string, keywords: readonly Keyword[]): number {
  const wellKnown = desirability[tld]
  if (wellKnown !== undefined) return wellKnown
  if (keywords.some(({ vertical }) => vertical?.tlds.includes(tld))) return 14
  if (keywords.some(({ terms }) => terms.includes(tld))) return 14
  if (tld.startsWith('xn--')) return 3
  return tld.length === 2 ? 5 : 6
}

/**
 * Scores of well-known top-level domains. They roughly follow the shares of the top-level domains among the ten thousand most visited names
 * of OpenDNS: com 65 %, net 9 %, org 3.5 %, info 1 %, biz 0.7 %, me 0.5 %, io 0.4 %, co 0.4 %, us 0.2 %. The score of `.us` is raised,
 * because the callers are in the United States.
 */
const desirability: Readonly<Record<string, number>> = {
  com: 20,
  net: 16,
  org: 15,
  us: 13,
  co: 12,
  io: 11,
  info: 10,
  biz: 9,
  me: 9,
  pro: 8,
  app: 8,
  online: 7,
  site: 6,
}

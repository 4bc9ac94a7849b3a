import { GatewayError } from '../../../errors.ts'
import { quote } from '../../../gateway/contract/quote.ts'
import { foldedText, requireText } from '../../../gateway/contract/text-input.ts'
import { limits } from './domain-config.ts'

/** Placeholders that a pattern may contain in braces, each with a description of what replaces it. */
export const placeholders = {
  keyword: 'each keyword',
  keyword2: 'each other keyword',
  related: 'the words of the same trade as {keyword}',
  prefix: 'words such as best, my, pro',
  suffix: 'words such as pros, now, hub',
  action: 'words such as call, get, find',
  city: 'large cities of the United States',
  state: 'states of the United States',
  statecode: 'their two letters',
} as const

export type Placeholder = keyof typeof placeholders

export type PatternPart = { readonly literal: string } | { readonly placeholder: Placeholder }

export interface Pattern {
  /** The pattern as the caller spelled it. */
  readonly text: string
  readonly parts: readonly PatternPart[]
}

/**
 * Parses a pattern such as `{action}{keyword}` or `{keyword}-{city}`. A pattern consists of placeholders, and of letters, digits and
 * hyphens, which are literal. A final `.{tld}` is accepted and ignored, because every name gets a top-level domain anyway.
 * @throws GatewayError BAD_USER_INPUT that names the pattern and what to change.
 */
export function parsePattern(given: string): Pattern {
  const wrong = (reason: string) => new GatewayError('BAD_USER_INPUT', `patterns: ${quote(given, limits.patternLength)} ${reason}`)
  const text = foldedText(requireText(given, { what: 'a pattern', maxLength: limits.patternLength })).replace(/\.\{tld\}$/, '')
  const parts: PatternPart[] = []
  let end = 0
  for (const match of text.matchAll(/\{([^{}]*)\}|[^{}]+/gu)) {
    if (match.index !== end) break
    end = match.index + match[0].length
    const name = match[1]
    if (name === undefined) parts.push({ literal: match[0] })
    else if (isPlaceholder(name)) parts.push({ placeholder: name })
    else throw wrong(`has the unknown placeholder {${name}}: known are ${known}.`)
  }
  if (end !== text.length) throw wrong(`has a brace without its partner: write placeholders as {keyword}. Known are ${known}.`)
  const names = parts.flatMap((part) => ('placeholder' in part ? [part.placeholder] : []))
  if (!names.includes('keyword')) throw wrong('lacks {keyword}: without it no keyword gets into the names.')
  if (names.length > limits.patternPlaceholders)
    throw wrong(`has ${names.length} placeholders and may have at most ${limits.patternPlaceholders}: take some out.`)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated)
    throw wrong(
      `has {${repeated}} twice: each placeholder may stand once${repeated === 'keyword' ? '; a second keyword is {keyword2}' : ''}.`,
    )
  for (const part of parts) {
    if ('literal' in part && !/^[\p{L}\p{M}\p{N}-]+$/u.test(part.literal))
      throw wrong(`has ${JSON.stringify(part.literal)}: between placeholders only letters, digits and hyphens may stand.`)
  }
  if (/^-|-$/.test(text)) throw wrong('begins or ends with a hyphen, which no domain name may.')
  return { text: given, parts }
}

const known = Object.keys(placeholders)
  .map((name) => `{${name}}`)
  .join(', ')

function isPlaceholder(name: string): name is Placeholder {
  return Object.hasOwn(placeholders, name)
}

import { GatewayError } from '../errors.ts'
import { limits } from '../generator/domain-config.ts'
import { parseKeywords } from '../generator/keyword.ts'
import { parsePattern } from '../generator/pattern.ts'
import { topLevelDomain } from '../generator/top-level-domains.ts'
import { type UserError, userError } from './user-error.ts'

/** What domains are generated from; undefined and null leave it as it is. */
export interface GeneratorInput {
  readonly keywords?: readonly string[] | null | undefined
  readonly tlds?: readonly string[] | null | undefined
  readonly patterns?: readonly string[] | null | undefined
}

/** What the generator says to keywords, top-level domains and patterns. */
export function generatorErrors({ keywords, tlds, patterns }: GeneratorInput): UserError[] {
  return [
    ...(keywords == null ? [] : errorsOf('keywords', () => parseKeywords(keywords))),
    ...(tlds == null ? [] : listErrors('tlds', tlds, 1, limits.tlds, topLevelDomain)),
    ...(patterns == null ? [] : listErrors('patterns', patterns, 0, limits.patterns, parsePattern)),
  ]
}

/** As they are stored: A-labels, each once. */
export function storedTlds(tlds: readonly string[]): string[] {
  return [...new Set(tlds.map((tld) => topLevelDomain(tld).name))]
}

export function storedTexts(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => text.trim()))]
}

function listErrors(field: string, items: readonly string[], fewest: number, most: number, parse: (item: string) => unknown): UserError[] {
  if (items.length < fewest || items.length > most) {
    return [userError('INVALID', `Expected from ${fewest} to ${most} ${field}, got ${items.length}.`, ['input', field])]
  }
  return items.flatMap((item) => errorsOf(field, () => parse(item)))
}

function errorsOf(field: string, parse: () => unknown): UserError[] {
  try {
    parse()
    return []
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'BAD_USER_INPUT') return [userError('INVALID', error.message, ['input', field])]
    throw error
  }
}

import { GatewayError } from '../../errors.ts'
import { rangeErrors } from '../../gateway/contract/range-input.ts'
import { plainText } from '../../gateway/contract/text-input.ts'
import { type UserError, userError } from '../../gateway/contract/user-error.ts'
import { limits } from '../rules/naming/domain-config.ts'
import { parseKeywords } from '../rules/naming/keyword.ts'
import { parsePattern } from '../rules/naming/pattern.ts'
import { topLevelDomain } from '../rules/naming/top-level-domains.ts'
import type { GenerateDomainsInput } from './schema-types.generated.ts'

/**
 * Keywords, top-level domains and patterns from which domain names are generated. Undefined and null stand for a value that the client did
 * not give.
 */
export type GeneratorInput = Pick<GenerateDomainsInput, 'keywords' | 'tlds' | 'patterns'>

/** Returns the errors that the name generator finds in the keywords, top-level domains and patterns. */
export function generatorErrors({ keywords, tlds, patterns }: GeneratorInput): UserError[] {
  return [
    ...(keywords == null ? [] : errorsOf('keywords', () => parseKeywords(keywords))),
    ...(tlds == null ? [] : listErrors('tlds', tlds, 1, limits.tlds, topLevelDomain)),
    ...(patterns == null ? [] : listErrors('patterns', patterns, 0, limits.patterns, parsePattern)),
  ]
}

/** Returns the top-level domains in the form in which they are stored: A-labels without duplicates. */
export function storedTlds(tlds: readonly string[]): string[] {
  return [...new Set(tlds.map((tld) => topLevelDomain(tld).name))]
}

export function storedTexts(texts: readonly string[]): string[] {
  return [...new Set(texts.map(plainText))]
}

function listErrors(field: string, items: readonly string[], min: number, max: number, parse: (item: string) => unknown): UserError[] {
  const errors = rangeErrors(items.length, { min, max, unit: field }, ['input', field])
  return errors.length > 0 ? errors : items.flatMap((item) => errorsOf(field, () => parse(item)))
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

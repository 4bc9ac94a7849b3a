import { GatewayError } from '../../errors.ts'
import { limits } from '../domains/generator/domain-config.ts'
import { parseKeywords } from '../domains/generator/keyword.ts'
import { parsePattern } from '../domains/generator/pattern.ts'
import { topLevelDomain } from '../domains/generator/top-level-domains.ts'
import { type UserError, userError } from '../user-error.ts'

/** What of a campaign a client may write; undefined and null leave it as it is. */
export interface CampaignInput {
  readonly name?: string | null | undefined
  readonly budget?: { readonly amount: number; readonly currency: string } | null | undefined
  readonly keywords?: readonly string[] | null | undefined
  readonly tlds?: readonly string[] | null | undefined
  readonly patterns?: readonly string[] | null | undefined
  readonly startsAt?: string | null | undefined
  readonly endsAt?: string | null | undefined
}

const LONGEST_NAME = 120

/** Everything wrong with the input, not only the first. */
export function campaignErrors(input: CampaignInput, currency: string): UserError[] {
  const { name, budget, startsAt, endsAt } = input
  const errors = generatorErrors(input)
  if (name != null && (name.trim() === '' || [...name.trim()].length > LONGEST_NAME)) {
    errors.push(
      userError('INVALID', `Expected a name of 1 to ${LONGEST_NAME} characters, got ${[...name.trim()].length}.`, ['input', 'name']),
    )
  }
  if (name?.includes('\0')) errors.push(userError('INVALID', 'Expected a name without the character U+0000.', ['input', 'name']))
  if (budget != null && budget.amount < 0) {
    errors.push(userError('INVALID', `Expected a budget of 0 minor units or more, got ${budget.amount}.`, ['input', 'budget', 'amount']))
  }
  if (budget != null && budget.currency !== currency) {
    errors.push(userError('INVALID', `Expected a budget in ${currency}, got ${budget.currency}.`, ['input', 'budget', 'currency']))
  }
  if (startsAt != null && endsAt != null && Date.parse(endsAt) <= Date.parse(startsAt)) {
    errors.push(userError('INVALID', `Expected an end after the start, ${startsAt}, got ${endsAt}.`, ['input', 'endsAt']))
  }
  return errors
}

/** What the generator says to keywords, top-level domains and patterns. */
export function generatorErrors({ keywords, tlds, patterns }: Pick<CampaignInput, 'keywords' | 'tlds' | 'patterns'>): UserError[] {
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

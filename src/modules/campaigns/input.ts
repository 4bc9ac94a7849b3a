import { quote } from '../../generator/quote.ts'
import { generatorErrors } from '../generator-input.ts'
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

const MAX_NAME_LENGTH = 120

/** Characters of a name as it is given: counting those that take two places, and cutting blanks off, costs the length. */
const MAX_GIVEN_NAME_LENGTH = 1000

/** Everything wrong with the input, not only the first. */
export function campaignErrors(input: CampaignInput, currency: string): UserError[] {
  const { name, budget, startsAt, endsAt } = input
  const errors = generatorErrors(input)
  const nameLength = name == null || name.length > MAX_GIVEN_NAME_LENGTH ? name?.length : [...name.trim()].length
  if (nameLength !== undefined && (nameLength === 0 || nameLength > MAX_NAME_LENGTH)) {
    errors.push(userError('INVALID', `Expected a name of 1 to ${MAX_NAME_LENGTH} characters, got ${nameLength}.`, ['input', 'name']))
  }
  if (name?.includes('\0')) errors.push(userError('INVALID', 'Expected a name without the character U+0000.', ['input', 'name']))
  if (budget != null && budget.amount < 0) {
    errors.push(userError('INVALID', `Expected a budget of 0 minor units or more, got ${budget.amount}.`, ['input', 'budget', 'amount']))
  }
  if (budget != null && budget.currency !== currency) {
    errors.push(
      userError('INVALID', `Expected a budget in ${currency}, got ${quote(budget.currency, 10)}.`, ['input', 'budget', 'currency']),
    )
  }
  if (startsAt != null && endsAt != null && Date.parse(endsAt) <= Date.parse(startsAt)) {
    errors.push(userError('INVALID', `Expected an end after the start, ${startsAt}, got ${endsAt}.`, ['input', 'endsAt']))
  }
  return errors
}

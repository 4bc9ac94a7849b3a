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

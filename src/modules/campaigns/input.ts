import { quote } from '../../generator/quote.ts'
import { generatorErrors } from '../generator-input.ts'
import { nameErrors } from '../name-input.ts'
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

/** Everything wrong with the input, not only the first. */
export function campaignErrors(input: CampaignInput, currency: string): UserError[] {
  const { name, budget, startsAt, endsAt } = input
  const errors = [...nameErrors(name), ...generatorErrors(input)]
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

import { type UserError, userError } from '../../../gateway/contract/user-error.ts'
import { generatorErrors } from '../generator-input.ts'
import { amountErrors } from '../money-input.ts'
import { nameErrors } from '../name-input.ts'
import type { UpdateCampaignInput } from '../schema-types.generated.ts'

/** The fields of a campaign that are checked without reading the database. Undefined and null leave the stored value unchanged. */
export type CampaignFields = Omit<UpdateCampaignInput, 'id' | 'version' | 'ownerId' | 'planId'>

/** Returns the errors of all fields, not only the first error. */
export function campaignErrors(fields: CampaignFields, currency: string): UserError[] {
  const { name, budget, startsAt, endsAt } = fields
  const errors = [...nameErrors(name), ...generatorErrors(fields), ...amountErrors(budget, currency, { min: 0 }, ['input', 'budget'])]
  if (startsAt != null && endsAt != null && Date.parse(endsAt) <= Date.parse(startsAt)) {
    errors.push(userError('INVALID', `Expected an end after the start, ${startsAt}, got ${endsAt}.`, ['input', 'endsAt']))
  }
  return errors
}

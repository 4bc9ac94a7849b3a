import { unlessTaken } from '../../../engine/postgres/unique-violation.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { quote } from '../../../gateway/contract/quote.ts'
import { rangeErrors } from '../../../gateway/contract/range-input.ts'
import { changeRows, lockRow } from '../../../gateway/contract/row-lock.ts'
import { plainText } from '../../../gateway/contract/text-input.ts'
import { type UserError, userError } from '../../../gateway/contract/user-error.ts'
import { amountErrors, currencyOf } from '../money-input.ts'
import { nameErrors } from '../name-input.ts'
import type { NoMore } from '../no-more.ts'
import type { CreatePublisherInput, PayoutTermsInput, UpdatePublisherInput } from '../schema-types.generated.ts'
import type { PayoutTerms } from './entity.ts'

export type PublisherOutcome = { readonly publisherId: number } | { readonly errors: readonly UserError[] }

/** Largest payout of one call in minor units. The sum of 900,000 such amounts is still an exact integer. */
const MAX_PAYOUT = 10_000_000_000

export async function createPublisher(write: WriteContext, input: CreatePublisherInput): Promise<PublisherOutcome> {
  const { name, terms, active, ...others } = input
  others satisfies NoMore
  const errors = [...nameErrors(name), ...termsErrors(terms, await currencyOf(write))]
  if (errors.length > 0) return { errors }
  const at = new Date(write.now).toISOString()
  const { id } = await write.db
    .insertInto('publishers')
    .values({ tenantId: write.tenant, name: plainText(name), ...storedTerms(terms), active, createdAt: at, updatedAt: at })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { publisherId: id }
}

/** Changes the given fields of a publisher, unless the publisher was changed since `version`. */
export async function updatePublisher(write: WriteContext, id: number, input: Omit<UpdatePublisherInput, 'id'>): Promise<PublisherOutcome> {
  const { version, name, terms, active, ...others } = input
  others satisfies NoMore
  const errors = [...nameErrors(name), ...(terms == null ? [] : termsErrors(terms, await currencyOf(write)))]
  if (errors.length > 0) return { errors }
  const locked = await lockRow(write, 'publishers', [], { noun: 'publisher', id, path: ['input', 'id'], version })
  if ('error' in locked) return { errors: [locked.error] }
  await changeRows(write, 'publishers', [id], {
    ...(name != null && { name: plainText(name) }),
    ...(terms != null && storedTerms(terms)),
    ...(active != null && { active }),
    updatedAt: new Date(write.now).toISOString(),
  })
  return { publisherId: id }
}

/**
 * Runs a write to a publisher. Returns the error NAME_TAKEN if another publisher of the tenant already has the name.
 * @param name New name of the publisher; undefined or null if the name does not change.
 */
export function unlessNameTaken(name: string | null | undefined, write: () => Promise<PublisherOutcome>): Promise<PublisherOutcome> {
  const message = `Another publisher is called ${quote(plainText(name ?? ''), 120)}: choose another name.`
  return unlessTaken('publishers_tenant_id_name_key', write, () => ({ errors: [userError('NAME_TAKEN', message, ['input', 'name'])] }))
}

function termsErrors({ kind, amount, sharePermille, ...others }: PayoutTermsInput, currency: string): UserError[] {
  others satisfies NoMore
  const path = ['input', 'terms']
  const [needed, given] = kind === 'FIXED' ? (['amount', amount] as const) : (['sharePermille', sharePermille] as const)
  const [unfit, other] = kind === 'FIXED' ? (['sharePermille', sharePermille] as const) : (['amount', amount] as const)
  return [
    ...(given == null ? [userError('INVALID', `Expected \`${needed}\` for the kind ${kind}, got none.`, [...path, needed])] : []),
    ...(other == null ? [] : [userError('INVALID', `Expected no \`${unfit}\` for the kind ${kind}: leave it out.`, [...path, unfit])]),
    ...amountErrors(amount, currency, { min: 0, max: MAX_PAYOUT }, [...path, 'amount']),
    ...rangeErrors(sharePermille, { min: 0, max: 1000, unit: 'thousandths' }, [...path, 'sharePermille']),
  ]
}

function storedTerms({ kind, amount, sharePermille }: PayoutTermsInput): PayoutTerms {
  return { payoutKind: kind, payoutMinor: amount?.amount ?? 0, sharePermille: sharePermille ?? 0 }
}

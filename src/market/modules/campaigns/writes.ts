import { parseRowId } from '../../../gateway/contract/global-id.ts'
import { type InputId, inputId } from '../../../gateway/contract/input-id.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { changeRows, lockRow, type NamedRow } from '../../../gateway/contract/row-lock.ts'
import { plainText } from '../../../gateway/contract/text-input.ts'
import { notFound, type UserError, userError } from '../../../gateway/contract/user-error.ts'
import { storedTexts, storedTlds } from '../generator-input.ts'
import { currencyOf } from '../money-input.ts'
import type { NoMore } from '../no-more.ts'
import type { CreateCampaignInput, UpdateCampaignInput } from '../schema-types.generated.ts'
import type { Campaign } from './entity.ts'
import { campaignErrors } from './input.ts'

export type Outcome = { readonly campaignId: number } | { readonly errors: readonly UserError[] }

type Status = Campaign['status']

const transitions = {
  pause: { from: ['ACTIVE'], to: 'PAUSED' },
  resume: { from: ['DRAFT', 'PAUSED'], to: 'ACTIVE' },
  archive: { from: ['DRAFT', 'ACTIVE', 'PAUSED'], to: 'ARCHIVED' },
} as const satisfies Record<string, { from: readonly Status[]; to: Status }>

export type Transition = keyof typeof transitions

/** Creates a campaign with the status DRAFT. Its owner is the caller, unless the input names another owner. */
export async function createCampaign(write: WriteContext, input: CreateCampaignInput): Promise<Outcome> {
  const { db, tenant, viewer, now } = write
  const { name, budget, keywords, tlds, patterns, startsAt, endsAt, ownerId, planId, ...others } = input
  others satisfies NoMore
  const errors = campaignErrors(input, await currencyOf(write))
  const owner = await ownerOf(write, ownerId, parseRowId(viewer.userId))
  if ('error' in owner) errors.push(owner.error)
  const plan = await planOf(write, planId)
  if (plan && 'error' in plan) errors.push(plan.error)
  if (errors.length > 0 || 'error' in owner || (plan && 'error' in plan)) return { errors }
  const at = new Date(now).toISOString()
  const { id } = await db
    .insertInto('campaigns')
    .values({
      tenantId: tenant,
      ownerId: owner.id,
      planId: plan?.id ?? null,
      name: plainText(name),
      budgetMinor: budget.amount,
      keywords: storedTexts(keywords),
      tlds: storedTlds(tlds),
      patterns: storedTexts(patterns),
      startsAt: startsAt ?? null,
      endsAt: endsAt ?? null,
      createdAt: at,
      updatedAt: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { campaignId: id }
}

/** Changes the given fields of a campaign, unless the campaign was changed since `version`. */
export async function updateCampaign(write: WriteContext, id: number, input: Omit<UpdateCampaignInput, 'id'>): Promise<Outcome> {
  const { version, name, budget, keywords, tlds, patterns, ownerId, planId, startsAt: start, endsAt: end, ...others } = input
  others satisfies NoMore
  const locked = await lockRow(write, 'campaigns', ['status', 'startsAt', 'endsAt', 'ownerId'], { ...named(id), version })
  if ('error' in locked) return { errors: [locked.error] }
  const campaign = locked.row
  if (campaign.status === 'ARCHIVED')
    return { errors: [userError('INVALID_STATE', 'The campaign is ARCHIVED: it cannot be changed any more.', ['input', 'id'])] }
  const startsAt = start === undefined ? campaign.startsAt : start
  const endsAt = end === undefined ? campaign.endsAt : end
  const errors = campaignErrors({ name, budget, keywords, tlds, patterns, startsAt, endsAt }, await currencyOf(write))
  const owner = await ownerOf(write, ownerId, campaign.ownerId)
  if ('error' in owner) errors.push(owner.error)
  const plan = await planOf(write, planId)
  if (plan && 'error' in plan) errors.push(plan.error)
  if (errors.length > 0 || 'error' in owner || (plan && 'error' in plan)) return { errors }
  await changeRows(write, 'campaigns', [id], {
    ownerId: owner.id,
    ...(planId !== undefined && { planId: plan?.id ?? null }),
    startsAt,
    endsAt,
    ...(name != null && { name: plainText(name) }),
    ...(budget != null && { budgetMinor: budget.amount }),
    ...(keywords != null && { keywords: storedTexts(keywords) }),
    ...(tlds != null && { tlds: storedTlds(tlds) }),
    ...(patterns != null && { patterns: storedTexts(patterns) }),
    updatedAt: new Date(write.now).toISOString(),
  })
  return { campaignId: id }
}

export async function changeStatus(write: WriteContext, id: number, version: number | null, transition: Transition): Promise<Outcome> {
  const locked = await lockRow(write, 'campaigns', ['status'], { ...named(id), version })
  if ('error' in locked) return { errors: [locked.error] }
  const { status } = locked.row
  const { from, to }: { from: readonly Status[]; to: Status } = transitions[transition]
  if (!from.includes(status)) {
    const message = `The campaign is ${status}: only one that is ${from.join(' or ')} can become ${to}.`
    return { errors: [userError('INVALID_STATE', message, ['input', 'id'])] }
  }
  await changeRows(write, 'campaigns', [id], { status: to, updatedAt: new Date(write.now).toISOString() })
  return { campaignId: id }
}

/**
 * Deletes the campaign with its domains, phone calls, bids and events. Its reservations are kept, because the caps of their buyers count
 * them. Nothing else would end them once their calls are gone.
 */
export async function deleteCampaign(write: WriteContext, id: number, version: number | null): Promise<Outcome> {
  const locked = await lockRow(write, 'campaigns', [], { ...named(id), version })
  if ('error' in locked) return { errors: [locked.error] }
  // Each of the two states has an index of its own.
  for (const state of ['OPEN', 'CONNECTED'] as const)
    await write.db
      .updateTable('reservations')
      .set({ state: 'ENDED' })
      .where('tenantId', '=', write.tenant)
      .where('campaignId', '=', id)
      .where('state', '=', state)
      .execute()
  await write.db.deleteFrom('campaigns').where('tenantId', '=', write.tenant).where('id', '=', id).execute()
  return { campaignId: id }
}

function named(id: number): NamedRow {
  return { noun: 'campaign', id, path: ['input', 'id'] }
}

/**
 * Returns the row id of the user who will own the campaign.
 * @param usual Owner if the input names none; null if there is no default owner.
 */
async function ownerOf(write: WriteContext, given: string | null | undefined, usual: number | null): Promise<InputId> {
  const path = ['input', 'ownerId']
  const owner = given == null ? usual : inputId('User', given, path)
  if (typeof owner === 'object' && owner !== null && 'error' in owner) return owner
  const id = typeof owner === 'object' ? owner?.id : owner
  if (id !== undefined && (await isUser(write, id))) return { id }
  const nobody = userError('NOT_FOUND', 'The token belongs to no user of the tenant: give an `ownerId`.', path)
  return { error: given == null ? nobody : notFound('user', path) }
}

/** Returns the row id of the plan that the input names; undefined if it names none. */
async function planOf({ db, tenant }: WriteContext, given: string | null | undefined): Promise<InputId | undefined> {
  if (given == null) return undefined
  const path = ['input', 'planId']
  const named = inputId('RoutingPlan', given, path)
  if ('error' in named) return named
  const plan = await db.selectFrom('routingPlans').select('id').where('tenantId', '=', tenant).where('id', '=', named.id).executeTakeFirst()
  return plan ?? { error: notFound('routing plan', path) }
}

async function isUser({ db, tenant }: WriteContext, id: number): Promise<boolean> {
  return (await db.selectFrom('users').select('id').where('tenantId', '=', tenant).where('id', '=', id).executeTakeFirst()) !== undefined
}

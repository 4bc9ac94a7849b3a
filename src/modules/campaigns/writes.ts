import { sql } from 'kysely'
import { storedTexts, storedTlds } from '../generator-input.ts'
import { type InputId, inputId } from '../input-id.ts'
import type { WriteContext } from '../module.ts'
import { type UserError, userError } from '../user-error.ts'
import type { Campaign } from './entity.ts'
import { type CampaignInput, campaignErrors } from './input.ts'

export interface NewCampaign extends CampaignInput {
  readonly name: string
  readonly budget: { readonly amount: number; readonly currency: string }
  readonly keywords: readonly string[]
  readonly tlds: readonly string[]
  readonly patterns: readonly string[]
  /** Global id; the caller by default. */
  readonly ownerId?: string | null | undefined
}

export interface CampaignPatch extends CampaignInput {
  readonly version: number
  readonly ownerId?: string | null | undefined
}

export type Outcome = { readonly campaignId: number } | { readonly errors: readonly UserError[] }

type Status = Campaign['status']

const transitions = {
  pause: { from: ['ACTIVE'], to: 'PAUSED' },
  resume: { from: ['DRAFT', 'PAUSED'], to: 'ACTIVE' },
  archive: { from: ['DRAFT', 'ACTIVE', 'PAUSED'], to: 'ARCHIVED' },
} as const satisfies Record<string, { from: readonly Status[]; to: Status }>

export type Transition = keyof typeof transitions

export async function createCampaign(write: WriteContext, input: NewCampaign): Promise<Outcome> {
  const { db, tenant, viewer, now } = write
  const errors = campaignErrors(input, await currencyOf(write))
  const owner = await ownerOf(write, input.ownerId, ownId(viewer.userId))
  if ('error' in owner) errors.push(owner.error)
  if (errors.length > 0 || 'error' in owner) return { errors }
  const at = new Date(now).toISOString()
  const { id } = await db
    .insertInto('campaigns')
    .values({
      tenantId: tenant,
      ownerId: owner.id,
      name: input.name.trim(),
      budgetMinor: input.budget.amount,
      keywords: storedTexts(input.keywords),
      tlds: storedTlds(input.tlds),
      patterns: storedTexts(input.patterns),
      startsAt: input.startsAt ?? null,
      endsAt: input.endsAt ?? null,
      createdAt: at,
      updatedAt: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { campaignId: id }
}

/** Changes what is given, if nobody changed the campaign since `version`. */
export async function updateCampaign(write: WriteContext, id: number, patch: CampaignPatch): Promise<Outcome> {
  const campaign = await lockCampaign(write, id, patch.version)
  if ('errors' in campaign) return campaign
  if (campaign.status === 'ARCHIVED')
    return { errors: [userError('INVALID_STATE', 'The campaign is ARCHIVED: it cannot be changed any more.', ['input', 'id'])] }
  const startsAt = patch.startsAt === undefined ? campaign.startsAt : patch.startsAt
  const endsAt = patch.endsAt === undefined ? campaign.endsAt : patch.endsAt
  const errors = campaignErrors({ ...patch, startsAt, endsAt }, await currencyOf(write))
  const owner = await ownerOf(write, patch.ownerId, campaign.ownerId)
  if ('error' in owner) errors.push(owner.error)
  if (errors.length > 0 || 'error' in owner) return { errors }
  await change(write, id, patch.version, {
    ownerId: owner.id,
    startsAt,
    endsAt,
    ...(patch.name != null && { name: patch.name.trim() }),
    ...(patch.budget != null && { budgetMinor: patch.budget.amount }),
    ...(patch.keywords != null && { keywords: storedTexts(patch.keywords) }),
    ...(patch.tlds != null && { tlds: storedTlds(patch.tlds) }),
    ...(patch.patterns != null && { patterns: storedTexts(patch.patterns) }),
  })
  return { campaignId: id }
}

export async function changeStatus(write: WriteContext, id: number, version: number | null, transition: Transition): Promise<Outcome> {
  const campaign = await lockCampaign(write, id, version)
  if ('errors' in campaign) return campaign
  const { from, to }: { from: readonly Status[]; to: Status } = transitions[transition]
  if (!from.includes(campaign.status)) {
    return {
      errors: [
        userError('INVALID_STATE', `The campaign is ${campaign.status}: only one that is ${from.join(' or ')} can become ${to}.`, [
          'input',
          'id',
        ]),
      ],
    }
  }
  await change(write, id, campaign.version, { status: to })
  return { campaignId: id }
}

/** With all that belongs to it. */
export async function deleteCampaign(write: WriteContext, id: number, version: number | null): Promise<Outcome> {
  const campaign = await lockCampaign(write, id, version)
  if ('errors' in campaign) return campaign
  await write.db.deleteFrom('campaigns').where('tenantId', '=', write.tenant).where('id', '=', id).execute()
  return { campaignId: id }
}

/**
 * The campaign as it is until the transaction ends.
 * @param version The one it must have; null for any.
 */
async function lockCampaign(
  { db, tenant }: WriteContext,
  id: number,
  version: number | null,
): Promise<Campaign | { readonly errors: readonly UserError[] }> {
  const campaign = await db
    .selectFrom('campaigns')
    .selectAll()
    .where('tenantId', '=', tenant)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!campaign) return { errors: [userError('NOT_FOUND', 'There is no such campaign.', ['input', 'id'])] }
  if (version === null || version === campaign.version) return campaign
  return {
    errors: [
      userError('CONFLICT', `Version ${version} is not the current one, which is ${campaign.version}: read the campaign again.`, [
        'input',
        'version',
      ]),
    ],
  }
}

async function change({ db, tenant, now }: WriteContext, id: number, version: number, values: Partial<Campaign>): Promise<void> {
  await db
    .updateTable('campaigns')
    .set({ ...values, version: sql`version + 1`, updatedAt: new Date(now).toISOString() })
    .where('tenantId', '=', tenant)
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
}

async function currencyOf({ db, tenant }: WriteContext): Promise<string> {
  const { currency } = await db.selectFrom('tenants').select('currency').where('id', '=', tenant).executeTakeFirstOrThrow()
  return currency
}

/** @param usual Who it is where none is named; null for nobody. */
async function ownerOf(write: WriteContext, named: string | null | undefined, usual: number | null): Promise<InputId> {
  const path = ['input', 'ownerId']
  const owner = named == null ? usual : inputId('User', named, path)
  if (typeof owner === 'object' && owner !== null && 'error' in owner) return owner
  const id = typeof owner === 'object' ? owner?.id : owner
  if (id !== undefined && (await isUser(write, id))) return { id }
  const message = named == null ? 'The token stands for no user of the tenant: name an owner.' : 'There is no such user.'
  return { error: userError('NOT_FOUND', message, path) }
}

async function isUser({ db, tenant }: WriteContext, id: number): Promise<boolean> {
  return (await db.selectFrom('users').select('id').where('tenantId', '=', tenant).where('id', '=', id).executeTakeFirst()) !== undefined
}

function ownId(userId: string): number | null {
  return /^[1-9]\d{0,14}$/.test(userId) ? Number(userId) : null
}

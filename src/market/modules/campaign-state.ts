import { sql } from 'kysely'
import type { WriteContext } from '../../gateway/contract/module.ts'
import type { Campaign } from './campaigns/entity.ts'

/** Facts that decide whether a campaign takes calls. Times are ISO 8601, amounts are minor units. */
export interface CampaignState extends Pick<Campaign, 'status' | 'startsAt' | 'endsAt' | 'budgetMinor'> {
  /** Cost of the traffic and payouts of all calls so far. */
  readonly spentMinor: number
}

/** Takes calls and bids; or gets new domains, which is allowed while the campaign is being prepared or paused. */
export type CampaignUse = 'CALLS' | 'DOMAINS'

/**
 * Returns a sentence that says why the campaign refuses the use; undefined if it allows the use. A campaign that is over or spent refuses
 * both uses. A campaign that has not begun or is not ACTIVE takes no calls.
 * @param now Unix epoch ms.
 */
export function campaignRefusal({ status, startsAt, endsAt, budgetMinor, spentMinor }: CampaignState, use: CampaignUse, now: number) {
  const forbids = use === 'CALLS' ? 'takes no calls' : 'gets no new domains'
  if (status === 'ARCHIVED' || (use === 'CALLS' && status !== 'ACTIVE')) return `The campaign is ${status}: it ${forbids}.`
  if (use === 'CALLS' && startsAt !== null && Date.parse(startsAt) > now)
    return `The campaign begins at ${startsAt}: until then it ${forbids}.`
  if (endsAt !== null && Date.parse(endsAt) <= now)
    return `The campaign ended at ${endsAt}: it ${forbids}, unless updateCampaign moves its end.`
  if (spentMinor >= budgetMinor)
    return `The campaign has spent its budget of ${budgetMinor} minor units: it ${forbids}, unless updateCampaign raises the budget.`
  return undefined
}

/** Reads the state of a campaign from the database; undefined if the tenant has no such campaign. */
export async function campaignState({ db, tenant }: Pick<WriteContext, 'db' | 'tenant'>, id: number): Promise<CampaignState | undefined> {
  return await db
    .selectFrom('campaigns')
    .leftJoin('campaignTotals', (join) =>
      join.onRef('campaignTotals.campaignId', '=', 'campaigns.id').onRef('campaignTotals.tenantId', '=', 'campaigns.tenantId'),
    )
    .select(['status', 'startsAt', 'endsAt', 'budgetMinor', sql<number>`coalesce(spend_minor + payout_minor, 0)`.as('spentMinor')])
    .where('campaigns.tenantId', '=', tenant)
    .where('campaigns.id', '=', id)
    .executeTakeFirst()
}

import { PreparedStatement } from '../../../engine/postgres/prepared-statement.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import type { Consent } from '../../rules/compliance/check.ts'
import { ruleSetLimits } from '../../rules/compliance/rule-set-document.ts'
import type { CallerReservation } from '../../rules/routing/decide.ts'
import { planLimits } from '../../rules/routing/plan-document.ts'
import { type BuyerUsage, GRACE_MS } from '../../rules/routing/usage.ts'
import type { Campaign } from '../campaigns/entity.ts'
import {
  arrayOf,
  type CountedBuyer,
  type UsageRow,
  type UsageValues,
  usageColumns,
  usageOf,
  usageParameters,
  usageValues,
} from './buyer-usage.ts'
import { type Current, type CurrentValues, currentColumns, currentParameters } from './versions.ts'

/** Selection of the facts for a decision. */
export interface FactsQuery {
  readonly campaignId: number
  readonly publisherId: number | null
  /** The caller as the tenant knows it, and as do-not-call lists know it. */
  readonly caller: Buffer
  readonly listedCaller: Buffer
  /** Hash of what the ping said. */
  readonly request: Buffer
  /** Names of the do-not-call lists to read. */
  readonly lists: readonly string[]
  readonly buyers: readonly CountedBuyer[]
  /** Time in ms for which the caller's reservations count: the longest window of the rules and of the buyers. */
  readonly windowMs: number
}

export interface CampaignFacts extends Pick<Campaign, 'status' | 'startsAt' | 'endsAt' | 'budgetMinor'> {
  /** Cost of the traffic, and payouts of calls that ended. */
  readonly spentMinor: number
  /** Payouts of open reservations and connected calls. */
  readonly heldMinor: number
}

export interface PublisherFacts {
  readonly active: boolean
  readonly payoutKind: 'FIXED' | 'REVENUE_SHARE'
  readonly payoutMinor: number
  readonly sharePermille: number
}

/** A reservation of the caller. While it is open, its expiry includes the time for which it is held beyond it. */
export interface KnownReservation extends CallerReservation {
  /** Whether the reservation is open and answers an equal ping. */
  readonly isEqual: boolean
}

/** The state of the database at one moment, as far as a decision depends on it. */
export interface Facts extends Current {
  /** Null if there is no such campaign. */
  readonly campaign: CampaignFacts | null
  readonly publisher: PublisherFacts | null
  readonly suppressions: readonly { readonly scope: 'TENANT' | 'CAMPAIGN' | 'BUYER'; readonly scopeId: number }[]
  readonly consent: Consent
  /** The do-not-call lists that were asked for and are loaded. */
  readonly lists: readonly { readonly name: string; readonly version: number; readonly isListed: boolean }[]
  /** The newest reservation of the caller within the window, for each buyer, campaign and state, without those whose post was refused. */
  readonly reservations: readonly KnownReservation[]
  /** The caller's latest reservations within the window, as many as a rule can count, and two more. */
  readonly attempts: readonly { readonly id: number; readonly at: number }[]
  /** The newest open reservation that answers an equal ping. Earlier ones are of buyers that must not get the caller any more. */
  readonly equal: { readonly id: number; readonly buyerId: number; readonly decisionId: number } | null
  readonly usage: ReadonlyMap<number, BuyerUsage>
  /** Largest fixed payout of all publishers, minor units. */
  readonly maxFixedPayoutMinor: number
  /** Most connections that the server accepts. */
  readonly maxConnections: number
}

/**
 * Longest time in ms from the begin of a post's transaction to its last statement. A post that takes longer begins again. It is shorter than
 * {@link GRACE_MS}.
 */
export const POST_LIMIT_MS = 2000

/** Time in ms after which no reservation can be open any more. So an equal ping is recognised within any window. */
const OFFER_MS = planLimits.reservationSeconds.max * 1000 + GRACE_MS

interface FactsRow
  extends Current,
    UsageRow,
    Pick<Facts, 'campaign' | 'publisher' | 'suppressions' | 'lists' | 'equal' | 'maxFixedPayoutMinor'> {
  readonly isConsentGiven: boolean
  readonly isConsentRevoked: boolean
  readonly reservations: readonly (readonly [number, number, CallerReservation['state'], number, number, boolean])[]
  readonly attempts: readonly (readonly [id: number, at: number])[]
  readonly maxConnections: string
}

interface FactsValues extends CurrentValues, UsageValues, Pick<FactsQuery, 'listedCaller' | 'request'> {
  readonly at: string
  readonly since: string
}

const FACTS = new PreparedStatement<FactsValues, FactsRow>(
  {
    ...currentParameters,
    listedCaller: 'bytea',
    request: 'bytea',
    at: 'timestamptz',
    since: 'timestamptz',
    ...usageParameters,
  },
  (given) => {
    const ofTenant = `tenant_id = ${given.tenant}`
    const ofCaller = `${ofTenant} and caller = ${given.caller}`
    const forCampaign = `(campaign_id is null or campaign_id = ${given.campaignId})`
    return `
    with own as materialized (
      select id, buyer_id, campaign_id, decision_id, state, reserved_at, expires_at, connected_at,
        state = 'OPEN' and request = ${given.request} and expires_at > ${given.at} as is_equal
      from reservations where ${ofCaller} and reserved_at > ${given.since}
    )
    select ${currentColumns(given)},
      (select json_build_object('status', status, 'startsAt', starts_at, 'endsAt', ends_at, 'budgetMinor', budget_minor,
          'spentMinor', coalesce((select spend_minor + payout_minor from campaign_totals
            where ${ofTenant} and campaign_id = campaigns.id), 0),
          'heldMinor', coalesce((select sum(payout_minor) from reservations
              where campaign_id = campaigns.id and state = 'OPEN' and expires_at > ${given.heldAt}), 0)
            + coalesce((select sum(payout_minor) from reservations where campaign_id = campaigns.id and state = 'CONNECTED'), 0))
        from campaigns where ${ofTenant} and id = ${given.campaignId}) as campaign,
      (select json_build_object('active', active, 'payoutKind', payout_kind, 'payoutMinor', payout_minor, 'sharePermille', share_permille)
        from publishers where ${ofTenant} and id = ${given.publisherId}) as publisher,
      (select coalesce(json_agg(json_build_object('scope', scope, 'scopeId', scope_id)), '[]')
        from suppressions where ${ofCaller}) as suppressions,
      exists (select from consents where ${ofCaller} and ${forCampaign} and given_at <= ${given.at}
        and (expires_at is null or expires_at > ${given.at}) and revoked_at is null
        and given_at > coalesce((select revoked_at from consent_revocations where ${ofCaller}), '-infinity')) as is_consent_given,
      exists (select from consent_revocations where ${ofCaller})
        or exists (select from consents where ${ofCaller} and ${forCampaign} and revoked_at is not null) as is_consent_revoked,
      (select coalesce(json_agg(json_build_object('name', name, 'version', version, 'isListed', exists (
          select from dnc_entries where list = dnc_lists.name and dnc_entries.version = dnc_lists.version and caller = ${given.listedCaller}))
          order by name), '[]')
        from dnc_lists where name = any(${given.lists}::text[]) and version > 0) as lists,
      (select coalesce(json_agg(json_build_array(buyer_id, campaign_id, state, reserved_at, expires_at, is_equal)), '[]') from (
        select buyer_id, campaign_id, state, is_equal, ${epochMs('max(reserved_at)')} as reserved_at,
          ${epochMs('max(expires_at)')} as expires_at
        from own where state <> 'ENDED' or connected_at is not null
        group by buyer_id, campaign_id, state, is_equal) as newest) as reservations,
      (select coalesce(json_agg(json_build_array(id, at)), '[]') from (
        select id, ${epochMs('reserved_at')} as at from own order by reserved_at desc
        limit ${ruleSetLimits.attemptMaximum + 2}) as latest) as attempts,
      (select json_build_object('id', id, 'buyerId', buyer_id, 'decisionId', decision_id) from own where is_equal order by id desc limit 1) as equal,
      ${usageColumns(given)},
      (select coalesce(max(payout_minor), 0) from publishers where ${ofTenant} and payout_kind = 'FIXED') as max_fixed_payout_minor,
      current_setting('max_connections') as max_connections`
  },
  'reads only',
)

/** Reads all that a decision depends on in one statement, so from one snapshot. Of the usage of buyers it reads only what is asked for. */
export async function readFacts(
  { db, tenant, now }: Pick<WriteContext, 'db' | 'tenant' | 'now'>,
  { campaignId, publisherId, caller, listedCaller, request, lists, buyers, windowMs }: FactsQuery,
): Promise<Facts> {
  const rows = await FACTS.run(db, {
    tenant,
    campaignId,
    publisherId,
    caller,
    listedCaller,
    request,
    lists: arrayOf(lists),
    at: new Date(now).toISOString(),
    since: new Date(now - Math.max(windowMs, OFFER_MS)).toISOString(),
    ...usageValues(buyers, now),
  })
  const row = rows[0]
  if (!row) throw new Error('Expected one row of facts, got none.')
  const { isConsentGiven, isConsentRevoked, used, held, ...facts } = row
  return {
    ...facts,
    consent: isConsentGiven ? 'GIVEN' : isConsentRevoked ? 'REVOKED' : 'MISSING',
    reservations: row.reservations.map(([buyerId, campaign, state, reservedAt, expiresAt, isEqual]) => ({
      buyerId,
      campaignId: campaign,
      state,
      reservedAt,
      expiresAt: expiresAt + GRACE_MS,
      isEqual,
    })),
    attempts: row.attempts.map(([id, time]) => ({ id, at: time })),
    usage: usageOf(buyers, { used, held }),
    maxConnections: Number(row.maxConnections),
  }
}

/** @param time SQL of a timestamp. */
function epochMs(time: string): string {
  return `(extract(epoch from ${time}) * 1000)::int8`
}

import { type RawBuilder, sql } from 'kysely'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import type { Consent } from '../../rules/compliance/check.ts'
import { ruleSetLimits } from '../../rules/compliance/rule-set-document.ts'
import type { CallerReservation } from '../../rules/routing/decide.ts'
import { planLimits } from '../../rules/routing/plan-document.ts'
import { type BuyerUsage, GRACE_MS, type Held, MAX_CALL_MS, type PeriodUsage } from '../../rules/routing/usage.ts'
import type { Campaign } from '../campaigns/entity.ts'

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

/** A buyer whose usage is read, and the starts of its current periods, Unix epoch ms. */
export interface CountedBuyer {
  readonly buyerId: number
  readonly hourStart: number
  readonly dayStart: number
  readonly monthStart: number
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

/** Versions of the documents that a decision depends on. */
export interface Versions {
  readonly buyersRevision: number
  /** Null if the campaign has no plan, or none that is published. */
  readonly planVersionId: number | null
  readonly ruleSetId: number | null
}

/** The state of the database at one moment, as far as a decision depends on it. */
export interface Facts extends Versions {
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

type PeriodRow = readonly [number, number, number, number, number, number, number, number]

interface FactsRow extends Pick<Facts, 'planVersionId' | 'ruleSetId' | 'campaign' | 'publisher' | 'suppressions' | 'lists' | 'equal'> {
  readonly buyersRevision: number | null
  readonly isConsentGiven: boolean
  readonly isConsentRevoked: boolean
  readonly reservations: readonly (readonly [number, number, CallerReservation['state'], number, number, boolean])[]
  readonly attempts: readonly (readonly [id: number, at: number])[]
  readonly usage: readonly (readonly [buyerId: number, concurrent: number, PeriodRow, PeriodRow, PeriodRow, PeriodRow])[]
  readonly maxFixedPayoutMinor: number
  readonly maxConnections: string
}

/** Reads all that a decision depends on in one statement, so from one snapshot. */
export async function readFacts(
  { db, tenant, now }: Pick<WriteContext, 'db' | 'tenant' | 'now'>,
  { campaignId, publisherId, caller, listedCaller, request, lists, buyers, windowMs }: FactsQuery,
): Promise<Facts> {
  const at = sql`${new Date(now).toISOString()}::timestamptz`
  const since = sql`${new Date(now - Math.max(windowMs, OFFER_MS)).toISOString()}::timestamptz`
  const callsSince = sql`${new Date(now - MAX_CALL_MS).toISOString()}::timestamptz`
  const held = sql`${new Date(now - GRACE_MS).toISOString()}::timestamptz`
  const starts = (column: 'hourStart' | 'dayStart' | 'monthStart') =>
    sql`${buyers.map((buyer) => new Date(buyer[column]).toISOString())}::timestamptz[]`
  const ofCaller = sql`tenant_id = ${tenant} and caller = ${caller}`
  const forCampaign = sql`(campaign_id is null or campaign_id = ${campaignId}::int8)`
  const { rows } = await sql<FactsRow>`
    with own as materialized (
      select id, buyer_id, campaign_id, decision_id, state, reserved_at, expires_at, connected_at,
        state = 'OPEN' and request = ${request} and expires_at > ${at} as is_equal
      from reservations where ${ofCaller} and reserved_at > ${since}
    )
    select
      (select buyers_revision from routing_states where tenant_id = ${tenant}) as buyers_revision,
      (select rule_set_id from routing_states where tenant_id = ${tenant}) as rule_set_id,
      (select published_id from campaigns join routing_plans on routing_plans.id = campaigns.plan_id
        where campaigns.tenant_id = ${tenant} and campaigns.id = ${campaignId}::int8) as plan_version_id,
      (select json_build_object('status', status, 'startsAt', starts_at, 'endsAt', ends_at, 'budgetMinor', budget_minor,
          'spentMinor', coalesce((select spend_minor + payout_minor from campaign_totals
            where tenant_id = ${tenant} and campaign_id = campaigns.id), 0),
          'heldMinor', coalesce((select sum(payout_minor) from reservations
              where campaign_id = campaigns.id and state = 'OPEN' and expires_at > ${held}), 0)
            + coalesce((select sum(payout_minor) from reservations where campaign_id = campaigns.id and state = 'CONNECTED'), 0))
        from campaigns where tenant_id = ${tenant} and id = ${campaignId}::int8) as campaign,
      (select json_build_object('active', active, 'payoutKind', payout_kind, 'payoutMinor', payout_minor, 'sharePermille', share_permille)
        from publishers where tenant_id = ${tenant} and id = ${publisherId}::int8) as publisher,
      (select coalesce(json_agg(json_build_object('scope', scope, 'scopeId', scope_id)), '[]')
        from suppressions where ${ofCaller}) as suppressions,
      exists (select from consents where ${ofCaller} and ${forCampaign} and given_at <= ${at}
        and (expires_at is null or expires_at > ${at}) and revoked_at is null
        and given_at > coalesce((select revoked_at from consent_revocations where ${ofCaller}), '-infinity')) as is_consent_given,
      exists (select from consent_revocations where ${ofCaller})
        or exists (select from consents where ${ofCaller} and ${forCampaign} and revoked_at is not null) as is_consent_revoked,
      (select coalesce(json_agg(json_build_object('name', name, 'version', version, 'isListed', exists (
          select from dnc_entries where list = dnc_lists.name and dnc_entries.version = dnc_lists.version and caller = ${listedCaller}))
          order by name), '[]')
        from dnc_lists where name = any(${lists}::text[]) and version > 0) as lists,
      (select coalesce(json_agg(json_build_array(buyer_id, campaign_id, state, reserved_at, expires_at, is_equal)), '[]') from (
        select buyer_id, campaign_id, state, is_equal, ${epochMs('max(reserved_at)')} as reserved_at,
          ${epochMs('max(expires_at)')} as expires_at
        from own where state <> 'ENDED' or connected_at is not null
        group by buyer_id, campaign_id, state, is_equal) as newest) as reservations,
      (select coalesce(json_agg(json_build_array(id, at)), '[]') from (
        select id, ${epochMs('reserved_at')} as at from own order by reserved_at desc
        limit ${sql.lit(ruleSetLimits.attemptMaximum + 2)}) as latest) as attempts,
      (select json_build_object('id', id, 'buyerId', buyer_id, 'decisionId', decision_id) from own where is_equal order by id desc limit 1) as equal,
      (select coalesce(json_agg(json_build_array(buyer.id, open.total + connected.running,
          ${usedIn(tenant, 'HOUR', 'buyer.hour_start')}, ${usedIn(tenant, 'DAY', 'buyer.day_start')},
          ${usedIn(tenant, 'MONTH', 'buyer.month_start')}, ${usedIn(tenant, 'TOTAL', "'epoch'::timestamptz(3)")})), '[]')
        from unnest(${buyers.map(({ buyerId }) => String(buyerId))}::int8[], ${starts('hourStart')}, ${starts('dayStart')},
          ${starts('monthStart')}) as buyer (id, hour_start, day_start, month_start)
        cross join lateral (${heldBy(sql`state = 'OPEN' and expires_at > ${held}`, callsSince)}) as open
        cross join lateral (${heldBy(sql`state = 'CONNECTED'`, callsSince)}) as connected) as usage,
      (select coalesce(max(payout_minor), 0) from publishers where tenant_id = ${tenant} and payout_kind = 'FIXED') as max_fixed_payout_minor,
      current_setting('max_connections') as max_connections
  `.execute(db)
  const row = rows[0]
  if (!row) throw new Error('Expected one row of facts, got none.')
  const { isConsentGiven, isConsentRevoked, ...facts } = row
  return {
    ...facts,
    buyersRevision: row.buyersRevision ?? 0,
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
    usage: new Map(row.usage.map(([buyerId, concurrent, ...periods]) => [buyerId, { concurrent, periods: usageOf(periods) }])),
    maxConnections: Number(row.maxConnections),
  }
}

/** @param time SQL of a timestamp. */
function epochMs(time: string): RawBuilder<unknown> {
  return sql.raw(`(extract(epoch from ${time}) * 1000)::int8`)
}

/**
 * SQL for the number of a buyer's reservations and the sum of their prices, made in each of its current periods.
 * @param callsSince SQL for the time after which a call was connected that is one of the concurrent calls.
 */
function heldBy(condition: RawBuilder<unknown>, callsSince: RawBuilder<unknown>): RawBuilder<unknown> {
  const inPeriods = ['hour', 'day', 'month'].map(
    (period) => `count(*) filter (where reservations.${period}_start = buyer.${period}_start) as ${period},
      coalesce(sum(price_minor) filter (where reservations.${period}_start = buyer.${period}_start), 0) as ${period}_price`,
  )
  return sql`select ${sql.raw(inPeriods.join(', '))}, count(*) as total, coalesce(sum(price_minor), 0) as total_price,
      count(*) filter (where connected_at > ${callsSince}) as running
    from reservations where buyer_id = buyer.id and ${condition}`
}

/** SQL for what a buyer has used in one period, as a JSON array. @param start SQL for the start of the period. */
function usedIn(tenant: string, period: 'HOUR' | 'DAY' | 'MONTH' | 'TOTAL', start: string): RawBuilder<unknown> {
  const name = period.toLowerCase()
  const held = ['open', 'connected'].map((kind) => `${kind}.${name}, ${kind}.${name}_price`).join(', ')
  return sql`(select json_build_array(coalesce(sum(attempts), 0), coalesce(sum(connections), 0), coalesce(sum(conversions), 0),
      coalesce(sum(money_minor), 0), ${sql.raw(held)})
    from buyer_usage where tenant_id = ${tenant} and buyer_id = buyer.id and period = ${sql.lit(period)} and period_start = ${sql.raw(start)})`
}

function usageOf([hour, day, month, total]: readonly PeriodRow[]): BuyerUsage['periods'] {
  const periods: Record<string, PeriodUsage> = {}
  for (const [name, row] of Object.entries({ HOUR: hour, DAY: day, MONTH: month, TOTAL: total })) {
    const [attempts = 0, connections = 0, conversions = 0, moneyMinor = 0, openCount = 0, openPrice = 0, count = 0, priceMinor = 0] =
      row ?? []
    const open: Held = { count: openCount, priceMinor: openPrice }
    periods[name] = { attempts, connections, conversions, moneyMinor, open, connected: { count, priceMinor } }
  }
  return periods
}

import { type RawBuilder, sql } from 'kysely'
import { PREPARED_STATEMENT } from '../../../engine/postgres/prepared-statement.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import type { Consent } from '../../rules/compliance/check.ts'
import { ruleSetLimits } from '../../rules/compliance/rule-set-document.ts'
import type { Period } from '../../rules/routing/candidate.ts'
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

/** Starts of the current periods in a time zone, Unix epoch ms. */
interface Starts {
  readonly hourStart: number
  readonly dayStart: number
  readonly monthStart: number
}

/** A buyer whose usage is read, with the starts in its time zone. */
export interface CountedBuyer extends Starts {
  readonly buyerId: number
  /** Periods that the buyer's caps name. The usage of other periods is not read. */
  readonly periods: readonly Period[]
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

/** Row of `buyer_usage`: buyer, period, attempts, connections, conversions and money. */
type UsedRow = readonly [number, Period, number, number, number, number]

/**
 * Reservations of a buyer that are open, or those that are connected: for the current hour, day and month, and for all time, their number and
 * the sum of their prices.
 */
type HeldRow = readonly [buyerId: number, isConnected: boolean, sums: readonly number[]]

/** Time in ms after which no reservation can be open any more. So an equal ping is recognised within any window. */
const OFFER_MS = planLimits.reservationSeconds.max * 1000 + GRACE_MS

interface FactsRow extends Pick<Facts, 'planVersionId' | 'ruleSetId' | 'campaign' | 'publisher' | 'suppressions' | 'lists' | 'equal'> {
  readonly buyersRevision: number | null
  readonly isConsentGiven: boolean
  readonly isConsentRevoked: boolean
  readonly reservations: readonly (readonly [number, number, CallerReservation['state'], number, number, boolean])[]
  readonly attempts: readonly (readonly [id: number, at: number])[]
  readonly used: readonly UsedRow[]
  readonly held: readonly HeldRow[]
  readonly maxFixedPayoutMinor: number
  readonly maxConnections: string
}

/** The statement of the facts takes longer to plan than to run, and all pings and posts send the same text. */
const PREPARED = sql.raw(PREPARED_STATEMENT)

/** Reads all that a decision depends on in one statement, so from one snapshot. */
export async function readFacts(
  { db, tenant, now }: Pick<WriteContext, 'db' | 'tenant' | 'now'>,
  { campaignId, publisherId, caller, listedCaller, request, lists, buyers, windowMs }: FactsQuery,
): Promise<Facts> {
  const at = given(isoTime(now), 'timestamptz')
  const held = given(isoTime(now - GRACE_MS), 'timestamptz')
  const since = given(isoTime(now - Math.max(windowMs, OFFER_MS)), 'timestamptz')
  const callsSince = given(isoTime(now - MAX_CALL_MS), 'timestamptz')
  const [ofTenant, id] = [sql`tenant_id = ${given(tenant, 'text')}`, given(campaignId, 'int8')]
  const { zones, placeOf } = zonesOf(buyers)
  const starts = (column: keyof Starts) => given(arrayOf(zones.map((zone) => isoTime(zone[column]))), 'timestamptz[]')
  const zone = sql`unnest(${starts('hourStart')}, ${starts('dayStart')}, ${starts('monthStart')})
    with ordinality as zone (hour_start, day_start, month_start, place)`
  const ids = (of: readonly CountedBuyer[]) =>
    sql`${given(arrayOf(of.map(({ buyerId }) => buyerId)), 'int8[]')}, ${given(arrayOf(of.map(placeOf)), 'int8[]')}`
  const counted = sql`unnest(${ids(buyers)}) as buyer (id, place) join ${zone} on zone.place = buyer.place`
  const periods = buyers.flatMap((buyer) => buyer.periods.map((period) => ({ ...buyer, period })))
  const capped = sql`unnest(${ids(periods)}, ${given(arrayOf(periods.map(({ period }) => period)), 'text[]')}) as capped (id, place, period)
    join ${zone} on zone.place = capped.place`
  const ofCaller = sql`${ofTenant} and caller = ${given(caller, 'bytea')}`
  const forCampaign = sql`(campaign_id is null or campaign_id = ${id})`
  const { rows } = await sql<FactsRow>`${PREPARED}
    with own as materialized (
      select id, buyer_id, campaign_id, decision_id, state, reserved_at, expires_at, connected_at,
        state = 'OPEN' and request = ${given(request, 'bytea')} and expires_at > ${at} as is_equal
      from reservations where ${ofCaller} and reserved_at > ${since}
    )
    select
      (select buyers_revision from routing_states where ${ofTenant}) as buyers_revision,
      (select rule_set_id from routing_states where ${ofTenant}) as rule_set_id,
      (select published_id from campaigns join routing_plans on routing_plans.id = campaigns.plan_id
        where campaigns.${ofTenant} and campaigns.id = ${id}) as plan_version_id,
      (select json_build_object('status', status, 'startsAt', starts_at, 'endsAt', ends_at, 'budgetMinor', budget_minor,
          'spentMinor', coalesce((select spend_minor + payout_minor from campaign_totals
            where ${ofTenant} and campaign_id = campaigns.id), 0),
          'heldMinor', coalesce((select sum(payout_minor) from reservations
              where campaign_id = campaigns.id and state = 'OPEN' and expires_at > ${held}), 0)
            + coalesce((select sum(payout_minor) from reservations where campaign_id = campaigns.id and state = 'CONNECTED'), 0))
        from campaigns where ${ofTenant} and id = ${id}) as campaign,
      (select json_build_object('active', active, 'payoutKind', payout_kind, 'payoutMinor', payout_minor, 'sharePermille', share_permille)
        from publishers where ${ofTenant} and id = ${given(publisherId, 'int8')}) as publisher,
      (select coalesce(json_agg(json_build_object('scope', scope, 'scopeId', scope_id)), '[]')
        from suppressions where ${ofCaller}) as suppressions,
      exists (select from consents where ${ofCaller} and ${forCampaign} and given_at <= ${at}
        and (expires_at is null or expires_at > ${at}) and revoked_at is null
        and given_at > coalesce((select revoked_at from consent_revocations where ${ofCaller}), '-infinity')) as is_consent_given,
      exists (select from consent_revocations where ${ofCaller})
        or exists (select from consents where ${ofCaller} and ${forCampaign} and revoked_at is not null) as is_consent_revoked,
      (select coalesce(json_agg(json_build_object('name', name, 'version', version, 'isListed', exists (
          select from dnc_entries where list = dnc_lists.name and dnc_entries.version = dnc_lists.version and caller = ${given(listedCaller, 'bytea')}))
          order by name), '[]')
        from dnc_lists where name = any(${given(lists, 'text[]')}::text[]) and version > 0) as lists,
      (select coalesce(json_agg(json_build_array(buyer_id, campaign_id, state, reserved_at, expires_at, is_equal)), '[]') from (
        select buyer_id, campaign_id, state, is_equal, ${epochMs('max(reserved_at)')} as reserved_at,
          ${epochMs('max(expires_at)')} as expires_at
        from own where state <> 'ENDED' or connected_at is not null
        group by buyer_id, campaign_id, state, is_equal) as newest) as reservations,
      (select coalesce(json_agg(json_build_array(id, at)), '[]') from (
        select id, ${epochMs('reserved_at')} as at from own order by reserved_at desc
        limit ${sql.lit(ruleSetLimits.attemptMaximum + 2)}) as latest) as attempts,
      (select json_build_object('id', id, 'buyerId', buyer_id, 'decisionId', decision_id) from own where is_equal order by id desc limit 1) as equal,
      (select coalesce(json_agg(json_build_array(buyer_id, capped.period, attempts, connections, conversions, money_minor)), '[]')
        from ${capped}
        join buyer_usage on ${ofTenant} and buyer_id = capped.id and buyer_usage.period = capped.period and period_start = case capped.period
          when 'HOUR' then hour_start when 'DAY' then day_start when 'MONTH' then month_start else 'epoch' end) as used,
      (select coalesce(json_agg(json_build_array(id, is_connected, json_build_array(${sql.raw(HELD_SUMS.join(', '))}))), '[]')
        from (${heldBy(counted, sql`state = 'OPEN' and expires_at > ${held}`, callsSince)}
          union all ${heldBy(counted, sql`state = 'CONNECTED'`, callsSince)}) as held
      ) as held,
      (select coalesce(max(payout_minor), 0) from publishers where ${ofTenant} and payout_kind = 'FIXED') as max_fixed_payout_minor,
      current_setting('max_connections') as max_connections
  `.execute(db)
  const row = rows[0]
  if (!row) throw new Error('Expected one row of facts, got none.')
  const { isConsentGiven, isConsentRevoked, used, held: heldRows, ...facts } = row
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
    usage: usageOf(buyers, used, heldRows),
    maxConnections: Number(row.maxConnections),
  }
}

/** @param time SQL of a timestamp. */
function epochMs(time: string): RawBuilder<unknown> {
  return sql.raw(`(extract(epoch from ${time}) * 1000)::int8`)
}

/**
 * SQL for a value that the planner does not look at. So the plan for all values seems as good to it as one for these values, and it keeps that
 * plan. With plain parameters it could plan the statement anew each time.
 */
function given(value: unknown, type: string): RawBuilder<unknown> {
  return sql`(select ${value}::${sql.raw(type)})`
}

/** Returns an array as a literal of PostgreSQL. The items need no quotes. */
function arrayOf(items: readonly (string | number)[]): string {
  return `{${items.join(',')}}`
}

function isoTime(time: number): string {
  return new Date(time).toISOString()
}

const HELD_SUMS = ['hour', 'hour_price', 'day', 'day_price', 'month', 'month_price', 'total', 'total_price', 'running']

/**
 * SQL for the reservations of each buyer that are held, in its current periods and in all. They are counted by the index of the buyer.
 * @param callsSince SQL for the time after which a call was connected that is one of the concurrent calls.
 */
function heldBy(counted: RawBuilder<unknown>, condition: RawBuilder<unknown>, callsSince: RawBuilder<unknown>): RawBuilder<unknown> {
  const inPeriods = ['hour', 'day', 'month'].map(
    (period) => `count(*) filter (where reservations.${period}_start = zone.${period}_start) as ${period},
      coalesce(sum(price_minor) filter (where reservations.${period}_start = zone.${period}_start), 0) as ${period}_price`,
  )
  return sql`select buyer.id, is_connected, ${sql.raw(HELD_SUMS.join(', '))} from ${counted} cross join lateral (
      select min(state) = 'CONNECTED' as is_connected, ${sql.raw(inPeriods.join(', '))}, count(*) as total, sum(price_minor) as total_price,
        count(*) filter (where connected_at > ${callsSince}) as running
      from reservations where buyer_id = buyer.id and ${condition} having count(*) > 0) as sums`
}

/** Returns the distinct starts of the buyers, since most buyers share a time zone, and a function that returns the place of a buyer's starts. */
function zonesOf(buyers: readonly CountedBuyer[]) {
  const places = new Map<string, number>()
  const zones: Starts[] = []
  const nameOf = ({ hourStart, dayStart, monthStart }: Starts) => `${hourStart} ${dayStart} ${monthStart}`
  for (const buyer of buyers) if (!places.has(nameOf(buyer))) places.set(nameOf(buyer), zones.push(buyer))
  return { zones, placeOf: (buyer: CountedBuyer) => places.get(nameOf(buyer)) ?? 0 }
}

function usageOf(buyers: readonly CountedBuyer[], used: readonly UsedRow[], held: readonly HeldRow[]): ReadonlyMap<number, BuyerUsage> {
  const heldOf = Map.groupBy(held, ([buyerId]) => buyerId)
  const usedOf = new Map(used.map((row) => [`${row[0]} ${row[1]}`, row]))
  return new Map(
    buyers.map(({ buyerId, periods }) => {
      const own = heldOf.get(buyerId) ?? []
      const concurrent = own.reduce((sum, [, isConnected, sums]) => sum + (sums[isConnected ? RUNNING : PLACES.TOTAL] ?? 0), 0)
      const usage = periods.map((period) => [period, periodUsage(period, usedOf.get(`${buyerId} ${period}`), own)] as const)
      return [buyerId, { concurrent, periods: Object.fromEntries(usage) }]
    }),
  )
}

/** Place of the number of a period's reservations in a row of held ones. The sum of their prices follows it. */
const PLACES: Readonly<Record<Period, number>> = { HOUR: 0, DAY: 2, MONTH: 4, TOTAL: 6 }

/** Place of the number of calls that are one of the concurrent calls. */
const RUNNING = 8

function periodUsage(period: Period, used: UsedRow | undefined, held: readonly HeldRow[]): PeriodUsage {
  const [, , attempts, connections, conversions, moneyMinor] = used ?? [0, period, 0, 0, 0, 0]
  const heldAs = (connected: boolean): Held => {
    const [, , sums = []] = held.find(([, isConnected]) => isConnected === connected) ?? []
    return { count: sums[PLACES[period]] ?? 0, priceMinor: sums[PLACES[period] + 1] ?? 0 }
  }
  return { attempts, connections, conversions, moneyMinor, open: heldAs(false), connected: heldAs(true) }
}

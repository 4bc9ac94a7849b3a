import { sql } from 'kysely'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { attemptWindowMs, type ComplianceEngine, dncListsFor } from '../../rules/compliance/check.ts'
import type { RuleSetDocument } from '../../rules/compliance/rule-set-document.ts'
import type { Attributes } from '../../rules/routing/condition.ts'
import type { Refusal } from '../../rules/routing/reason.ts'
import { callerRefusal, campaignRefusal, suppressedBuyers } from './check-call.ts'
import { decisionOf, insertDecision } from './decisions.ts'
import type { PostRefusal, RoutingDecision } from './entity.ts'
import { type Facts, type FactsQuery, POST_LIMIT_MS, readFacts } from './facts.ts'
import { lockCaller } from './locks.ts'

/** A post as it is decided. */
export interface Post extends Pick<FactsQuery, 'caller' | 'listedCaller'> {
  readonly reservationId: number
  readonly domainId: number | null
}

/** Parts of a reservation that never change. A post reads them before its transaction. */
export interface PostedReservation {
  readonly campaignId: number
  readonly publisherId: number | null
  readonly buyerId: number
  readonly callerState: string
  readonly attributes: Attributes
}

export type PostOutcome =
  | { readonly kind: 'CONNECTED'; readonly callId: number; readonly decision: RoutingDecision | null }
  | { readonly kind: 'REFUSED'; readonly decision: RoutingDecision }
  /** The rule set is not the current one: the post must be decided with the current one. */
  | { readonly kind: 'OUTDATED'; readonly ruleSetId: number | null }
  /** The post has waited too long for locks: it must be decided again. */
  | { readonly kind: 'SLOW' }
  | { readonly kind: 'UNKNOWN'; readonly what: 'reservation' | 'domain' }

/** Time for which the bid of a routed call can win, ms. It is longer than any call. */
const BID_MS = 7 * 24 * 60 * 60 * 1000

/**
 * Decides on a post: creates the call with its bid, connects it and stores the decision; or stores why it is refused. A repeated post gives
 * the same call and stores nothing.
 */
export async function decidePost(
  write: Pick<WriteContext, 'db' | 'tenant' | 'now'>,
  engine: ComplianceEngine,
  post: Post,
  reservation: PostedReservation,
  documents: { readonly ruleSetId: number | null; readonly rules: RuleSetDocument },
): Promise<PostOutcome> {
  const { campaignId, publisherId, callerState } = reservation
  await lockCaller(write, post.caller)
  const locked = await lockReservation(write, post, campaignId)
  if (!locked) return { kind: 'UNKNOWN', what: 'reservation' }
  if (locked.domainIsMissing) return { kind: 'UNKNOWN', what: 'domain' }
  const query: FactsQuery = {
    ...post,
    campaignId,
    publisherId,
    request: NO_REQUEST,
    lists: dncListsFor(documents.rules, callerState),
    buyers: [],
    windowMs: attemptWindowMs(documents.rules, callerState),
  }
  const facts = await readFacts(write, query)
  if (!facts.campaign) return { kind: 'UNKNOWN', what: 'reservation' }
  if (facts.ruleSetId !== documents.ruleSetId) return { kind: 'OUTDATED', ruleSetId: facts.ruleSetId }
  if (locked.callId !== null && locked.isCaller) return { kind: 'CONNECTED', callId: locked.callId, decision: null }
  const refusal = refusalOf(engine, write.now, post, reservation, locked, facts, documents.rules)
  if (refusal) return refuse(write, query, reservation, facts, post.reservationId, refusal)
  return connect(write, query, reservation, facts, post, locked)
}

interface LockedReservation {
  /** Whether the post names the caller of the ping. */
  readonly isCaller: boolean
  readonly state: 'OPEN' | 'CONNECTED' | 'CONVERTED' | 'ENDED'
  readonly expiresAt: string
  readonly priceMinor: number
  readonly payoutMinor: number
  readonly callId: number | null
  readonly domainIsMissing: boolean
  readonly buyerIsActive: boolean
}

/** No ping has this request, so no reservation counts as the one of an equal ping. */
const NO_REQUEST = Buffer.alloc(0)

/** Locks the buyer and then the reservation. A ping that would take the place of the reservation waits for the buyer. */
async function lockReservation(
  { db, tenant }: Pick<WriteContext, 'db' | 'tenant'>,
  { caller, reservationId, domainId }: Post,
  campaignId: number,
): Promise<LockedReservation | undefined> {
  const { rows } = await sql<LockedReservation>`
    with buyer as materialized (
      select buyers.id, active from buyers join reservations on reservations.buyer_id = buyers.id
      where reservations.tenant_id = ${tenant} and reservations.id = ${reservationId}::int8 for no key update of buyers
    )
    select caller = ${caller} as is_caller, state, expires_at, price_minor, payout_minor,
      (select id from calls where reservation_id = reservations.id) as call_id,
      ${domainId}::int8 is not null and not exists (
        select from domains where tenant_id = ${tenant} and campaign_id = ${campaignId}::int8 and id = ${domainId}::int8) as domain_is_missing,
      (select active from buyer) as buyer_is_active
    from reservations
    where tenant_id = ${tenant} and id = ${reservationId}::int8 and buyer_id = (select id from buyer)
    for no key update of reservations
  `.execute(db)
  return rows[0]
}

function refusalOf(
  engine: ComplianceEngine,
  now: number,
  { caller, listedCaller, reservationId }: Post,
  { campaignId, publisherId, buyerId, callerState: state, attributes }: PostedReservation,
  locked: LockedReservation,
  facts: Facts,
  rules: RuleSetDocument,
): Refusal | PostRefusal | null {
  if (!locked.isCaller) return 'WRONG_CALLER'
  if (locked.state !== 'OPEN' || Date.parse(locked.expiresAt) <= now) return 'LAPSED'
  const ofCampaign = campaignRefusal(facts, now)
  // The reservation holds its part of the budget already.
  if (ofCampaign && ofCampaign !== 'CAMPAIGN_SPENT') return ofCampaign
  if (!locked.buyerIsActive) return 'BUYER_PAUSED'
  if (suppressedBuyers(facts).has(buyerId)) return 'SUPPRESSED'
  return callerRefusal(engine, rules, { campaignId, publisherId, caller, listedCaller, state, attributes }, facts, now, reservationId)
}

/** Stores a refusal. It also ends the reservation, unless the post is one of another caller or too late. */
async function refuse(
  write: Pick<WriteContext, 'db' | 'tenant' | 'now'>,
  query: FactsQuery,
  { buyerId, callerState }: PostedReservation,
  facts: Facts,
  reservationId: number,
  outcome: Refusal | PostRefusal,
): Promise<PostOutcome> {
  const decided = { kind: 'POST', outcome, callerState, buyerId, reservationId } as const
  const decision = await insertDecision(write, decisionOf(write, query, facts, decided))
  if (outcome !== 'WRONG_CALLER' && outcome !== 'LAPSED')
    await write.db
      .updateTable('reservations')
      .set({ state: 'ENDED' })
      .where('tenantId', '=', write.tenant)
      .where('id', '=', reservationId)
      .execute()
  return { kind: 'REFUSED', decision }
}

/** Connects the reservation, and stores call, bid and decision, in one statement. */
async function connect(
  write: Pick<WriteContext, 'db' | 'tenant' | 'now'>,
  query: FactsQuery,
  { buyerId, callerState }: PostedReservation,
  facts: Facts,
  { reservationId, domainId }: Post,
  { priceMinor, payoutMinor }: LockedReservation,
): Promise<PostOutcome> {
  const decided = { kind: 'POST', outcome: 'CONNECTED', callerState, buyerId, reservationId, priceMinor, payoutMinor } as const
  const row = decisionOf(write, query, facts, decided)
  const at = sql`${row.decidedAt}::timestamptz`
  const { rows } = await sql<{ readonly callId: number; readonly decisionId: number }>`
    with connected as (
      update reservations set state = 'CONNECTED', connected_at = ${at}
      where tenant_id = ${row.tenantId} and id = ${reservationId}::int8
        and clock_timestamp() < transaction_timestamp() + ${sql.lit(`${POST_LIMIT_MS} ms`)}::interval
      returning id
    ), call as (
      insert into calls (tenant_id, campaign_id, domain_id, caller_state, status, started_at, publisher_id, buyer_id, reservation_id)
      select ${row.tenantId}, ${row.campaignId}::int8, ${domainId}::int8, ${callerState}, 'CONNECTED', ${at}, ${row.publisherId}::int8,
        ${buyerId}::int8, id from connected
      returning id
    ), bid as (
      insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, placed_at, expires_at)
      select ${row.tenantId}, id, ${row.campaignId}::int8, ${buyerId}::int8, ${priceMinor}::int8, ${at},
        ${new Date(write.now + BID_MS).toISOString()}::timestamptz from call
    ), decision as (
      insert into routing_decisions (tenant_id, decided_at, kind, outcome, campaign_id, publisher_id, buyer_id, reservation_id, caller,
        caller_state, price_minor, payout_minor, plan_version_id, rule_set_id, buyers_revision, dnc_versions, reasons)
      select ${row.tenantId}, ${at}, ${row.kind}, ${row.outcome}, ${row.campaignId}::int8, ${row.publisherId}::int8, ${buyerId}::int8, id,
        ${row.caller}, ${callerState}, ${priceMinor}::int8, ${payoutMinor}::int8, ${row.planVersionId}::int8, ${row.ruleSetId}::int8,
        ${row.buyersRevision}::int8, ${row.dncVersions}, ${row.reasons} from connected
      returning id
    )
    select call.id as call_id, decision.id as decision_id from call, decision
  `.execute(write.db)
  const made = rows[0]
  if (!made) return { kind: 'SLOW' }
  return { kind: 'CONNECTED', callId: made.callId, decision: { ...row, id: made.decisionId } }
}

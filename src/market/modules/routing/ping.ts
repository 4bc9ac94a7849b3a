import { sql } from 'kysely'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { lockRows } from '../../../gateway/contract/row-lock.ts'
import { attemptWindowMs, type ComplianceEngine, dncListsFor } from '../../rules/compliance/check.ts'
import type { RuleSetDocument } from '../../rules/compliance/rule-set-document.ts'
import type { Candidate } from '../../rules/routing/candidate.ts'
import { type Decision, decide } from '../../rules/routing/decide.ts'
import { periodStarts } from '../../rules/routing/period.ts'
import type { Refusal } from '../../rules/routing/reason.ts'
import { hourOf } from './candidates.ts'
import { type CallDetails, callerRefusal, campaignRefusal, leftOf, payoutOf, suppressedBuyers, withHour } from './check-call.ts'
import { type Decided, decisionOf, insertDecision } from './decisions.ts'
import type { Reservation, RoutingCandidates, RoutingDecision } from './entity.ts'
import { type CountedBuyer, type Facts, type FactsQuery, readFacts, type Versions } from './facts.ts'
import { lockCallerAndBudget } from './locks.ts'

const DAY_MS = 86_400_000

/** A ping as its decision needs it. */
export interface Ping extends CallDetails {
  /** Hash of what the ping says. An equal ping gets the same offer. */
  readonly request: Buffer
}

/** Versions of the documents that a decision needs, and the documents themselves. */
export interface Documents extends Versions {
  readonly rules: RuleSetDocument
  readonly candidates: RoutingCandidates
}

/** Clocks, compiled conditions and chance, which a decision needs besides the database. */
export interface RoutingEngine extends ComplianceEngine {
  /** Returns a random number from 0 to 1, 1 not included. */
  readonly random: () => number
}

export type PingOutcome =
  | {
      readonly kind: 'DECIDED'
      readonly decision: RoutingDecision
      readonly reservation: Reservation | null
      /** Buyers that could have the call, the best first; null if an earlier ping got the offer. */
      readonly ranked: readonly number[] | null
    }
  /** The documents are not the current ones: the ping must be decided with the current ones. */
  | { readonly kind: 'OUTDATED'; readonly versions: Versions }
  /** Another ping was faster: the best buyer has no room any more. The ping must be decided again. */
  | { readonly kind: 'OVERTAKEN' }
  /** The budget is nearly spent: the ping must be decided again, with the budget locked. */
  | { readonly kind: 'NEARLY_SPENT' }
  | { readonly kind: 'UNKNOWN'; readonly what: 'campaign' | 'publisher' }

/**
 * Decides on a ping, and stores the decision, with a reservation if a buyer can have the call.
 * @param documents Documents that were loaded before the transaction. Nothing is loaded through the cache within it, because the load could
 * wait for a connection that waits for this transaction.
 * @param isBudgetLocked Whether to lock the budget of the campaign. Other pings for the campaign then wait.
 */
export async function decidePing(
  write: Pick<WriteContext, 'db' | 'tenant' | 'now'>,
  engine: RoutingEngine,
  ping: Ping,
  documents: Documents,
  isBudgetLocked: boolean,
): Promise<PingOutcome> {
  const { now } = write
  const { rules, candidates } = documents
  if (candidates.hour !== hourOf(now)) return { kind: 'OUTDATED', versions: documents }
  await lockCallerAndBudget(write, ping.caller, ping.campaignId, isBudgetLocked)
  const query: FactsQuery = {
    ...ping,
    lists: dncListsFor(rules, ping.state),
    buyers: candidates.candidates.map(countedAt(engine, now)),
    windowMs: Math.max(
      attemptWindowMs(rules, ping.state),
      ...candidates.candidates.map(({ duplicates }) => (duplicates?.days ?? 0) * DAY_MS),
    ),
  }
  const facts = await readFacts(write, query)
  if (!isCurrent(documents, facts)) return { kind: 'OUTDATED', versions: facts }
  if (!facts.campaign) return { kind: 'UNKNOWN', what: 'campaign' }
  if (ping.publisherId !== null && !facts.publisher) return { kind: 'UNKNOWN', what: 'publisher' }

  const refuse = async (judged: Facts, outcome: Refusal, reasons?: Decided['reasons']): Promise<PingOutcome> => {
    const decided: Decided = { kind: 'PING', outcome, callerState: ping.state, ...(reasons && { reasons }) }
    return {
      kind: 'DECIDED',
      decision: await insertDecision(write, decisionOf(write, ping, judged, decided)),
      reservation: null,
      ranked: [],
    }
  }
  const { equal } = facts
  const repeated = equal && !suppressedBuyers(facts).has(equal.buyerId) ? equal : null
  const refusal = refusalOf(engine, rules, ping, facts, now, repeated?.id)
  if (refusal) return refuse(facts, refusal)
  if (repeated) return repeatOffer(write, repeated)

  const random = engine.random()
  const { ranked, reasons } = decideWith(engine, ping, facts, candidates, now, random)
  const best = ranked[0]?.candidate
  if (!best) return refuse(facts, 'NO_BUYER', reasons)
  const payoutMinor = payoutOf(facts, best.priceMinor)
  if (payoutMinor > leftOf(facts)) return refuse(facts, 'CAMPAIGN_SPENT')

  if (!isBudgetLocked && leftOf(facts) < maxPayout(facts, candidates) * facts.maxConnections) return { kind: 'NEARLY_SPENT' }
  await lockRows(write, 'buyers', [], [best.buyerId])
  const starts = countedAt(engine, now)(best)
  const after = await readFacts(write, { ...query, buyers: [starts] })
  if (!isCurrent(documents, after)) return { kind: 'OUTDATED', versions: after }
  const changed = refusalOf(engine, rules, ping, after, now)
  if (changed) return refuse(after, changed)
  const only = { ...candidates, candidates: [best], excluded: [] }
  if (decideWith(engine, ping, after, only, now, random).ranked.length === 0) return { kind: 'OVERTAKEN' }
  if (payoutOf(after, best.priceMinor) > leftOf(after)) return refuse(after, 'CAMPAIGN_SPENT')
  return reserve(write, ping, after, { best, starts, reasons, seconds: candidates.reservationSeconds }, ranked)
}

/**
 * Returns the largest payout that any ping for the campaign can promise, minor units. As long as this payout for each connection of the
 * server is left, the pings of all connections together cannot spend more than is left.
 */
function maxPayout({ maxFixedPayoutMinor }: Facts, { maxPriceMinor }: RoutingCandidates): number {
  return Math.max(maxFixedPayoutMinor, maxPriceMinor)
}

function isCurrent(documents: Versions, facts: Versions): boolean {
  return (
    documents.buyersRevision === facts.buyersRevision &&
    documents.planVersionId === facts.planVersionId &&
    documents.ruleSetId === facts.ruleSetId
  )
}

function countedAt({ zones }: RoutingEngine, now: number): (candidate: Candidate) => CountedBuyer {
  const known = new Map<string, Omit<CountedBuyer, 'buyerId' | 'periods'>>()
  return ({ buyerId, timeZone, caps }) => {
    let starts = known.get(timeZone)
    if (!starts) {
      const { HOUR, DAY, MONTH } = periodStarts(zones, timeZone, now)
      starts = { hourStart: HOUR, dayStart: DAY, monthStart: MONTH }
      known.set(timeZone, starts)
    }
    return { buyerId, periods: [...new Set(caps.map(({ period }) => period))], ...starts }
  }
}

function refusalOf(
  engine: RoutingEngine,
  rules: RuleSetDocument,
  ping: Ping,
  facts: Facts,
  now: number,
  repeated?: number,
): Refusal | null {
  // The offer that is repeated holds its part of the budget already.
  const ofCampaign = campaignRefusal(facts, now)
  if (ofCampaign && !(ofCampaign === 'CAMPAIGN_SPENT' && repeated !== undefined)) return ofCampaign
  return callerRefusal(engine, rules, ping, facts, now, repeated)
}

function decideWith(
  engine: RoutingEngine,
  ping: Ping,
  facts: Facts,
  { strategy, candidates, excluded }: Pick<RoutingCandidates, 'strategy' | 'candidates' | 'excluded'>,
  now: number,
  random: number,
): Decision {
  const input = {
    now,
    campaignId: ping.campaignId,
    strategy,
    minimumPriceMinor: null,
    candidates,
    excluded,
    attributes: withHour(engine, ping, now),
    caller: { reservations: facts.reservations, suppressedBuyers: suppressedBuyers(facts) },
    usage: facts.usage,
    random,
  }
  return decide(input, engine.conditions)
}

async function repeatOffer({ db, tenant }: Pick<WriteContext, 'db' | 'tenant'>, { id, decisionId }: NonNullable<Facts['equal']>) {
  const reservation = await db
    .selectFrom('reservations')
    .select(['id', 'buyerId', 'expiresAt', 'priceMinor', 'payoutMinor'])
    .where('tenantId', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const decision = await db
    .selectFrom('routingDecisions')
    .selectAll()
    .where('tenantId', '=', tenant)
    .where('id', '=', decisionId)
    .executeTakeFirstOrThrow()
  return { kind: 'DECIDED', decision, reservation, ranked: null } as const
}

interface Offer {
  readonly best: Candidate
  readonly starts: CountedBuyer
  readonly reasons: Decided['reasons']
  readonly seconds: number
}

/** Stores reservation and decision in one statement. */
async function reserve(
  write: Pick<WriteContext, 'db' | 'tenant' | 'now'>,
  ping: Ping,
  facts: Facts,
  { best, starts, reasons = [], seconds }: Offer,
  ranked: Decision['ranked'],
): Promise<PingOutcome> {
  const { buyerId, priceMinor } = best
  const payoutMinor = payoutOf(facts, priceMinor)
  const expiresAt = new Date(write.now + seconds * 1000).toISOString()
  const decided = { kind: 'PING', outcome: 'OFFERED', callerState: ping.state, buyerId, priceMinor, payoutMinor, reasons } as const
  const row = decisionOf(write, ping, facts, decided)
  const time = (start: number) => sql`${new Date(start).toISOString()}::timestamptz`
  const { rows } = await sql<{ readonly decisionId: number; readonly reservationId: number }>`
    with ids as (
      select nextval(pg_get_serial_sequence('routing_decisions', 'id')) as decision_id,
        nextval(pg_get_serial_sequence('reservations', 'id')) as reservation_id
    ), decision as (
      insert into routing_decisions (id, tenant_id, decided_at, kind, outcome, campaign_id, publisher_id, buyer_id, reservation_id, caller,
        caller_state, price_minor, payout_minor, plan_version_id, rule_set_id, buyers_revision, dnc_versions, reasons)
      select decision_id, ${row.tenantId}, ${row.decidedAt}::timestamptz, ${row.kind}, ${row.outcome}, ${row.campaignId}::int8,
        ${row.publisherId}::int8, ${buyerId}::int8, reservation_id, ${row.caller}, ${row.callerState}, ${priceMinor}::int8,
        ${payoutMinor}::int8, ${row.planVersionId}::int8, ${row.ruleSetId}::int8, ${row.buyersRevision}::int8, ${row.dncVersions},
        ${row.reasons} from ids
    ), reservation as (
      insert into reservations (id, tenant_id, campaign_id, publisher_id, buyer_id, caller, caller_state, request, attributes, price_minor,
        payout_minor, decision_id, reserved_at, expires_at, hour_start, day_start, month_start)
      select reservation_id, ${row.tenantId}, ${row.campaignId}::int8, ${row.publisherId}::int8, ${buyerId}::int8, ${ping.caller},
        ${ping.state}, ${ping.request}, ${JSON.stringify(Object.fromEntries(ping.attributes))}::jsonb, ${priceMinor}::int8, ${payoutMinor}::int8, decision_id, ${row.decidedAt}::timestamptz,
        ${expiresAt}::timestamptz, ${time(starts.hourStart)}, ${time(starts.dayStart)}, ${time(starts.monthStart)} from ids
    )
    select decision_id, reservation_id from ids
  `.execute(write.db)
  const ids = rows[0]
  if (!ids) throw new Error('Expected the ids of a decision and a reservation, got none.')
  return {
    kind: 'DECIDED',
    decision: { ...row, id: ids.decisionId, reservationId: ids.reservationId },
    reservation: { id: ids.reservationId, buyerId, expiresAt, priceMinor, payoutMinor },
    ranked: ranked.map(({ candidate }) => candidate.buyerId),
  }
}

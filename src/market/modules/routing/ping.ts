import type { WriteContext } from '../../../gateway/contract/module.ts'
import { attemptWindowMs, type ComplianceEngine, dncListsFor } from '../../rules/compliance/check.ts'
import type { RuleSetDocument } from '../../rules/compliance/rule-set-document.ts'
import type { Candidate } from '../../rules/routing/candidate.ts'
import { chooseBuyer, type Decision, type RankedBuyer, type Ranking, rankBuyers, withoutForbidden } from '../../rules/routing/decide.ts'
import type { Refusal } from '../../rules/routing/reason.ts'
import { arrayOf, countedAt, readUsage, type Standing } from './buyer-usage.ts'
import { hourOf } from './candidates.ts'
import { callerRefusal, campaignRefusal, leftOf, type Ping, payoutOf, suppressedBuyers, withHour } from './check-call.ts'
import { type Decided, decisionOf, insertDecision } from './decisions.ts'
import type { Reservation, RoutingCandidates, RoutingDecision } from './entity.ts'
import { type Facts, readFacts } from './facts.ts'
import { lockBuyer, lockCallerAndBudget } from './locks.ts'
import { reserve } from './reserve.ts'
import { isSame, isUnchanged, type Versions } from './versions.ts'

const DAY_MS = 86_400_000
/** Number of the best buyers whose usage is read with the facts. If all are full, each further read asks this many times more than the last. */
const FIRST_ASKED = 4
const MORE_ASKED = 4

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
      /** The buyer of the offer, and after it those that the rules allow, the best first; null if an earlier ping got the offer. */
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
  // What the terms say needs no facts, so the usage of the best buyers is read together with the facts.
  const byTerms = rankBuyers(
    { ...candidates, now, minimumPriceMinor: null, attributes: withHour(engine, ping, now), random: engine.random() },
    engine.conditions,
  )
  const counted = countedAt(engine.zones, now)
  const lists = dncListsFor(rules, ping.state)
  const facts = await readFacts(write, {
    ...ping,
    lists,
    buyers: byTerms.ranked.slice(0, FIRST_ASKED).map(counted),
    windowMs: Math.max(attemptWindowMs(rules, ping.state), duplicateWindowMs(candidates.candidates)),
  })
  if (!isSame(documents, facts)) return { kind: 'OUTDATED', versions: facts }
  if (!facts.campaign) return { kind: 'UNKNOWN', what: 'campaign' }
  if (ping.publisherId !== null && !facts.publisher) return { kind: 'UNKNOWN', what: 'publisher' }

  const refuse = async (outcome: Refusal, reasons?: Decided['reasons']): Promise<PingOutcome> => {
    const decided: Decided = { kind: 'PING', outcome, callerState: ping.state, ...(reasons && { reasons }) }
    return {
      kind: 'DECIDED',
      decision: await insertDecision(write, decisionOf(write, ping, facts, decided)),
      reservation: null,
      ranked: [],
    }
  }
  const forbidden = suppressedBuyers(facts)
  const { equal } = facts
  const repeated = equal && !forbidden.has(equal.buyerId) ? equal : null
  const refusal = refusalOf(engine, rules, ping, facts, now, repeated?.id)
  if (refusal) return refuse(refusal)
  if (repeated) return repeatOffer(write, repeated)

  const caller = { reservations: facts.reservations, suppressedBuyers: forbidden }
  const ranking = withoutForbidden(byTerms, caller, { campaignId: ping.campaignId, now })
  const call = { ...ping, lists: arrayOf(lists) }
  const decision = await firstWithRoom(ranking, facts, (buyers) => readUsage(write, call, buyers.map(counted)))
  if (!decision) return { kind: 'OUTDATED', versions: documents }
  const best = decision.ranked[0]
  if (!best) return refuse('NO_BUYER', decision.reasons)
  const { buyerId, priceMinor } = best.candidate
  if (payoutOf(facts, priceMinor) > leftOf(facts)) return refuse('CAMPAIGN_SPENT')

  if (!isBudgetLocked && leftOf(facts) < maxPayout(facts, candidates) * facts.maxConnections) return { kind: 'NEARLY_SPENT' }
  await lockBuyer(write, buyerId)
  const offer = {
    best: best.candidate,
    starts: counted(best).starts,
    reasons: decision.reasons,
    seconds: candidates.reservationSeconds,
  }
  const reserved = await reserve(write, ping, facts, offer, lists)
  if ('current' in reserved)
    return isUnchanged(facts, reserved.current) ? { kind: 'OVERTAKEN' } : { kind: 'OUTDATED', versions: reserved.current }
  return { kind: 'DECIDED', ...reserved, ranked: decision.ranked.map(({ candidate }) => candidate.buyerId) }
}

/**
 * Takes the best buyer that has room. The usage of a few buyers is known from the facts. If all of these are full, the usage of the next ones
 * is read, of more and more at once.
 * @returns undefined if the facts have changed meanwhile.
 */
async function firstWithRoom(
  ranking: Ranking,
  facts: Facts,
  ask: (buyers: readonly RankedBuyer[]) => Promise<Standing>,
): Promise<Decision | undefined> {
  let { usage } = facts
  for (let count = FIRST_ASKED * MORE_ASKED; ; count *= MORE_ASKED) {
    const decision = chooseBuyer(ranking, usage)
    if (decision) return decision
    // All better buyers are read again, too: at the moment of one snapshot, none of them and of the next ones has room.
    const read = await ask(ranking.ranked.slice(0, FIRST_ASKED + count))
    if (!isUnchanged(facts, read)) return undefined
    usage = read.usage
  }
}

/** Longest duplicate window of the buyers, ms. */
function duplicateWindowMs(candidates: readonly Candidate[]): number {
  return candidates.reduce((longest, { duplicates }) => Math.max(longest, (duplicates?.days ?? 0) * DAY_MS), 0)
}

/**
 * Returns the largest payout that any ping for the campaign can promise, minor units. As long as this payout for each connection of the
 * server is left, the pings of all connections together cannot spend more than is left.
 */
function maxPayout({ maxFixedPayoutMinor }: Facts, { maxPriceMinor }: RoutingCandidates): number {
  return Math.max(maxFixedPayoutMinor, maxPriceMinor)
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

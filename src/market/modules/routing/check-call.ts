import { type ComplianceEngine, checkCompliance } from '../../rules/compliance/check.ts'
import { parseRuleSet, type RuleSetDocument } from '../../rules/compliance/rule-set-document.ts'
import type { Attributes } from '../../rules/routing/condition.ts'
import type { Refusal } from '../../rules/routing/reason.ts'
import { usStates } from '../../rules/us-states.ts'
import type { Facts, FactsQuery } from './facts.ts'

/** Details of a call, as a ping says them. */
export interface CallDetails extends Pick<FactsQuery, 'campaignId' | 'publisherId' | 'caller' | 'listedCaller'> {
  /** Two letters, upper case. */
  readonly state: string
  readonly attributes: Attributes
}

/** A ping as its decision needs it. */
export interface Ping extends CallDetails {
  /** Hash of what the ping says. An equal ping gets the same offer. */
  readonly request: Buffer
}

/** Rules of a tenant that has published none: nothing is restricted but suppressed callers and unknown states. */
export const NO_RULES: RuleSetDocument = rulesOf({})

/** Reads a rule set that was checked when it was stored. */
export function rulesOf(document: unknown): RuleSetDocument {
  const parsed = parseRuleSet(document)
  if ('problems' in parsed) throw new Error(`A published rule set cannot be read: ${JSON.stringify(parsed.problems)}`)
  return parsed.value
}

/**
 * Returns why the campaign or the publisher cannot have a call; null if they can. CAMPAIGN_SPENT comes last, because an offer that was made
 * already disregards it.
 */
export function campaignRefusal({ campaign, publisher }: Facts, now: number): Refusal | null {
  if (!campaign) return 'CAMPAIGN_NOT_ACTIVE'
  const { status, startsAt, endsAt, budgetMinor, spentMinor, heldMinor } = campaign
  if (status !== 'ACTIVE') return 'CAMPAIGN_NOT_ACTIVE'
  if ((startsAt !== null && Date.parse(startsAt) > now) || (endsAt !== null && Date.parse(endsAt) <= now)) return 'CAMPAIGN_OVER'
  if (publisher && !publisher.active) return 'PUBLISHER_PAUSED'
  return spentMinor + heldMinor >= budgetMinor ? 'CAMPAIGN_SPENT' : null
}

/**
 * Returns why the rules or the caller's wishes forbid a call; null if they do not.
 * @param ignored Reservation of the caller that is no attempt of its own: the one that is asked about.
 */
export function callerRefusal(
  engine: ComplianceEngine,
  rules: RuleSetDocument,
  call: CallDetails,
  facts: Facts,
  now: number,
  ignored?: number,
): Refusal | null {
  const suppressed = facts.suppressions.some(
    ({ scope, scopeId }) => scope === 'TENANT' || (scope === 'CAMPAIGN' && scopeId === call.campaignId),
  )
  return checkCompliance(
    engine,
    rules,
    {
      state: call.state,
      suppressed,
      attempts: facts.attempts.flatMap(({ id, at }) => (id === ignored ? [] : [at])),
      consent: facts.consent,
      dnc: new Map(facts.lists.map(({ name, isListed }) => [name, isListed])),
      attributes: call.attributes,
    },
    now,
  )
}

/** Returns the attributes of a call with the hour in its state. */
export function withHour({ zones }: ComplianceEngine, { state, attributes }: CallDetails, now: number): Attributes {
  const zone = usStates.get(state)?.[0]
  return zone === undefined ? attributes : new Map(attributes).set('hour', zones.hourAt(zone, now))
}

/** Buyers that must not get the caller. */
export function suppressedBuyers({ suppressions }: Facts): ReadonlySet<number> {
  return new Set(suppressions.flatMap(({ scope, scopeId }) => (scope === 'BUYER' ? [scopeId] : [])))
}

/** Returns the publisher's payout for a call that is sold at a price, minor units. */
export function payoutOf({ publisher }: Facts, priceMinor: number): number {
  if (!publisher) return 0
  return publisher.payoutKind === 'FIXED' ? publisher.payoutMinor : Math.floor((priceMinor * publisher.sharePermille) / 1000)
}

/** Returns how much of the campaign's budget is neither spent nor held, minor units. */
export function leftOf({ campaign }: Facts): number {
  return campaign ? campaign.budgetMinor - campaign.spentMinor - campaign.heldMinor : 0
}

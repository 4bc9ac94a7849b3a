/**
 * Reasons why a buyer did not get a call, each with its meaning. Stored decisions have the number of a reason in this list: add new ones at
 * the end, and remove none.
 */
export const reasonMeanings = {
  PAUSED: 'The buyer is paused.',
  NOT_IN_PLAN: 'The plan does not have the buyer among its targets.',
  STATE: "The buyer takes no calls from the caller's state.",
  CLOSED: 'The buyer is closed at this time, by its opening hours or a holiday.',
  MINIMUM_BID: 'The price of the buyer is below the minimum of the plan, the target or the ping.',
  CONDITION: 'A condition of the buyer or its target does not hold, or an attribute that it needs is missing.',
  SUPPRESSED: 'The caller must not be connected to this buyer.',
  DUPLICATE: "The caller was connected or sold before, within the buyer's duplicate window.",
  CONCURRENCY: 'The buyer has as many calls and open reservations at once as it may have.',
  CAP: 'A cap of the buyer is used up, or what is left is less than the price of a call.',
  OUTRANKED: 'The rules allow the buyer, but another one ranked higher. It may be full, too: that was not looked at.',
  CONDITION_LIMIT: 'With the conditions of this buyer, those of all buyers together would take too long to evaluate for a ping.',
} as const

export type Reason = keyof typeof reasonMeanings

/** All reasons in the order of their numbers. */
export const reasons = Object.keys(reasonMeanings) as readonly Reason[]

/** Reasons why a ping as a whole is refused, each with its meaning. */
export const refusalMeanings = {
  CAMPAIGN_NOT_ACTIVE: 'The campaign is a draft, paused or completed.',
  CAMPAIGN_OVER: 'The dates of the campaign have not begun or are over.',
  CAMPAIGN_SPENT: 'The budget of the campaign is spent or held for calls.',
  PUBLISHER_PAUSED: 'The publisher is paused.',
  SUPPRESSED: 'The caller must not be called by the tenant or for the campaign.',
  DNC: 'The caller is on a do-not-call list, or such a list was not loaded.',
  CONSENT_MISSING: 'The caller has not agreed to be called, or the consent has expired.',
  CONSENT_REVOKED: 'The caller has revoked the consent.',
  CALLING_HOURS: "It is outside of the calling hours in the caller's state, or on a holiday.",
  ATTEMPTS: 'The caller was tried as often as the rules allow.',
  RULE: 'A condition of the rules refuses the call, or an attribute that it needs is missing.',
  STATE_UNKNOWN: "The caller's state is missing or is no state of the United States.",
  NO_BUYER: 'No buyer can get the call. The reasons of the buyers say why.',
} as const

export type Refusal = keyof typeof refusalMeanings

/** Why a buyer did not get a call. */
export interface BuyerReason {
  readonly buyerId: number
  readonly reason: Reason
}

import type { Generated, Selectable } from 'kysely'
import type { UserError } from '../../../gateway/contract/user-error.ts'
import type { Candidate, Excluded } from '../../rules/routing/candidate.ts'
import type { PlanDocument } from '../../rules/routing/plan-document.ts'
import type { BuyerReason, Refusal } from '../../rules/routing/reason.ts'

/** Identity of candidates. Under the same identity, they never change. */
export interface CandidatesKey {
  /** Revision of the tenant's buyers. */
  readonly buyersRevision: number
  /** Published version of the routing plan; null for the default plan. */
  readonly planVersionId: number | null
  /** State of the caller, two letters. */
  readonly state: string
  /** Hours since 1970-01-01T00:00Z. */
  readonly hour: number
}

/** The buyers of a tenant for calls from one state in one hour under one version of a plan. */
export interface RoutingCandidates extends CandidatesKey {
  readonly id: string
  readonly strategy: PlanDocument['strategy']
  readonly reservationSeconds: number
  /** Largest price of all buyers and targets, minor units. */
  readonly maxPriceMinor: number
  readonly candidates: readonly Candidate[]
  readonly excluded: readonly Excluded[]
}

/** Offer of a call to a buyer, which a ping makes and a post accepts. */
export interface ReservationRow {
  id: Generated<number>
  tenantId: string
  campaignId: number
  publisherId: number | null
  buyerId: number // on delete cascade
  caller: Buffer
  callerState: string
  request: Buffer // hash of what the ping said: an equal ping gets the same offer
  attributes: Generated<Readonly<Record<string, string | number>>> // what the ping said about the call
  state: Generated<'OPEN' | 'CONNECTED' | 'CONVERTED' | 'ENDED'>
  priceMinor: number
  payoutMinor: number
  decisionId: number
  reservedAt: string
  expiresAt: string // when an OPEN reservation lapses, without a write
  hourStart: string // in the time zone of the buyer, as the next two
  dayStart: string
  monthStart: string
  connectedAt: string | null
}

/** Why a post alone is refused. */
export type PostRefusal = 'LAPSED' | 'WRONG_CALLER' | 'BUYER_PAUSED'

/** Outcome of a decision: an offer, a connected call, or why there is none. */
export type RoutingOutcome = 'OFFERED' | 'CONNECTED' | Refusal | PostRefusal

/** Row of `routing_decisions`. Rows are only inserted; the database refuses to change them. */
export interface RoutingDecisionRow {
  id: Generated<number>
  tenantId: string
  decidedAt: string
  kind: 'PING' | 'POST'
  outcome: RoutingOutcome
  campaignId: number
  publisherId: number | null
  buyerId: number | null
  reservationId: number | null
  caller: Buffer
  callerState: string
  priceMinor: number | null
  payoutMinor: number | null
  planVersionId: number | null
  ruleSetId: number | null
  buyersRevision: number
  dncVersions: string | null // such as `national:7,texas:2`
  reasons: Buffer // see encodeReasons
}

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    reservations: ReservationRow
    routingDecisions: RoutingDecisionRow
  }
}

export type StoredDecision = Selectable<RoutingDecisionRow>

/** A decision as it is shown. The packed reasons are bytes, or the same bytes in Base64 where a decision comes from the cache. */
export type RoutingDecision = Omit<StoredDecision, 'caller' | 'reasons'> & { readonly reasons: Uint8Array | string }

/** A reservation as a ping gets it. Amounts are minor units. */
export type Reservation = Pick<Selectable<ReservationRow>, 'id' | 'buyerId' | 'expiresAt' | 'priceMinor' | 'payoutMinor'>

export type RoutingCandidate = Candidate

export type ExcludedBuyer = BuyerReason

/** Answer to a ping. The reasons of the excluded buyers are those of the decision. */
export interface PingCallPayload {
  readonly reservation: Reservation | null
  readonly ranked: readonly number[] | null
  readonly refusal: RoutingOutcome | null
  readonly decision: RoutingDecision | null
  readonly errors: readonly UserError[]
}

/** Calls for a campaign from a state, by the offers of the last days, and the hour for which their buyers are asked. */
export interface ValuableRoute {
  readonly campaignId: number
  readonly state: string
  readonly offers: number
  /** Sum of the prices of these offers, minor units. */
  readonly offeredMinor: number
  readonly hour: number
}

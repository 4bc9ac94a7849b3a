import { PreparedStatement } from '../../../engine/postgres/prepared-statement.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import type { Candidate } from '../../rules/routing/candidate.ts'
import type { BuyerReason } from '../../rules/routing/reason.ts'
import type { OfferIds, Starts } from './buyer-usage.ts'
import { type Ping, payoutOf } from './check-call.ts'
import { decisionOf } from './decisions.ts'
import type { Reservation, RoutingDecision, StoredDecision } from './entity.ts'
import type { Facts } from './facts.ts'

/** A buyer that gets the call of a ping. */
export interface Offer {
  readonly best: Candidate
  /** Starts of the current periods in the time zone of the buyer. */
  readonly starts: Starts
  readonly reasons: readonly BuyerReason[]
  /** Time for which the offer is open. */
  readonly seconds: number
}

interface ReserveValues extends Omit<StoredDecision, 'id' | 'kind' | 'reservationId'>, OfferIds {
  readonly request: Buffer
  readonly attributes: string
  readonly expiresAt: string
  readonly hourStart: string
  readonly dayStart: string
  readonly monthStart: string
}

/** The ids are known already, so the statement is sent together with COMMIT, and the buyer is locked for a round trip less. */
const RESERVE = new PreparedStatement<ReserveValues, unknown>(
  {
    decisionId: 'int8',
    reservationId: 'int8',
    tenantId: 'text',
    decidedAt: 'timestamptz',
    outcome: 'text',
    campaignId: 'int8',
    publisherId: 'int8',
    buyerId: 'int8',
    caller: 'bytea',
    callerState: 'text',
    priceMinor: 'int8',
    payoutMinor: 'int8',
    planVersionId: 'int8',
    ruleSetId: 'int8',
    buyersRevision: 'int8',
    dncVersions: 'text',
    reasons: 'bytea',
    request: 'bytea',
    attributes: 'jsonb',
    expiresAt: 'timestamptz',
    hourStart: 'timestamptz',
    dayStart: 'timestamptz',
    monthStart: 'timestamptz',
  },
  (given) => `with decision as (
      insert into routing_decisions (id, tenant_id, decided_at, kind, outcome, campaign_id, publisher_id, buyer_id, reservation_id, caller,
        caller_state, price_minor, payout_minor, plan_version_id, rule_set_id, buyers_revision, dnc_versions, reasons)
      values (${given.decisionId}, ${given.tenantId}, ${given.decidedAt}, 'PING', ${given.outcome}, ${given.campaignId},
        ${given.publisherId}, ${given.buyerId}, ${given.reservationId}, ${given.caller}, ${given.callerState}, ${given.priceMinor},
        ${given.payoutMinor}, ${given.planVersionId}, ${given.ruleSetId}, ${given.buyersRevision}, ${given.dncVersions}, ${given.reasons})
    )
    insert into reservations (id, tenant_id, campaign_id, publisher_id, buyer_id, caller, caller_state, request, attributes, price_minor,
      payout_minor, decision_id, reserved_at, expires_at, hour_start, day_start, month_start)
    values (${given.reservationId}, ${given.tenantId}, ${given.campaignId}, ${given.publisherId}, ${given.buyerId}, ${given.caller},
      ${given.callerState}, ${given.request}, ${given.attributes}, ${given.priceMinor}, ${given.payoutMinor}, ${given.decisionId},
      ${given.decidedAt}, ${given.expiresAt}, ${given.hourStart}, ${given.dayStart}, ${given.monthStart})`,
  'no rows',
)

/** Stores a reservation and the decision on its ping in one statement. An error of the statement may be thrown by the commit. */
export async function reserve(
  write: Pick<WriteContext, 'db' | 'tenant' | 'now'>,
  ping: Ping,
  facts: Facts,
  { best: { buyerId, priceMinor }, starts, reasons, seconds }: Offer,
  { decisionId, reservationId }: OfferIds,
): Promise<{ readonly decision: RoutingDecision; readonly reservation: Reservation }> {
  const payoutMinor = payoutOf(facts, priceMinor)
  const expiresAt = new Date(write.now + seconds * 1000).toISOString()
  const decided = { kind: 'PING', outcome: 'OFFERED', callerState: ping.state, buyerId, priceMinor, payoutMinor, reasons } as const
  const row = decisionOf(write, ping, facts, decided)
  await RESERVE.run(write.db, {
    ...row,
    decisionId,
    reservationId,
    request: ping.request,
    attributes: JSON.stringify(Object.fromEntries(ping.attributes)),
    expiresAt,
    hourStart: starts.HOUR,
    dayStart: starts.DAY,
    monthStart: starts.MONTH,
  })
  return {
    decision: { ...row, id: decisionId, reservationId },
    reservation: { id: reservationId, buyerId, expiresAt, priceMinor, payoutMinor },
  }
}

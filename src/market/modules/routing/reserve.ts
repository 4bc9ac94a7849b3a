import { PreparedStatement } from '../../../engine/postgres/prepared-statement.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import type { Candidate } from '../../rules/routing/candidate.ts'
import type { BuyerReason } from '../../rules/routing/reason.ts'
import { arrayOf, type Starts, usageTimes } from './buyer-usage.ts'
import { type Ping, payoutOf } from './check-call.ts'
import { decisionOf } from './decisions.ts'
import type { Reservation, RoutingDecision, StoredDecision } from './entity.ts'
import type { Facts } from './facts.ts'
import { hasRoom, heldReservations, type RoomValues, roomParameters, roomValues } from './room.ts'
import { type Current, currentColumns } from './versions.ts'

/** A buyer that gets the call of a ping. */
export interface Offer {
  readonly best: Candidate
  /** Starts of the current periods in the time zone of the buyer. */
  readonly starts: Starts
  readonly reasons: readonly BuyerReason[]
  /** Time for which the offer is open. */
  readonly seconds: number
}

interface ReserveValues extends Omit<StoredDecision, 'id' | 'kind' | 'reservationId'>, RoomValues, ReturnType<typeof usageTimes> {
  readonly request: Buffer
  readonly attributes: string
  readonly expiresAt: string
  readonly hourStart: string
  readonly dayStart: string
  readonly monthStart: string
  /** Names of the do-not-call lists, and the stamp of the facts: see {@link Current}. */
  readonly lists: string
  readonly stamp: string
}

/** The state of things under the lock of the buyer, and the ids of the offer; null if something has changed since, or the buyer is full. */
interface ReserveRow extends Current {
  readonly hasRoom: boolean
  readonly decisionId: number | null
  readonly reservationId: number | null
}

/**
 * Looks again at all that a decision depends on and that is not locked, and reserves if nothing has changed and the buyer has room. The ids
 * are drawn under the lock of the buyer, so that they ascend with each buyer.
 */
const RESERVE = new PreparedStatement<ReserveValues, ReserveRow>(
  {
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
    lists: 'text[]',
    stamp: 'text',
    heldAt: 'timestamptz',
    callsSince: 'timestamptz',
    ...roomParameters,
  },
  (given) => `with held as materialized (${heldReservations(given)}),
    standing as materialized (
      select ${currentColumns({ ...given, tenant: given.tenantId })},
      ${hasRoom(given)} as has_room
    ),
    offer as materialized (
      select nextval(pg_get_serial_sequence('routing_decisions', 'id')) as decision_id,
        nextval(pg_get_serial_sequence('reservations', 'id')) as reservation_id
      from standing where has_room and stamp = ${given.stamp} and buyers_revision = ${given.buyersRevision}
        and rule_set_id is not distinct from ${given.ruleSetId} and plan_version_id is not distinct from ${given.planVersionId}
    ),
    decision as (
      insert into routing_decisions (id, tenant_id, decided_at, kind, outcome, campaign_id, publisher_id, buyer_id, reservation_id, caller,
        caller_state, price_minor, payout_minor, plan_version_id, rule_set_id, buyers_revision, dnc_versions, reasons)
      select decision_id, ${given.tenantId}, ${given.decidedAt}, 'PING', ${given.outcome}, ${given.campaignId},
        ${given.publisherId}, ${given.buyerId}, reservation_id, ${given.caller}, ${given.callerState}, ${given.priceMinor},
        ${given.payoutMinor}, ${given.planVersionId}, ${given.ruleSetId}, ${given.buyersRevision}, ${given.dncVersions}, ${given.reasons}
      from offer
    ),
    reservation as (
      insert into reservations (id, tenant_id, campaign_id, publisher_id, buyer_id, caller, caller_state, request, attributes, price_minor,
        payout_minor, decision_id, reserved_at, expires_at, hour_start, day_start, month_start)
      select reservation_id, ${given.tenantId}, ${given.campaignId}, ${given.publisherId}, ${given.buyerId}, ${given.caller},
        ${given.callerState}, ${given.request}, ${given.attributes}, ${given.priceMinor}, ${given.payoutMinor}, decision_id,
        ${given.decidedAt}, ${given.expiresAt}, ${given.hourStart}, ${given.dayStart}, ${given.monthStart}
      from offer
    )
    select * from standing left join offer on true`,
  'commits',
)

/** A reservation with its decision; or what is current, if something has changed since the facts were read or the buyer is full. */
export type Reserved = { readonly decision: RoutingDecision; readonly reservation: Reservation } | { readonly current: Current }

/**
 * Reserves a buyer that the transaction has locked, and stores the decision, unless something has changed since the facts were read. This is
 * the last statement of the transaction.
 */
export async function reserve(
  write: Pick<WriteContext, 'db' | 'tenant' | 'now'>,
  ping: Ping,
  facts: Facts,
  { best, starts, reasons, seconds }: Offer,
  lists: readonly string[],
): Promise<Reserved> {
  const { buyerId, priceMinor } = best
  const payoutMinor = payoutOf(facts, priceMinor)
  const expiresAt = new Date(write.now + seconds * 1000).toISOString()
  const decided = { kind: 'PING', outcome: 'OFFERED', callerState: ping.state, buyerId, priceMinor, payoutMinor, reasons } as const
  const row = decisionOf(write, ping, facts, decided)
  const [current] = await RESERVE.run(write.db, {
    ...row,
    ...roomValues(best, starts),
    ...usageTimes(write.now),
    request: ping.request,
    attributes: JSON.stringify(Object.fromEntries(ping.attributes)),
    expiresAt,
    hourStart: starts.HOUR,
    dayStart: starts.DAY,
    monthStart: starts.MONTH,
    lists: arrayOf(lists),
    stamp: facts.stamp,
  })
  if (!current) throw new Error('Expected one row of what is current, got none.')
  const { decisionId, reservationId } = current
  if (decisionId === null || reservationId === null) return { current }
  return {
    decision: { ...row, id: decisionId, reservationId },
    reservation: { id: reservationId, buyerId, expiresAt, priceMinor, payoutMinor },
  }
}

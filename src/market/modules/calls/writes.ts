import { sql } from 'kysely'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { rangeErrors } from '../../../gateway/contract/range-input.ts'
import { changeRows, lockRow } from '../../../gateway/contract/row-lock.ts'
import { type UserError, userError } from '../../../gateway/contract/user-error.ts'
import { endReservation } from './end-reservation.ts'

const MAX_CALL_SECONDS = 24 * 60 * 60

export type SettleOutcome = { readonly callId: number; readonly winningBidId: number | null } | { readonly errors: readonly UserError[] }

/**
 * Settles a phone call: records its outcome and its payment. Every write to the bids of a call waits for the lock on the call's row. So the
 * open bids that are read under this lock are complete, and if a call is settled twice, the second transaction finds it settled. A routed
 * call also ends its reservation, and the publisher is paid if the call was sold.
 */
export async function settleCall(write: WriteContext, id: number, durationSeconds: number): Promise<SettleOutcome> {
  const errors = rangeErrors(durationSeconds, { min: 0, max: MAX_CALL_SECONDS, unit: 'seconds' }, ['input', 'durationSeconds'])
  if (errors.length > 0) return { errors }
  return endCall(write, id, durationSeconds)
}

/** Ends a phone call that nobody answered: it becomes MISSED, all its bids lose, and a routed call ends its reservation. */
export function missCall(write: WriteContext, id: number): Promise<SettleOutcome> {
  return endCall(write, id, null)
}

/** Ends a phone call. @param durationSeconds Null if nobody answered the call, so that no buyer pays for it, however short it may be. */
async function endCall(write: WriteContext, id: number, durationSeconds: number | null): Promise<SettleOutcome> {
  const { db, tenant, now } = write
  const named = { noun: 'call', id, path: ['input', 'id'] }
  const locked = await lockRow(write, 'calls', ['status', 'reservationId'], named)
  if ('error' in locked) return { errors: [locked.error] }
  const { status, reservationId } = locked.row
  if (status !== 'INCOMING' && status !== 'CONNECTED') {
    const message = `The call is ${status}: only one that is INCOMING or CONNECTED can be settled.`
    return { errors: [userError('INVALID_STATE', message, named.path)] }
  }

  const settledAt = new Date(now).toISOString()
  const open = await db
    .selectFrom('bids')
    .innerJoin('buyers', (join) => join.onRef('buyers.id', '=', 'bids.buyerId').onRef('buyers.tenantId', '=', 'bids.tenantId'))
    .select(['bids.id', 'bids.amountMinor', 'bids.placedAt', 'buyers.minDurationSeconds'])
    .where('bids.tenantId', '=', tenant)
    .where('bids.callId', '=', id)
    .where('bids.status', '=', 'ACTIVE')
    .where('bids.expiresAt', '>', settledAt)
    .orderBy('bids.id')
    .forNoKeyUpdate('bids')
    .execute()
  const winner = durationSeconds === null ? undefined : bestBid(open.filter((bid) => durationSeconds >= bid.minDurationSeconds))
  // The reservation comes first, as in a post: then both lock the sums of the buyer's usage before the sums that bids and calls change.
  const payout = reservationId === null ? {} : { payoutMinor: await endReservation(write, reservationId, winner !== undefined) }
  if (open.length > 0) {
    const status = sql<'WON' | 'LOST'>`case when id = ${winner?.id ?? null}::int8 then 'WON' else 'LOST' end`
    const ids = open.map((bid) => bid.id)
    await changeRows(write, 'bids', ids, { status })
  }
  await changeRows(write, 'calls', [id], {
    status: winner ? 'SETTLED' : 'MISSED',
    durationSeconds: durationSeconds ?? 0,
    revenueMinor: winner?.amountMinor ?? 0,
    winningBidId: winner?.id ?? null,
    settledAt,
    ...payout,
  })
  return { callId: id, winningBidId: winner?.id ?? null }
}

/** Records that an incoming phone call was answered. A call that is connected already stays as it is. */
export async function connectCall(
  write: WriteContext,
  id: number,
): Promise<{ readonly callId: number } | { readonly errors: readonly UserError[] }> {
  const named = { noun: 'call', id, path: ['input', 'id'] }
  const locked = await lockRow(write, 'calls', ['status'], named)
  if ('error' in locked) return { errors: [locked.error] }
  const { status } = locked.row
  if (status === 'SETTLED' || status === 'MISSED') {
    const message = `The call is ${status}: only one that is INCOMING can be connected.`
    return { errors: [userError('INVALID_STATE', message, named.path)] }
  }
  if (status === 'INCOMING') await changeRows(write, 'calls', [id], { status: 'CONNECTED' })
  return { callId: id }
}

interface OpenBid {
  readonly id: number
  readonly amountMinor: number
  readonly placedAt: string
}

/**
 * Returns the bid with the highest amount. Among bids of equal amount, the bid that was placed first wins, then the bid with the lowest id.
 */
export function bestBid<Bid extends OpenBid>(bids: readonly Bid[]): Bid | undefined {
  const [best] = bids.toSorted((a, b) => b.amountMinor - a.amountMinor || Date.parse(a.placedAt) - Date.parse(b.placedAt) || a.id - b.id)
  return best
}

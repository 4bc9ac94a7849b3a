import type { WriteContext } from '../../../gateway/contract/module.ts'
import { rangeErrors } from '../../../gateway/contract/range-input.ts'
import { changeRows, lockRow, lockRows } from '../../../gateway/contract/row-lock.ts'
import { notFound, type UserError, userError } from '../../../gateway/contract/user-error.ts'
import { campaignRefusal, campaignState } from '../campaign-state.ts'
import { committedBids } from '../committed-bids.ts'
import { amountErrors, currencyOf } from '../money-input.ts'
import type { NoMore } from '../no-more.ts'
import type { PlaceBidInput } from '../schema-types.generated.ts'

/** Input of `placeBid`, with row ids in place of the global ids. */
export type BidOffer = Omit<PlaceBidInput, 'callId' | 'buyerId'> & { readonly callId: number; readonly buyerId: number }

export type BidOutcome = { readonly bidId: number } | { readonly errors: readonly UserError[] }

/** Maximum amount of a bid in minor units. The sum of 900,000 such amounts is still an exact integer. */
const MAX_AMOUNT = 10_000_000_000

const MAX_TTL_SECONDS = 24 * 60 * 60

/**
 * Places a bid on a phone call. Every write to bids takes its locks in the same order: the call, the bids of the call by id, the buyer. So
 * the bid is either placed before the call is settled, or refused because the call is already settled. Of two concurrent bids of one buyer,
 * the second sees the amount of the first.
 */
export async function placeBid(write: WriteContext, offer: BidOffer): Promise<BidOutcome> {
  const { db, tenant, now } = write
  const { callId, buyerId, amount, ttlSeconds, ...others } = offer
  others satisfies NoMore
  const errors = [
    ...amountErrors(amount, await currencyOf(write), { min: 1, max: MAX_AMOUNT }, ['input', 'amount']),
    ...rangeErrors(ttlSeconds, { min: 1, max: MAX_TTL_SECONDS, unit: 'seconds' }, ['input', 'ttlSeconds']),
  ]
  if (errors.length > 0) return { errors }

  const namedCall = { noun: 'call', id: callId, path: ['input', 'callId'] }
  const lockedCall = await lockRow(write, 'calls', ['id', 'campaignId', 'status', 'callerState', 'reservationId'], namedCall)
  if ('error' in lockedCall) return { errors: [lockedCall.error] }
  const call = lockedCall.row
  if (call.status !== 'INCOMING' && call.status !== 'CONNECTED') {
    const message = `The call is ${call.status}: bids are accepted while it is INCOMING or CONNECTED.`
    return { errors: [userError('INVALID_STATE', message, namedCall.path)] }
  }
  if (call.reservationId !== null) {
    const message = 'The call was routed to a buyer by a reservation: bids are accepted only for calls that are not routed.'
    return { errors: [userError('INVALID_STATE', message, namedCall.path)] }
  }

  const campaign = await campaignState(write, call.campaignId)
  const refusal = campaign && campaignRefusal(campaign, 'CALLS', now)
  if (refusal !== undefined) return { errors: [userError('INVALID_STATE', refusal, namedCall.path)] }

  const namedBuyer = { noun: 'buyer', id: buyerId, path: ['input', 'buyerId'] }
  const lockedBuyer = await lockRow(write, 'buyers', ['id', 'active', 'states', 'dailyCapMinor'], namedBuyer)
  if ('error' in lockedBuyer) return { errors: [lockedBuyer.error] }
  const buyer = lockedBuyer.row
  if (!buyer.active)
    return { errors: [userError('INVALID_STATE', 'The buyer is not active: activate it by updateBuyer first.', namedBuyer.path)] }
  if (buyer.states.length > 0 && !buyer.states.includes(call.callerState)) {
    const accepted = buyer.states.join(', ')
    const message = `The call is from ${call.callerState}, the buyer takes calls from: ${accepted}.`
    return { errors: [userError('NOT_ROUTED', message, namedBuyer.path)] }
  }
  if (buyer.dailyCapMinor !== null) {
    const committed = await committedBids(write, [buyer.id])
    if ((committed.get(buyer.id)?.amountMinor ?? 0) + amount.amount > buyer.dailyCapMinor) {
      // The error does not say how much of the cap is left, because that would reveal the amounts of the buyer's other bids.
      const message = `The bid passes the buyer's daily cap of ${buyer.dailyCapMinor} minor units: bid less, or raise the cap by updateBuyer.`
      return { errors: [userError('CAP_EXCEEDED', message, ['input', 'amount'])] }
    }
  }

  const bid = await db
    .insertInto('bids')
    .values({
      tenantId: tenant,
      callId: call.id,
      campaignId: call.campaignId,
      buyerId: buyer.id,
      amountMinor: amount.amount,
      placedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + ttlSeconds * 1000).toISOString(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { bidId: bid.id }
}

export async function cancelBid(write: WriteContext, id: number): Promise<BidOutcome> {
  const { db, tenant, now } = write
  const named = { noun: 'bid', id, path: ['input', 'id'] }
  const found = await db.selectFrom('bids').select('callId').where('tenantId', '=', tenant).where('id', '=', id).executeTakeFirst()
  if (!found) return { errors: [notFound(named.noun, named.path)] }
  const [call] = await lockRows(write, 'calls', ['reservationId'], [found.callId])
  if (call && call.reservationId !== null) {
    const message = 'The bid belongs to a call that was routed to its buyer by a reservation: settle the call, or end it by missCall.'
    return { errors: [userError('INVALID_STATE', message, named.path)] }
  }
  const locked = await lockRow(write, 'bids', ['status', 'expiresAt'], named)
  if ('error' in locked) return { errors: [locked.error] }
  const { status, expiresAt } = locked.row
  if (status !== 'ACTIVE' || Date.parse(expiresAt) <= now) {
    const message = `The bid is ${status === 'ACTIVE' ? 'EXPIRED' : status}: only one that is ACTIVE can be cancelled.`
    return { errors: [userError('INVALID_STATE', message, named.path)] }
  }
  await changeRows(write, 'bids', [id], { status: 'CANCELLED' })
  return { bidId: id }
}

import { sql } from 'kysely'
import type { WriteContext } from '../module.ts'
import { anyOf } from '../row-order.ts'
import { type UserError, userError } from '../user-error.ts'

const LONGEST_CALL_SECONDS = 24 * 60 * 60

export type SettleOutcome = { readonly callId: number; readonly winningBidId: number | null } | { readonly errors: readonly UserError[] }

/**
 * Ends a call. The call's lock is what everybody who writes to its bids waits for, so the open bids read under it are all there
 * are, and of two settlements the second finds the call settled.
 */
export async function settleCall({ db, tenant, now }: WriteContext, id: number, durationSeconds: number): Promise<SettleOutcome> {
  if (!Number.isInteger(durationSeconds) || durationSeconds < 0 || durationSeconds > LONGEST_CALL_SECONDS) {
    return {
      errors: [
        userError('INVALID', `Expected from 0 to ${LONGEST_CALL_SECONDS} seconds, got ${durationSeconds}.`, ['input', 'durationSeconds']),
      ],
    }
  }
  const call = await db
    .selectFrom('calls')
    .select('status')
    .where('tenantId', '=', tenant)
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!call) return { errors: [userError('NOT_FOUND', 'There is no such call.', ['input', 'id'])] }
  if (call.status !== 'INCOMING' && call.status !== 'CONNECTED') {
    return {
      errors: [
        userError('INVALID_STATE', `The call is ${call.status}: only one that is INCOMING or CONNECTED can be settled.`, ['input', 'id']),
      ],
    }
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
  const winner = bestBid(open.filter((bid) => durationSeconds >= bid.minDurationSeconds))
  if (open.length > 0) {
    await db
      .updateTable('bids')
      .set({ status: sql`case when id = ${winner?.id ?? null}::int8 then 'WON' else 'LOST' end`, version: sql`version + 1` })
      .where('tenantId', '=', tenant)
      .where('id', '=', anyOf(open.map((bid) => bid.id)))
      .execute()
  }
  await db
    .updateTable('calls')
    .set({
      status: winner ? 'SETTLED' : 'MISSED',
      durationSeconds,
      revenueMinor: winner?.amountMinor ?? 0,
      winningBidId: winner?.id ?? null,
      settledAt,
      version: sql`version + 1`,
    })
    .where('tenantId', '=', tenant)
    .where('id', '=', id)
    .execute()
  return { callId: id, winningBidId: winner?.id ?? null }
}

interface OpenBid {
  readonly id: number
  readonly amountMinor: number
  readonly placedAt: string
}

/** The highest amount; among equals the bid placed first, then the one with the lowest id. */
export function bestBid<Bid extends OpenBid>(bids: readonly Bid[]): Bid | undefined {
  const [best] = bids.toSorted((a, b) => b.amountMinor - a.amountMinor || Date.parse(a.placedAt) - Date.parse(b.placedAt) || a.id - b.id)
  return best
}

import { sql } from 'kysely'
import type { ReadContext } from '../../gateway/contract/module.ts'
import { anyOf } from '../../gateway/contract/row-order.ts'
import { DAY_MS, iso } from './time-range.ts'

/** Bids of one buyer that count for its daily cap. */
export interface CommittedBids {
  readonly amountMinor: number
  /** Time at which the first of the open bids ceases to count, Unix epoch ms; null if none is open. */
  readonly changesAt: number | null
}

/**
 * Time in ms for which an expired bid still counts towards the buyer's daily cap. A transaction that is not committed yet may choose this
 * bid as the winner of the phone call. The time is longer than any statement may take.
 */
const SETTLING_MS = 60_000

/**
 * Returns for each buyer the total amount of the won and open bids that it placed today (UTC). The bids of
 * routed calls are left out: the caps of routing limit them, and routing makes them whatever the daily cap is. Buyers without such a bid are left out. One
 * statement reads both kinds of bids, so that each bid is counted once.
 */
export async function committedBids(
  { db, tenant, now }: Pick<ReadContext, 'db' | 'tenant' | 'now'>,
  buyerIds: readonly number[],
): Promise<ReadonlyMap<number, CommittedBids>> {
  const rows = await db
    .selectFrom('bids')
    .select([
      'buyerId',
      sql<number>`sum(amount_minor)::int8`.as('amountMinor'),
      sql<string | null>`min(expires_at) filter (where status = 'ACTIVE')`.as('firstExpiry'),
    ])
    .where('tenantId', '=', tenant)
    .where('buyerId', '=', anyOf(buyerIds))
    .where('placedAt', '>=', iso(Math.floor(now / DAY_MS) * DAY_MS))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('calls').select('calls.id').whereRef('calls.id', '=', 'bids.callId').where('calls.reservationId', 'is not', null),
        ),
      ),
    )
    .where((where) =>
      where.or([where('status', '=', 'WON'), where.and([where('status', '=', 'ACTIVE'), where('expiresAt', '>', iso(now - SETTLING_MS))])]),
    )
    .groupBy('buyerId')
    .execute()
  return new Map(
    rows.map(({ buyerId, amountMinor, firstExpiry }) => [
      buyerId,
      { amountMinor, changesAt: firstExpiry === null ? null : Date.parse(firstExpiry) + SETTLING_MS },
    ]),
  )
}

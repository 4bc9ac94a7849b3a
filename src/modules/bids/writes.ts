import { sql } from 'kysely'
import { quote } from '../../generator/quote.ts'
import type { WriteContext } from '../module.ts'
import { type UserError, userError } from '../user-error.ts'

export interface BidOffer {
  readonly callId: number
  readonly buyerId: number
  readonly amountMinor: number
  readonly currency: string
  readonly ttlSeconds: number
}

export type BidOutcome = { readonly bidId: number } | { readonly errors: readonly UserError[] }

/** Minor units. Sums stay exact over 900,000 calls that were sold at this price. */
const MAX_AMOUNT = 10_000_000_000

const LONGEST_TTL_SECONDS = 24 * 60 * 60

/**
 * A bid of a transaction that has not committed yet may be winning although it is past its time here: for so long an expired bid
 * still counts towards the daily cap. Longer than any statement may take.
 */
const SETTLING_MS = 60_000

/**
 * Locks are taken in one order by every write to bids: the call, its bids by id, the buyer. So a bid is either there when the
 * call is settled, or finds it settled; and two bids of one buyer see each other's amount.
 */
export async function placeBid({ db, tenant, now }: WriteContext, offer: BidOffer): Promise<BidOutcome> {
  const tenantRow = await db.selectFrom('tenants').select('currency').where('id', '=', tenant).executeTakeFirst()
  const errors = offerErrors(offer, tenantRow?.currency)
  if (errors.length > 0) return { errors }

  const call = await db
    .selectFrom('calls')
    .select(['id', 'campaignId', 'status', 'callerState'])
    .where('tenantId', '=', tenant)
    .where('id', '=', offer.callId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!call) return { errors: [userError('NOT_FOUND', 'There is no such call.', ['input', 'callId'])] }
  if (call.status !== 'INCOMING' && call.status !== 'CONNECTED') {
    return {
      errors: [
        userError('INVALID_STATE', `The call is ${call.status}: bids are accepted while it is INCOMING or CONNECTED.`, ['input', 'callId']),
      ],
    }
  }

  const buyer = await db
    .selectFrom('buyers')
    .select(['id', 'active', 'states', 'dailyCapMinor'])
    .where('tenantId', '=', tenant)
    .where('id', '=', offer.buyerId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!buyer) return { errors: [userError('NOT_FOUND', 'There is no such buyer.', ['input', 'buyerId'])] }
  if (!buyer.active)
    return { errors: [userError('INVALID_STATE', 'The buyer is not active: activate it by updateBuyer first.', ['input', 'buyerId'])] }
  if (buyer.states.length > 0 && !buyer.states.includes(call.callerState)) {
    const accepted = buyer.states.join(', ')
    return {
      errors: [
        userError('NOT_ROUTED', `The call is from ${call.callerState}, the buyer takes calls from: ${accepted}.`, ['input', 'buyerId']),
      ],
    }
  }
  if (buyer.dailyCapMinor !== null) {
    const committed = await committedToday({ db, tenant, now }, buyer.id)
    if (committed + offer.amountMinor > buyer.dailyCapMinor) {
      // How much is left would tell what the buyer's other bids pay.
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
      amountMinor: offer.amountMinor,
      placedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + offer.ttlSeconds * 1000).toISOString(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { bidId: bid.id }
}

export async function cancelBid({ db, tenant, now }: WriteContext, id: number): Promise<BidOutcome> {
  const found = await db.selectFrom('bids').select('callId').where('tenantId', '=', tenant).where('id', '=', id).executeTakeFirst()
  if (!found) return { errors: [userError('NOT_FOUND', 'There is no such bid.', ['input', 'id'])] }
  await db.selectFrom('calls').select('id').where('tenantId', '=', tenant).where('id', '=', found.callId).forNoKeyUpdate().execute()
  const cancelled = await db
    .updateTable('bids')
    .set({ status: 'CANCELLED', version: sql`version + 1` })
    .where('tenantId', '=', tenant)
    .where('id', '=', id)
    .where('status', '=', 'ACTIVE')
    .where('expiresAt', '>', new Date(now).toISOString())
    .returning('id')
    .executeTakeFirst()
  if (cancelled) return { bidId: cancelled.id }
  const bid = await db.selectFrom('bids').select('status').where('tenantId', '=', tenant).where('id', '=', id).executeTakeFirst()
  const status = bid?.status === 'ACTIVE' ? 'EXPIRED' : (bid?.status ?? 'gone')
  return { errors: [userError('INVALID_STATE', `The bid is ${status}: only one that is ACTIVE can be cancelled.`, ['input', 'id'])] }
}

function offerErrors(offer: BidOffer, currency: string | undefined): UserError[] {
  const errors: UserError[] = []
  if (currency === undefined) errors.push(userError('NOT_FOUND', 'There is no such tenant.', []))
  else if (offer.currency !== currency)
    errors.push(
      userError('INVALID', `Expected an amount in ${currency}, got ${quote(offer.currency, 10)}.`, ['input', 'amount', 'currency']),
    )
  if (!Number.isSafeInteger(offer.amountMinor) || offer.amountMinor <= 0 || offer.amountMinor > MAX_AMOUNT) {
    errors.push(
      userError('INVALID', `Expected an amount from 1 to ${MAX_AMOUNT} minor units, got ${offer.amountMinor}.`, ['input', 'amount']),
    )
  }
  if (!Number.isInteger(offer.ttlSeconds) || offer.ttlSeconds < 1 || offer.ttlSeconds > LONGEST_TTL_SECONDS) {
    errors.push(
      userError('INVALID', `Expected from 1 to ${LONGEST_TTL_SECONDS} seconds, got ${offer.ttlSeconds}.`, ['input', 'ttlSeconds']),
    )
  }
  return errors
}

/** What the bids that the buyer placed today (UTC) cost if every open one wins. One statement: each bid is counted once, open or won. */
async function committedToday({ db, tenant, now }: Pick<WriteContext, 'db' | 'tenant' | 'now'>, buyerId: number): Promise<number> {
  const today = new Date(now)
  today.setUTCHours(0, 0, 0, 0)
  const { committed } = await db
    .selectFrom('bids')
    .select(sql<number>`coalesce(sum(amount_minor), 0)::int8`.as('committed'))
    .where('tenantId', '=', tenant)
    .where('buyerId', '=', buyerId)
    .where('placedAt', '>=', today.toISOString())
    .where((where) =>
      where.or([
        where('status', '=', 'WON'),
        where.and([where('status', '=', 'ACTIVE'), where('expiresAt', '>', new Date(now - SETTLING_MS).toISOString())]),
      ]),
    )
    .executeTakeFirstOrThrow()
  return committed
}

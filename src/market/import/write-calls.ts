import { sql } from 'kysely'
import { insertRows, takeIds } from '../seed/insert-rows.ts'
import type { Written } from './import-format.ts'
import type { ImportMarket } from './import-market.ts'
import { claimEvents } from './write-events.ts'

export interface CallDraft {
  /** Natural key of the phone call: the id of its CALL_STARTED event. */
  readonly key: string
  /** Name of the campaign. */
  readonly campaign: string
  readonly startedMs: number
  readonly costMinor: number
  /** Bids on the phone call. The first bid wins, and the call is settled at the amount of this bid. A call without bids is missed. */
  readonly bids: readonly { readonly buyer: string; readonly amountMinor: number }[]
}

const BID_LIFE_MS = 60_000

/** US state of the caller of every imported phone call. A call must have a state, and the files contain no states. */
const CALLER_STATE = 'CA'

/**
 * Writes phone calls with their bids. With each call an event is written, whose id is the call's natural key. So the primary key of the
 * events table shows whether the call was imported before.
 */
export async function writeCalls(market: ImportMarket, drafts: readonly CallDraft[]): Promise<Written> {
  const { db, tenant } = market
  const events = []
  for (const { key, campaign, startedMs } of drafts)
    events.push({ eventId: key, campaignId: await market.campaignId(campaign), kind: 'CALL_STARTED', occurredAt: iso(startedMs) } as const)
  const claimed = await claimEvents(market, events)
  // A key that occurs twice in one batch gives one phone call, because `delete` returns true only the first time.
  const fresh = drafts.filter(({ key }) => claimed.delete(key))

  const callIds = await takeIds(db, 'calls', fresh.length)
  const bidIds = await takeIds(
    db,
    'bids',
    fresh.reduce((sum, { bids }) => sum + bids.length, 0),
  )
  const calls = []
  const bids = []
  for (const [index, draft] of fresh.entries()) {
    const id = callIds[index] as number
    const campaignId = await market.campaignId(draft.campaign)
    const placedAt = iso(draft.startedMs)
    let winningBidId: number | null = null
    for (const { buyer, amountMinor } of draft.bids) {
      const bidId = bidIds[bids.length] as number
      const status = winningBidId === null ? 'WON' : 'LOST'
      winningBidId ??= bidId
      bids.push({
        id: bidId,
        tenantId: tenant,
        callId: id,
        campaignId,
        buyerId: await market.buyerId(buyer),
        amountMinor,
        status,
        placedAt,
        expiresAt: iso(draft.startedMs + BID_LIFE_MS),
        version: 1,
      })
    }
    calls.push({
      id,
      tenantId: tenant,
      campaignId,
      domainId: null,
      publisherId: null,
      callerState: CALLER_STATE,
      status: winningBidId === null ? 'MISSED' : 'SETTLED',
      startedAt: placedAt,
      durationSeconds: 0,
      costMinor: draft.costMinor,
      revenueMinor: draft.bids[0]?.amountMinor ?? 0,
      payoutMinor: 0,
      winningBidId,
      settledAt: winningBidId === null ? null : placedAt,
      version: 1,
    })
  }
  await insertRows(db, 'calls', calls)
  await insertRows(db, 'bids', bids)
  // The deferred checks of the foreign keys to winning bids run now, so that they do not pile up until COMMIT.
  await sql`set constraints calls_winning_bid_fkey immediate`.execute(db)
  await sql`set constraints calls_winning_bid_fkey deferred`.execute(db)
  return { added: { calls: calls.length, bids: bids.length, events: calls.length }, updated: 0, present: drafts.length - calls.length }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

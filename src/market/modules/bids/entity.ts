import type { Generated, Selectable } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import { type EntityType, Expiring } from '../../../gateway/contract/module.ts'
import { rowsByIds } from '../../../gateway/contract/row-order.ts'

export interface BidRow {
  id: Generated<number>
  tenantId: string
  callId: number // on delete cascade
  campaignId: number // the call's campaign; on delete cascade
  buyerId: number
  amountMinor: number
  status: Generated<'ACTIVE' | 'WON' | 'LOST' | 'CANCELLED'> // after expiresAt a client sees EXPIRED in place of ACTIVE
  placedAt: Generated<string>
  expiresAt: string
  version: Generated<number>
}

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    bids: BidRow
  }
}

type StoredBid = Selectable<BidRow>

/** A bid with its status at the time when it was loaded. Nothing is written when a bid expires: EXPIRED is computed from `expiresAt`. */
export type Bid = Omit<StoredBid, 'status'> & { readonly status: StoredBid['status'] | 'EXPIRED' }

const bidEntity = declareEntity({
  type: 'Bid',
  table: 'bids',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['call_id', 'buyer_id', 'campaign_id', 'status'],
  listed: ['call_id', 'buyer_id', 'campaign_id', 'status', 'amount_minor', 'placed_at', 'expires_at'],
  // A list filtered by EXPIRED must be invalidated by changes of rows with the stored status ACTIVE, because nothing is written when a bid
  // expires.
  spelling: { status: (asked) => (asked === 'EXPIRED' ? 'ACTIVE' : asked) },
})

export const bidType: EntityType<Bid> = {
  entity: bidEntity,
  async loadMany(read, ids) {
    const rows = await rowsByIds(read, 'bids', ids)
    return rows.map((row) => (row === null ? null : bidAt(row, read.now)))
  },
}

/**
 * Returns a stored bid with its status at `now` (Unix epoch ms). An open bid is returned as an Expiring value, which tells the cache when
 * this status ends. A bid is open before its `expiresAt` and expired from that moment on.
 */
export function bidAt(stored: StoredBid, now: number): Bid | Expiring<Bid> {
  if (stored.status !== 'ACTIVE') return stored
  const expiresAt = Date.parse(stored.expiresAt)
  return expiresAt <= now ? { ...stored, status: 'EXPIRED' } : new Expiring<Bid>(stored, expiresAt)
}

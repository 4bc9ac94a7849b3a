import type { Selectable } from 'kysely'
import { declareEntity } from '../../cache/entity.ts'
import type { BidRow } from '../../postgres/tables.ts'
import { type EntityType, Expiring } from '../module.ts'
import { anyOf, inOrderOf } from '../row-order.ts'

type StoredBid = Selectable<BidRow>

/** A bid as it stands at the time of its load: nothing is written when a bid expires, it only reads differently. */
export type Bid = Omit<StoredBid, 'status'> & { readonly status: StoredBid['status'] | 'EXPIRED' }

export const bidEntity = declareEntity({
  type: 'Bid',
  table: 'bids',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['call_id', 'buyer_id', 'campaign_id', 'status'],
  listed: ['call_id', 'buyer_id', 'campaign_id', 'status', 'amount_minor', 'placed_at', 'expires_at'],
  // Nothing is written when a bid expires.
  spelling: { status: (asked) => (asked === 'EXPIRED' ? 'ACTIVE' : asked) },
})

export const bidType: EntityType<Bid> = {
  entity: bidEntity,
  async loadMany(read, ids) {
    const rows = await read.db.selectFrom('bids').selectAll().where('tenantId', '=', read.tenant).where('id', '=', anyOf(ids)).execute()
    return inOrderOf(ids, rows).map((row) => (row === null ? null : bidAt(row, read.now)))
  },
}

/** What a stored bid is at `now` (Unix epoch ms), and until when. A bid is open before its `expiresAt` and no longer at it. */
export function bidAt(stored: StoredBid, now: number): Bid | Expiring<Bid> {
  if (stored.status !== 'ACTIVE') return stored
  const expiresAt = Date.parse(stored.expiresAt)
  return expiresAt <= now ? { ...stored, status: 'EXPIRED' } : new Expiring<Bid>(stored, expiresAt)
}

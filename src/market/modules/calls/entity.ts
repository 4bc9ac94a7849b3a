import type { Generated, Selectable } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import type { EntityType } from '../../../gateway/contract/module.ts'
import { rowsByIds } from '../../../gateway/contract/row-order.ts'

export interface CallRow {
  id: Generated<number>
  tenantId: string
  campaignId: number // on delete cascade
  publisherId: number | null // who sent the call and is paid for it
  buyerId: number | null // the buyer that a routed call was connected to
  reservationId: number | null // the reservation that a routed call was posted to
  domainId: number | null // on delete set null
  callerState: string // two letters
  status: Generated<'INCOMING' | 'CONNECTED' | 'SETTLED' | 'MISSED'>
  startedAt: string
  durationSeconds: Generated<number>
  costMinor: Generated<number> // what the traffic cost
  revenueMinor: Generated<number> // amount of the winning bid once settled
  payoutMinor: Generated<number> // what the publisher gets
  winningBidId: number | null
  settledAt: string | null
  version: Generated<number>
}

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    calls: CallRow
  }
}

export type Call = Selectable<CallRow>

const callEntity = declareEntity({
  type: 'Call',
  table: 'calls',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['campaign_id', 'domain_id', 'publisher_id', 'buyer_id', 'status', 'caller_state'],
  listed: [
    'campaign_id',
    'domain_id',
    'publisher_id',
    'buyer_id',
    'status',
    'caller_state',
    'started_at',
    'duration_seconds',
    'revenue_minor',
  ],
  spelling: { caller_state: (asked) => asked.toUpperCase() },
})

export const callType: EntityType<Call> = {
  entity: callEntity,
  loadMany: (read, ids) => rowsByIds(read, 'calls', ids),
}

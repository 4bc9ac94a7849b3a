import type { Selectable } from 'kysely'
import { declareEntity } from '../../cache/entity.ts'
import type { CallRow } from '../../postgres/tables.ts'
import type { EntityType } from '../module.ts'
import { anyOf, inOrderOf } from '../row-order.ts'

export type Call = Selectable<CallRow>

export const callEntity = declareEntity({
  type: 'Call',
  table: 'calls',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['campaign_id', 'domain_id', 'status', 'caller_state'],
  listed: ['campaign_id', 'domain_id', 'status', 'caller_state', 'started_at'],
  spelling: { caller_state: (asked) => asked.toUpperCase() },
})

export const callType: EntityType<Call> = {
  entity: callEntity,
  async loadMany(read, ids) {
    const rows = await read.db.selectFrom('calls').selectAll().where('tenantId', '=', read.tenant).where('id', '=', anyOf(ids)).execute()
    return inOrderOf(ids, rows)
  },
}

import type { Selectable } from 'kysely'
import { declareEntity } from '../../cache/entity.ts'
import type { BuyerRow } from '../../postgres/tables.ts'
import type { EntityType } from '../module.ts'
import { anyOf, inOrderOf } from '../row-order.ts'

export type Buyer = Selectable<BuyerRow>

export const buyerEntity = declareEntity({
  type: 'Buyer',
  table: 'buyers',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['active'],
  listed: ['active', 'name', 'states', 'created_at'],
})

export const buyerType: EntityType<Buyer> = {
  entity: buyerEntity,
  async loadMany(read, ids) {
    const rows = await read.db.selectFrom('buyers').selectAll().where('tenantId', '=', read.tenant).where('id', '=', anyOf(ids)).execute()
    return inOrderOf(ids, rows)
  },
}

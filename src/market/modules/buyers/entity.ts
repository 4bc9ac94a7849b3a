import type { Generated, Selectable } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import type { EntityType } from '../../../gateway/contract/module.ts'
import { rowsByIds } from '../../../gateway/contract/row-order.ts'

export interface BuyerRow {
  id: Generated<number>
  tenantId: string
  name: string // unique per tenant
  states: string[] // routing criteria: US states accepted, empty = all
  maxConcurrentCalls: number
  minDurationSeconds: number
  dailyCapMinor: number | null
  active: Generated<boolean>
  version: Generated<number>
  createdAt: Generated<string>
  updatedAt: Generated<string>
}

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    buyers: BuyerRow
  }
}

export type Buyer = Selectable<BuyerRow>

/** The routing criteria, which say what calls a buyer accepts. They are columns of the buyer's row, so this type equals `Buyer`. */
export type RoutingCriteria = Buyer

const buyerEntity = declareEntity({
  type: 'Buyer',
  table: 'buyers',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['active'],
  listed: ['active', 'name', 'states', 'created_at'],
})

export const buyerType: EntityType<Buyer> = {
  entity: buyerEntity,
  loadMany: (read, ids) => rowsByIds(read, 'buyers', ids),
}

import type { ColumnType, Generated, Selectable } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import type { EntityType } from '../../../gateway/contract/module.ts'
import { rowsByIds } from '../../../gateway/contract/row-order.ts'
import type { Cap, DuplicateWindow } from '../../rules/routing/candidate.ts'
import type { Condition } from '../../rules/routing/condition.ts'
import type { Schedule } from '../../rules/routing/schedule.ts'

/** A column of JSON. It is written as a JSON text; null is SQL's null. */
type Json<Value> = ColumnType<Value, string | null | undefined, string | null>

export interface BuyerRow {
  id: Generated<number>
  tenantId: string
  name: string // unique per tenant
  states: string[] // routing criteria: US states accepted, empty = all
  maxConcurrentCalls: number
  minDurationSeconds: number
  dailyCapMinor: number | null
  priceMinor: Generated<number> // of a routed call
  timeZone: Generated<string> // IANA
  schedule: Json<Schedule | null>
  caps: Json<readonly Cap[]>
  duplicates: Json<DuplicateWindow | null>
  conditions: Json<Condition | null>
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

/** Each reservation changes the sums of its buyer, so all columns are listed. */
export const buyerUsageRowEntity = declareEntity({
  type: 'BuyerUsageRow',
  table: 'buyer_usage',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['buyer_id'],
  listed: ['buyer_id', 'period', 'period_start', 'attempts', 'connections', 'conversions', 'money_minor'],
})

/** The reservations that are held. A call that ends without revenue changes no sum of its buyer, but it is not held any more. */
export const heldReservationEntity = declareEntity({
  type: 'HeldReservation',
  table: 'reservations',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['buyer_id'],
  listed: ['buyer_id', 'state', 'price_minor', 'expires_at', 'hour_start', 'day_start', 'month_start'],
})

export const buyerType: EntityType<Buyer> = {
  entity: buyerEntity,
  loadMany: (read, ids) => rowsByIds(read, 'buyers', ids),
}

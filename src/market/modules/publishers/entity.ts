import type { Generated, Selectable } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import type { EntityType } from '../../../gateway/contract/module.ts'
import { rowsByIds } from '../../../gateway/contract/row-order.ts'

export interface PublisherRow {
  id: Generated<number>
  tenantId: string
  name: string // unique per tenant
  payoutKind: 'FIXED' | 'REVENUE_SHARE'
  payoutMinor: Generated<number> // FIXED: for each call
  sharePermille: Generated<number> // REVENUE_SHARE: of the revenue
  active: Generated<boolean>
  version: Generated<number>
  createdAt: Generated<string>
  updatedAt: Generated<string>
}

/** Row of a rollup table: the sums of the calls of one publisher that started on one day. */
export interface PublisherDayRow {
  tenantId: string
  publisherId: number
  day: string // date, YYYY-MM-DD (UTC)
  calls: number
  settledCalls: number
  durationSeconds: number
  spendMinor: number
  revenueMinor: number
  payoutMinor: number
}

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    publishers: PublisherRow
    publisherDays: PublisherDayRow
  }
}

export type Publisher = Selectable<PublisherRow>

/** The terms of a publisher say what it gets for a call. They are columns of the publisher's row. */
export type PayoutTerms = Pick<Publisher, 'payoutKind' | 'payoutMinor' | 'sharePermille'>

export const publisherType: EntityType<Publisher> = {
  entity: declareEntity({
    type: 'Publisher',
    table: 'publishers',
    tenantColumn: 'tenant_id',
    idColumn: 'id',
    dimensions: ['active'],
    listed: ['active', 'name'],
  }),
  loadMany: (read, ids) => rowsByIds(read, 'publishers', ids),
}

/** The columns that no figure shows, such as the duration, are not listed, so their changes invalidate nothing. */
export const publisherDayEntity = declareEntity({
  type: 'PublisherDay',
  table: 'publisher_days',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['publisher_id', 'on_day', 'in_month'],
  listed: ['publisher_id', 'day', 'on_day', 'in_month', 'calls', 'settled_calls', 'revenue_minor', 'payout_minor'],
  times: { day: { day: 'on_day', month: 'in_month' } },
})

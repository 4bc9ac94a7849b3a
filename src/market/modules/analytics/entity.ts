import type { Generated } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import type { CampaignTotalRow } from '../campaigns/entity.ts'

/** Row of `events`, the table of analytics events. Its primary key is (tenantId, eventId), so a repeated event is stored once. */
export interface EventRow {
  tenantId: string
  eventId: string
  campaignId: number // on delete cascade
  domainId: number | null
  kind: 'IMPRESSION' | 'CLICK' | 'CALL_STARTED' | 'CALL_QUALIFIED' | 'CONVERSION'
  occurredAt: string
  receivedAt: Generated<string>
}

/**
 * Sums of one campaign in one hour. Phone calls and money count in the hour in which the call started, bids in the hour in which they were
 * placed.
 */
export interface CampaignHourRow extends CampaignTotalRow {
  hour: string
}

export interface BuyerDayRow {
  tenantId: string
  buyerId: number
  day: string // date, YYYY-MM-DD (UTC), by placedAt
  bids: number
  wonBids: number
  revenueMinor: number
}

export interface EventHourRow {
  tenantId: string
  campaignId: number
  kind: EventRow['kind']
  hour: string
  count: number
}

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    events: EventRow
    campaignHours: CampaignHourRow
    buyerDays: BuyerDayRow
    eventHours: EventHourRow
  }
}

/*
 * Declarations of the rollup tables for the cache. No GraphQL type shows a row of these tables. Every figure shown is a sum over several
 * rows. So `listed` contains every summed column, and a change of such a column invalidates the sums of the row's campaign or buyer.
 */
const HOURS = { hour: { day: 'on_day', month: 'in_month' } }
const TOTALS = ['calls', 'settled_calls', 'duration_seconds', 'spend_minor', 'revenue_minor', 'payout_minor', 'bids', 'won_bids']

export const campaignHourEntity = declareEntity({
  type: 'CampaignHour',
  table: 'campaign_hours',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['campaign_id', 'on_day', 'in_month'],
  listed: ['campaign_id', 'hour', 'on_day', 'in_month', ...TOTALS],
  times: HOURS,
})

export const eventHourEntity = declareEntity({
  type: 'EventHour',
  table: 'event_hours',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['campaign_id', 'on_day', 'in_month'],
  listed: ['campaign_id', 'hour', 'on_day', 'in_month', 'kind', 'count'],
  times: HOURS,
})

export const buyerDayEntity = declareEntity({
  type: 'BuyerDay',
  table: 'buyer_days',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['on_day', 'in_month'],
  listed: ['buyer_id', 'day', 'on_day', 'in_month', 'bids', 'won_bids', 'revenue_minor'],
  times: { day: { day: 'on_day', month: 'in_month' } },
})

/**
 * Declares `buyer_days` for the cache a second time, only for the sums of a buyer's revenue. When a bid is placed, the row of the buyer's
 * day changes, but its revenue does not. So a new bid does not invalidate these sums. The id column is `buyer_id`, which is the same in
 * many rows. So no row is read by this id.
 */
export const buyerRevenueDayEntity = declareEntity({
  type: 'BuyerRevenueDay',
  table: 'buyer_days',
  tenantColumn: 'tenant_id',
  idColumn: 'buyer_id',
  dimensions: ['buyer_id'],
  listed: ['buyer_id', 'revenue_minor'],
})

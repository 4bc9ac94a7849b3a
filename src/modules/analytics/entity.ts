import { declareEntity } from '../../cache/entity.ts'

/*
 * The rollups. They have no objects of their own: every figure is a sum over several rows, so each column that is summed is a
 * listed one, and a change of any of them reaches the sums of its campaign or buyer.
 */
const HOURS = { hour: { day: 'on_day', month: 'in_month' } }
const TOTALS = ['calls', 'settled_calls', 'duration_seconds', 'spend_minor', 'revenue_minor', 'bids', 'won_bids']

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
 * The same rows as a buyer's revenue sees them: a bid that is placed changes the day of its buyer, but no revenue. The id is the
 * buyer's, whose rows are many: no row is read by it.
 */
export const buyerRevenueDayEntity = declareEntity({
  type: 'BuyerRevenueDay',
  table: 'buyer_days',
  tenantColumn: 'tenant_id',
  idColumn: 'buyer_id',
  dimensions: ['buyer_id'],
  listed: ['buyer_id', 'revenue_minor'],
})

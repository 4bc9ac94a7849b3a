import { declareEntity } from '../../cache/entity.ts'

/*
 * The rollups. They have no objects of their own: every figure is a sum over several rows, so each column that is summed is a
 * listed one, and a change of any of them reaches the sums of its campaign or buyer.
 */
const TOTALS = ['calls', 'settled_calls', 'duration_seconds', 'spend_minor', 'revenue_minor', 'bids', 'won_bids']

export const campaignHourEntity = declareEntity({
  type: 'CampaignHour',
  table: 'campaign_hours',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['campaign_id'],
  listed: ['campaign_id', 'hour', ...TOTALS],
})

export const eventHourEntity = declareEntity({
  type: 'EventHour',
  table: 'event_hours',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['campaign_id'],
  listed: ['campaign_id', 'hour', 'kind', 'count'],
})

export const buyerDayEntity = declareEntity({
  type: 'BuyerDay',
  table: 'buyer_days',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['buyer_id'],
  listed: ['buyer_id', 'day', 'bids', 'won_bids', 'revenue_minor'],
})

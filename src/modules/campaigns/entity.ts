import type { Selectable } from 'kysely'
import { declareEntity } from '../../cache/entity.ts'
import type { CampaignRow } from '../../postgres/tables.ts'
import type { EntityType } from '../module.ts'
import { anyOf, inOrderOf } from '../row-order.ts'

export type Campaign = Selectable<CampaignRow>

export const campaignEntity = declareEntity({
  type: 'Campaign',
  table: 'campaigns',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['owner_id', 'status'],
  // A list by name or by budget depends on any change instead: names and budgets change often, and few lists are sorted by them.
  listed: ['owner_id', 'status', 'created_at'],
})

export const campaignType: EntityType<Campaign> = {
  entity: campaignEntity,
  async loadMany(read, ids) {
    const rows = await read.db
      .selectFrom('campaigns')
      .selectAll()
      .where('tenantId', '=', read.tenant)
      .where('id', '=', anyOf(ids))
      .execute()
    return inOrderOf(ids, rows)
  },
}

/*
 * Rollups by campaign: a figure is computed from several rows, so each column that is shown is a listed one, and a change of any
 * of them reaches the figures of its campaign.
 */
export const domainCountEntity = declareEntity({
  type: 'DomainCount',
  table: 'domain_counts',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['campaign_id'],
  listed: ['campaign_id', 'status', 'count'],
})

export const campaignTotalEntity = declareEntity({
  type: 'CampaignTotal',
  table: 'campaign_totals',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['campaign_id'],
  listed: ['campaign_id', 'calls', 'settled_calls', 'spend_minor', 'revenue_minor', 'bids', 'won_bids'],
})

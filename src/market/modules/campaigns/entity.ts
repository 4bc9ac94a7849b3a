import type { Generated, Selectable } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import type { EntityType } from '../../../gateway/contract/module.ts'
import { rowsByIds } from '../../../gateway/contract/row-order.ts'
import type { Domain } from '../domains/entity.ts'

export interface CampaignRow {
  id: Generated<number>
  tenantId: string
  ownerId: number // users.id, same tenant
  name: string
  status: Generated<'DRAFT' | 'ACTIVE' | 'PAUSED' | 'ARCHIVED'>
  budgetMinor: number
  keywords: string[]
  tlds: string[]
  patterns: string[]
  planId: number | null // routing plan; null: buyers bid for its calls
  startsAt: string | null
  endsAt: string | null
  version: Generated<number> // optimistic lock, starts at 1
  createdAt: Generated<string>
  updatedAt: Generated<string>
}

/**
 * Row of a rollup table: the number of a campaign's domains with one status. Triggers on the base tables maintain the rollup, once per
 * statement, in the writer's own transaction.
 */
export interface DomainCountRow {
  tenantId: string
  campaignId: number
  status: Domain['status']
  count: number
}

export interface CampaignTotalRow {
  tenantId: string
  campaignId: number
  calls: number
  settledCalls: number
  durationSeconds: number
  spendMinor: number
  revenueMinor: number
  payoutMinor: number
  bids: number
  wonBids: number
}

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    campaigns: CampaignRow
    domainCounts: DomainCountRow
    campaignTotals: CampaignTotalRow
  }
}

export type Campaign = Selectable<CampaignRow>

export const campaignEntity = declareEntity({
  type: 'Campaign',
  table: 'campaigns',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['owner_id', 'status'],
  // Listed columns are the columns whose changes invalidate lists. Names, dates and budgets change often, and few lists are sorted or
  // filtered by them, so they are not listed columns. A list that is sorted by budget is invalidated by any change of a campaign.
  listed: ['owner_id', 'status', 'created_at'],
})

/** Declares `campaigns` for the cache a second time, only for lists that are sorted or searched by name. */
export const campaignNameEntity = declareEntity({
  type: 'CampaignName',
  table: 'campaigns',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: [],
  listed: ['name'],
})

/** Declares `campaigns` for the cache once more, only for lists that are sorted or filtered by start or end. */
export const campaignDatesEntity = declareEntity({
  type: 'CampaignDates',
  table: 'campaigns',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: [],
  listed: ['starts_at', 'ends_at'],
})

/** Columns of a campaign that are read. The column `search` is only for SQL conditions. */
const COLUMNS = [
  'id',
  'tenantId',
  'ownerId',
  'name',
  'status',
  'budgetMinor',
  'keywords',
  'tlds',
  'patterns',
  'startsAt',
  'endsAt',
  'planId',
  'version',
  'createdAt',
  'updatedAt',
] as const

export const campaignType: EntityType<Campaign> = {
  entity: campaignEntity,
  loadMany: (read, ids) => rowsByIds(read, 'campaigns', ids, COLUMNS),
}

/*
 * Declarations of the rollup tables by campaign for the cache. The figures of a campaign are computed from several rows, so they are cached
 * like a list. Each column that is shown is therefore declared as listed. A change of such a column invalidates the figures of the row's
 * campaign.
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
  listed: ['campaign_id', 'calls', 'settled_calls', 'spend_minor', 'revenue_minor', 'payout_minor', 'bids', 'won_bids'],
})

/** Declares `campaign_totals` for the cache a second time, for lists that are sorted by calls or revenue. Bids do not change their order. */
export const campaignRankingEntity = declareEntity({
  type: 'CampaignRanking',
  table: 'campaign_totals',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: [],
  listed: ['campaign_id', 'calls', 'revenue_minor'],
})

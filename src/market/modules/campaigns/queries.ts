import { type RawBuilder, sql } from 'kysely'
import { type Connection, connectionPage, pageRequest } from '../../../gateway/contract/connection.ts'
import { optionalRowId, rowIdOf } from '../../../gateway/contract/global-id.ts'
import { type KeysetOrder, listByKeyset } from '../../../gateway/contract/keyset-list.ts'
import { checkMaxItems } from '../../../gateway/contract/list-bounds.ts'
import { countLists } from '../../../gateway/contract/list-counts.ts'
import type { FieldLoad, ReadContext } from '../../../gateway/contract/module.ts'
import { anyOf } from '../../../gateway/contract/row-order.ts'
import { nameCondition } from '../name-search.ts'
import type { NoMore } from '../no-more.ts'
import type {
  CampaignDomainCountArgs,
  CampaignFilter,
  CampaignOrderField,
  DomainStatus,
  QueryCampaignsArgs,
} from '../schema-types.generated.ts'
import type { Campaign } from './entity.ts'

/** Parent and filter of a list of campaigns. If the client selects `totalCount`, the campaigns are counted with this parent and filter. */
export interface CampaignSource {
  readonly ownerId: number | null
  readonly filter: CampaignFilter
}

export type CampaignConnection = Connection<CampaignSource>

export interface CampaignStatistics {
  /** The campaign's row id (not its global id). */
  readonly id: number
  readonly domainsByStatus: readonly { readonly status: DomainStatus; readonly count: number }[]
  readonly calls: number
  readonly settledCalls: number
  readonly bids: number
  readonly wonBids: number
  readonly spendMinor: number
  readonly payoutMinor: number
}

/** Maximum number of statuses in a filter, which is the number of statuses that exist. */
const MAX_STATUSES = 4

const COLUMNS = {
  CREATED_AT: { column: 'created_at', type: 'timestamptz' },
  NAME: { column: 'name', type: 'text' },
  BUDGET: { column: 'budget_minor', type: 'int8' },
  ENDS_AT: { column: 'ends_at', type: 'timestamptz', nullable: true },
  CALLS: { column: 'calls', type: 'int8' },
  REVENUE: { column: 'revenue_minor', type: 'int8' },
} as const satisfies Record<CampaignOrderField, Omit<KeysetOrder, 'direction'>>

/** Campaigns with their figures. Every campaign has a row in campaign_totals, whose index gives the order. */
const WITH_FIGURES = sql`(
    select totals.campaign_id as id, totals.tenant_id, calls, revenue_minor, owner_id, status, search, starts_at, ends_at, created_at
    from campaign_totals as totals
    join campaigns on campaigns.tenant_id = totals.tenant_id and campaigns.id = totals.campaign_id
  ) as campaigns`

export const listCampaigns: FieldLoad<unknown, QueryCampaignsArgs, CampaignConnection> = async (parents, args, read) => {
  const order = orderOf(args)
  const filter = args.filter ?? {}
  checkMaxItems('filter.status', filter.status, MAX_STATUSES)
  const page = pageRequest(args, order, 'Campaign')
  const byFigures = args.orderBy?.field === 'CALLS' || args.orderBy?.field === 'REVENUE'
  const [list] = await listByKeyset(read, {
    table: 'campaigns',
    ...(byFigures && { from: WITH_FIGURES }),
    of: null,
    where: conditionsOf(filter, read.tenant),
    page,
  })
  const connection = connectionPage(page, list?.rows ?? [], { ownerId: optionalRowId('User', filter.ownerId), filter })
  return parents.map(() => connection)
}

export const countCampaigns = countLists<CampaignSource>({
  table: 'campaigns',
  filterOf: ({ filter }) => filter,
  conditionsOf: ({ filter }, tenant) => conditionsOf(filter, tenant),
})

export const countDomainsOfCampaigns: FieldLoad<Campaign, CampaignDomainCountArgs, number> = async (campaigns, { status }, read) => {
  const counts = await domainCounts(read, campaigns)
  return campaigns.map(({ id }) => {
    const counted = (counts.get(id) ?? []).filter((count) => !status || count.status === status)
    return counted.reduce((sum, { count }) => sum + count, 0)
  })
}

/** Loads the statistics of any number of campaigns with two statements, one for each rollup table. */
export const statisticsOfCampaigns: FieldLoad<Campaign, unknown, CampaignStatistics> = async (campaigns, _args, read) => {
  const [counts, totals] = await Promise.all([
    domainCounts(read, campaigns),
    read.db
      .selectFrom('campaignTotals')
      .select(['campaignId', 'calls', 'settledCalls', 'bids', 'wonBids', 'spendMinor', 'payoutMinor'])
      .where('tenantId', '=', read.tenant)
      .where('campaignId', '=', anyOf(campaigns.map(({ id }) => id)))
      .execute(),
  ])
  const byCampaign = new Map(totals.map(({ campaignId, ...figures }) => [campaignId, figures]))
  return campaigns.map(({ id }) => ({ id, domainsByStatus: counts.get(id) ?? [], ...(byCampaign.get(id) ?? NO_TOTALS) }))
}

export const revenueOfCampaigns = amountOfCampaigns(sql`revenue_minor`)

export const marginOfCampaigns = amountOfCampaigns(sql`revenue_minor - payout_minor`)

/** Returns the loader of an amount of campaigns. @param amount SQL for the amount in minor units, from the row of a campaign's totals. */
function amountOfCampaigns(amount: RawBuilder<unknown>): FieldLoad<{ readonly id: number }, unknown, number> {
  return async (campaigns, _args, read) => {
    const rows = await read.db
      .selectFrom('campaignTotals')
      .select(['campaignId', sql<number>`${amount}`.as('amountMinor')])
      .where('tenantId', '=', read.tenant)
      .where('campaignId', '=', anyOf(campaigns.map(({ id }) => id)))
      .execute()
    const amounts = new Map(rows.map(({ campaignId, amountMinor }) => [campaignId, amountMinor]))
    return campaigns.map(({ id }) => amounts.get(id) ?? 0)
  }
}

const NO_TOTALS = { calls: 0, settledCalls: 0, bids: 0, wonBids: 0, spendMinor: 0, payoutMinor: 0 }

async function domainCounts(read: ReadContext, campaigns: readonly Campaign[]) {
  const rows = await read.db
    .selectFrom('domainCounts')
    .select(['campaignId', 'status', 'count'])
    .where('tenantId', '=', read.tenant)
    .where('campaignId', '=', anyOf(campaigns.map(({ id }) => id)))
    .where('count', '>', 0)
    .orderBy('status')
    .execute()
  const counts = new Map<number, { status: DomainStatus; count: number }[]>()
  for (const { campaignId, status, count } of rows) {
    const counted = counts.get(campaignId) ?? []
    counted.push({ status, count })
    counts.set(campaignId, counted)
  }
  return counts
}

function conditionsOf(filter: CampaignFilter, tenant: string): RawBuilder<unknown>[] {
  const { status, ownerId, search, startsFrom, startsBefore, endsFrom, endsBefore, createdFrom, createdBefore, ...others } = filter
  others satisfies NoMore
  const conditions: RawBuilder<unknown>[] = []
  if (status) conditions.push(sql`status = any(${status}::text[])`)
  if (ownerId != null) conditions.push(sql`owner_id = ${rowIdOf('User', ownerId)}::int8`)
  if (search != null) conditions.push(nameCondition(tenant, search))
  if (startsFrom != null) conditions.push(sql`starts_at >= ${startsFrom}::timestamptz`)
  if (startsBefore != null) conditions.push(sql`starts_at < ${startsBefore}::timestamptz`)
  if (endsFrom != null) conditions.push(sql`ends_at >= ${endsFrom}::timestamptz`)
  if (endsBefore != null) conditions.push(sql`ends_at < ${endsBefore}::timestamptz`)
  if (createdFrom != null) conditions.push(sql`created_at >= ${createdFrom}::timestamptz`)
  if (createdBefore != null) conditions.push(sql`created_at < ${createdBefore}::timestamptz`)
  return conditions
}

function orderOf({ orderBy }: QueryCampaignsArgs): KeysetOrder {
  if (!orderBy) return { ...COLUMNS.CREATED_AT, direction: 'desc' }
  return { ...COLUMNS[orderBy.field], direction: orderBy.direction === 'DESC' ? 'desc' : 'asc' }
}

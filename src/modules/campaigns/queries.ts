import { type RawBuilder, sql } from 'kysely'
import { type Connection, connectionPage, pageRequest } from '../connection.ts'
import { optionalRowId, rowIdOf } from '../global-id.ts'
import { countByParent, type KeysetOrder, listByKeyset } from '../keyset-list.ts'
import { checkMaxItems } from '../list-bounds.ts'
import type { FieldLoad, ReadContext } from '../module.ts'
import { anyOf } from '../row-order.ts'
import type { CampaignDomainCountArgs, CampaignFilter, CampaignOrderField, QueryCampaignsArgs } from '../schema-types.generated.ts'
import type { Campaign } from './entity.ts'

/** What a list was taken from, so that it can be counted when somebody asks. */
export interface CampaignSource {
  readonly ownerId: number | null
  readonly filter: CampaignFilter
}

export type CampaignConnection = Connection<CampaignSource>

export interface CampaignStatistics {
  /** The campaign's id within its type. */
  readonly id: number
  readonly domainsByStatus: readonly { readonly status: DomainStatus; readonly count: number }[]
  readonly calls: number
  readonly settledCalls: number
  readonly bids: number
  readonly wonBids: number
  readonly spendMinor: number
}

type DomainStatus = 'GENERATED' | 'REGISTERED' | 'LIVE' | 'PAUSED' | 'EXPIRED' | 'REJECTED'

/** As many as there are. */
const MAX_STATUSES = 4

const COLUMNS = {
  CREATED_AT: { column: 'created_at', type: 'timestamptz' },
  NAME: { column: 'name', type: 'text' },
  BUDGET: { column: 'budget_minor', type: 'int8' },
} as const satisfies Record<CampaignOrderField, Pick<KeysetOrder, 'column' | 'type'>>

export const listCampaigns: FieldLoad<unknown, QueryCampaignsArgs, CampaignConnection> = async (parents, args, read) => {
  const order = orderOf(args)
  const filter = args.filter ?? {}
  checkMaxItems('filter.status', filter.status, MAX_STATUSES)
  const page = pageRequest(args, order, 'Campaign')
  const query = { table: 'campaigns', of: null, where: conditionsOf(filter), order, after: page.after, limit: page.first + 1 } as const
  const [list] = await listByKeyset(read, query)
  const connection = connectionPage(page, list?.rows ?? [], { ownerId: optionalRowId('User', filter.ownerId), filter })
  return parents.map(() => connection)
}

export const countCampaigns: FieldLoad<CampaignConnection, unknown, number> = (connections, _args, read) =>
  Promise.all(connections.map(async ({ source }) => (await countByParent(read, 'campaigns', null, conditionsOf(source.filter)))[0] ?? 0))

export const countDomainsOfCampaigns: FieldLoad<Campaign, CampaignDomainCountArgs, number> = async (campaigns, { status }, read) => {
  const counts = await domainCounts(read, campaigns)
  return campaigns.map(({ id }) => {
    const counted = (counts.get(id) ?? []).filter((count) => !status || count.status === status)
    return counted.reduce((sum, { count }) => sum + count, 0)
  })
}

/** One statement on each of the two rollups, whatever the number of campaigns. */
export const statisticsOfCampaigns: FieldLoad<Campaign, unknown, CampaignStatistics> = async (campaigns, _args, read) => {
  const [counts, totals] = await Promise.all([
    domainCounts(read, campaigns),
    read.db
      .selectFrom('campaignTotals')
      .select(['campaignId', 'calls', 'settledCalls', 'bids', 'wonBids', 'spendMinor'])
      .where('tenantId', '=', read.tenant)
      .where('campaignId', '=', anyOf(campaigns.map(({ id }) => id)))
      .execute(),
  ])
  const byCampaign = new Map(totals.map(({ campaignId, ...figures }) => [campaignId, figures]))
  return campaigns.map(({ id }) => ({ id, domainsByStatus: counts.get(id) ?? [], ...(byCampaign.get(id) ?? NO_TOTALS) }))
}

export const revenueOfCampaigns: FieldLoad<{ readonly id: number }, unknown, number> = async (campaigns, _args, read) => {
  const rows = await read.db
    .selectFrom('campaignTotals')
    .select(['campaignId', 'revenueMinor'])
    .where('tenantId', '=', read.tenant)
    .where('campaignId', '=', anyOf(campaigns.map(({ id }) => id)))
    .execute()
  const revenue = new Map(rows.map(({ campaignId, revenueMinor }) => [campaignId, revenueMinor]))
  return campaigns.map(({ id }) => revenue.get(id) ?? 0)
}

const NO_TOTALS = { calls: 0, settledCalls: 0, bids: 0, wonBids: 0, spendMinor: 0 }

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

function conditionsOf({ status, ownerId }: CampaignFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = []
  if (status) conditions.push(sql`status = any(${status}::text[])`)
  if (ownerId != null) conditions.push(sql`owner_id = ${rowIdOf('User', ownerId)}::int8`)
  return conditions
}

function orderOf({ orderBy }: QueryCampaignsArgs): KeysetOrder {
  if (!orderBy) return { ...COLUMNS.CREATED_AT, direction: 'desc' }
  return { ...COLUMNS[orderBy.field], direction: orderBy.direction === 'DESC' ? 'desc' : 'asc' }
}

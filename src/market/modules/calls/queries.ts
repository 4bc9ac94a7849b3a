import { type RawBuilder, sql } from 'kysely'
import { type Connection, connectionPage, pageRequest } from '../../../gateway/contract/connection.ts'
import { optionalRowId, rowIdOf } from '../../../gateway/contract/global-id.ts'
import { type KeysetOrder, listByKeyset } from '../../../gateway/contract/keyset-list.ts'
import { checkMaxItems } from '../../../gateway/contract/list-bounds.ts'
import { countLists } from '../../../gateway/contract/list-counts.ts'
import type { FieldLoad, ReadContext } from '../../../gateway/contract/module.ts'
import type { NoMore } from '../no-more.ts'
import type { CallFilter, CallOrderField, CampaignCallsArgs, QueryCallsArgs } from '../schema-types.generated.ts'
import { stateOfFilter } from '../us-state.ts'

/** Parent and filter of a list of phone calls. If the client selects `totalCount`, the calls are counted with this parent and filter. */
export interface CallSource {
  readonly campaignId: number | null
  readonly domainId: number | null
  readonly publisherId: number | null
  readonly buyerId: number | null
  readonly of: { readonly column: 'campaign_id'; readonly id: number } | null
  readonly filter: CallFilter
}

export type CallConnection = Connection<CallSource>

interface Parent {
  readonly id: number
}

const COLUMNS = {
  STARTED_AT: { column: 'started_at', type: 'timestamptz' },
  DURATION: { column: 'duration_seconds', type: 'int8' },
  REVENUE: { column: 'revenue_minor', type: 'int8' },
} as const satisfies Record<CallOrderField, Omit<KeysetOrder, 'direction'>>

/** Maximum number of statuses in a filter, which is the number of statuses that exist. */
const MAX_STATUSES = 4

export const listCalls: FieldLoad<unknown, QueryCallsArgs, CallConnection> = async (parents, args, read) => {
  const [page] = await callPages(read, null, args)
  if (!page) throw new Error('Expected one page of the whole list, got none.')
  return parents.map(() => page)
}

export const listCallsOfCampaigns: FieldLoad<Parent, CampaignCallsArgs, CallConnection> = (campaigns, args, read) =>
  callPages(read, campaigns, args)

export const countCalls = countLists<CallSource>({
  table: 'calls',
  parentOf: ({ of }) => of,
  filterOf: ({ filter }) => filter,
  conditionsOf: ({ filter }) => [...conditionsOf(filter), ...(filter.status ? [sql`status = any(${filter.status}::text[])`] : [])],
})

async function callPages(read: ReadContext, campaigns: readonly Parent[] | null, args: QueryCallsArgs): Promise<CallConnection[]> {
  const order: KeysetOrder = {
    ...COLUMNS[args.orderBy?.field ?? 'STARTED_AT'],
    direction: args.orderBy?.direction === 'ASC' ? 'asc' : 'desc',
  }
  const filter = args.filter ?? {}
  const { status } = filter
  checkMaxItems('filter.status', status, MAX_STATUSES)
  const page = pageRequest(args, order, 'Call')
  const lists = await listByKeyset(read, {
    table: 'calls',
    of: campaigns && { column: 'campaign_id', ids: campaigns.map(({ id }) => id) },
    where: conditionsOf(filter),
    ...(status && { among: { column: 'status', values: status } }),
    page,
  })
  return lists.map(({ rows }, index) => {
    const campaign = campaigns?.[index]
    return connectionPage(page, rows, {
      campaignId: campaign?.id ?? optionalRowId('Campaign', filter.campaignId),
      domainId: optionalRowId('Domain', filter.domainId),
      publisherId: optionalRowId('Publisher', filter.publisherId),
      buyerId: optionalRowId('Buyer', filter.buyerId),
      of: campaign ? { column: 'campaign_id', id: campaign.id } : null,
      filter,
    } satisfies CallSource)
  })
}

/** Returns the SQL conditions of a filter, except the condition on the status, for which a list is merged from one list for each status. */
function conditionsOf(filter: CallFilter): RawBuilder<unknown>[] {
  const { campaignId, domainId, publisherId, buyerId, status: _, callerState, startedFrom, startedBefore, ...others } = filter
  others satisfies NoMore
  const conditions: RawBuilder<unknown>[] = []
  if (campaignId != null) conditions.push(sql`campaign_id = ${rowIdOf('Campaign', campaignId)}::int8`)
  if (domainId != null) conditions.push(sql`domain_id = ${rowIdOf('Domain', domainId)}::int8`)
  if (publisherId != null) conditions.push(sql`publisher_id = ${rowIdOf('Publisher', publisherId)}::int8`)
  if (buyerId != null) conditions.push(sql`buyer_id = ${rowIdOf('Buyer', buyerId)}::int8`)
  if (callerState != null) conditions.push(sql`caller_state = ${stateOfFilter('filter.callerState', callerState)}`)
  if (startedFrom != null) conditions.push(sql`started_at >= ${startedFrom}::timestamptz`)
  if (startedBefore != null) conditions.push(sql`started_at < ${startedBefore}::timestamptz`)
  return conditions
}

import { type RawBuilder, sql } from 'kysely'
import { type Connection, type ConnectionArgs, connectionPage, pageRequest } from '../connection.ts'
import { optionalRowId, rowIdOf } from '../global-id.ts'
import { countByParent, type KeysetOrder, listByKeyset } from '../keyset-list.ts'
import type { FieldLoad, ReadContext } from '../module.ts'
import { stateOfFilter } from '../us-state.ts'
import type { Call } from './entity.ts'

export interface CallFilter {
  readonly campaignId?: string | null | undefined
  readonly domainId?: string | null | undefined
  readonly status?: Call['status'] | null | undefined
  readonly callerState?: string | null | undefined
  readonly startedFrom?: string | null | undefined
  readonly startedBefore?: string | null | undefined
}

export interface CallListArgs extends ConnectionArgs {
  readonly filter?: CallFilter | null | undefined
  readonly orderBy?: { readonly field: 'STARTED_AT'; readonly direction: 'ASC' | 'DESC' } | null | undefined
}

/** What a list was taken from, so that it can be counted when somebody asks. */
export interface CallSource {
  readonly campaignId: number | null
  readonly domainId: number | null
  readonly of: { readonly column: 'campaign_id'; readonly id: number } | null
  readonly filter: CallFilter
}

export type CallConnection = Connection<CallSource>

interface Parent {
  readonly id: number
}

export const listCalls: FieldLoad<unknown, CallListArgs, CallConnection> = async (parents, args, read) => {
  const [page] = await callPages(read, null, args)
  if (!page) throw new Error('A list over the tenant is one page.')
  return parents.map(() => page)
}

export const listCallsOfCampaigns: FieldLoad<Parent, CallListArgs, CallConnection> = (campaigns, args, read) =>
  callPages(read, campaigns, args)

export const countCalls: FieldLoad<CallConnection, unknown, number> = async (connections, _args, read) => {
  const counts = new Map<CallConnection, number>()
  for (const group of Map.groupBy(connections, ({ source }) => JSON.stringify([source.of?.column, source.filter])).values()) {
    const { of = null, filter = {} } = group[0]?.source ?? {}
    const ids = group.map(({ source }) => source.of?.id ?? 0)
    const counted = await countByParent(read, 'calls', of && { column: of.column, ids }, conditionsOf(filter))
    for (const [index, connection] of group.entries()) counts.set(connection, counted[index] ?? 0)
  }
  return connections.map((connection) => counts.get(connection) ?? 0)
}

async function callPages(read: ReadContext, campaigns: readonly Parent[] | null, args: CallListArgs): Promise<CallConnection[]> {
  const order: KeysetOrder = { column: 'started_at', type: 'timestamptz', direction: args.orderBy?.direction === 'ASC' ? 'asc' : 'desc' }
  const filter = args.filter ?? {}
  const page = pageRequest(args, order, 'Call')
  const lists = await listByKeyset(read, {
    table: 'calls',
    of: campaigns && { column: 'campaign_id', ids: campaigns.map(({ id }) => id) },
    where: conditionsOf(filter),
    order,
    after: page.after,
    limit: page.first + 1,
  })
  return lists.map(({ rows }, index) => {
    const campaign = campaigns?.[index]
    return connectionPage(page, rows, {
      campaignId: campaign?.id ?? optionalRowId('Campaign', filter.campaignId),
      domainId: optionalRowId('Domain', filter.domainId),
      of: campaign ? { column: 'campaign_id', id: campaign.id } : null,
      filter,
    } satisfies CallSource)
  })
}

function conditionsOf(filter: CallFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = []
  if (filter.campaignId != null) conditions.push(sql`campaign_id = ${rowIdOf('Campaign', filter.campaignId)}::int8`)
  if (filter.domainId != null) conditions.push(sql`domain_id = ${rowIdOf('Domain', filter.domainId)}::int8`)
  if (filter.status) conditions.push(sql`status = ${filter.status}`)
  if (filter.callerState != null) conditions.push(sql`caller_state = ${stateOfFilter('filter.callerState', filter.callerState)}`)
  if (filter.startedFrom != null) conditions.push(sql`started_at >= ${filter.startedFrom}::timestamptz`)
  if (filter.startedBefore != null) conditions.push(sql`started_at < ${filter.startedBefore}::timestamptz`)
  return conditions
}

import { type RawBuilder, sql } from 'kysely'
import { type Connection, connectionPage, pageRequest } from '../../../gateway/contract/connection.ts'
import { optionalRowId, rowIdOf } from '../../../gateway/contract/global-id.ts'
import { type KeysetOrder, listByKeyset } from '../../../gateway/contract/keyset-list.ts'
import { inGroups } from '../../../gateway/contract/list-counts.ts'
import { Expiring, type FieldLoad, type ReadContext } from '../../../gateway/contract/module.ts'
import type { NoMore } from '../no-more.ts'
import type {
  BidFilter,
  BidStatus,
  BidsOfCallFilter,
  BidsOfCampaignFilter,
  BuyerActiveBidsArgs,
  CallBidsArgs,
  CampaignBidsArgs,
  QueryBidsArgs,
} from '../schema-types.generated.ts'

type ParentColumn = 'call_id' | 'campaign_id' | 'buyer_id'

/** Parent and filter of a list of bids. If the client selects `totalCount`, the bids are counted with this parent and filter. */
export interface BidSource {
  readonly callId: number | null
  readonly buyerId: number | null
  readonly campaignId: number | null
  readonly of: { readonly column: ParentColumn; readonly id: number } | null
  readonly filter: AnyFilter
}

/** All fields that the filter of any list of bids can have. */
type AnyFilter = BidFilter & BidsOfCallFilter & BidsOfCampaignFilter

export type BidConnection = Connection<BidSource>

interface Parent {
  readonly id: number
}

export const listBids: FieldLoad<unknown, QueryBidsArgs, BidConnection> = async (parents, args, read) => {
  const [page] = await bidPages(read, null, [], args, orderOf(args))
  if (!page) throw new Error('Expected one page of the whole list, got none.')
  return parents.map(() => page)
}

export const listBidsOfCalls: FieldLoad<Parent, CallBidsArgs, BidConnection> = (calls, args, read) =>
  bidPages(read, 'call_id', calls, args, orderOf(args))

export const listBidsOfCampaigns: FieldLoad<Parent, CampaignBidsArgs, BidConnection> = (campaigns, args, read) =>
  bidPages(read, 'campaign_id', campaigns, args, orderOf(args))

export const listActiveBidsOfBuyers: FieldLoad<Parent, BuyerActiveBidsArgs, BidConnection> = (buyers, args, read) =>
  bidPages(
    read,
    'buyer_id',
    buyers,
    { ...args, filter: { status: 'ACTIVE' } },
    { column: 'expires_at', type: 'timestamptz', direction: 'asc' },
  )

export const countBids: FieldLoad<BidConnection, unknown, number> = (connections, _args, read) =>
  inGroups(
    connections,
    ({ source }) => JSON.stringify([source.of?.column, source.filter]),
    (group, { source }) => countGroup(read, group, source),
  )

async function bidPages(
  read: ReadContext,
  column: ParentColumn | null,
  parents: readonly Parent[],
  args: QueryBidsArgs,
  order: KeysetOrder,
): Promise<(BidConnection | Expiring<BidConnection>)[]> {
  const filter = args.filter ?? {}
  const page = pageRequest(args, order, 'Bid')
  const conditions = conditionsOf(filter)
  const lists = await listByKeyset(read, {
    table: 'bids',
    of: column && { column, ids: parents.map(({ id }) => id) },
    where: [...conditions, ...statusCondition(filter.status, read.now)],
    page,
    ...(filter.status === 'ACTIVE' && { leavesAt: 'expires_at' }),
    ...(filter.status === 'EXPIRED' && { joins: { column: 'expires_at', where: [...conditions, ...statusCondition('ACTIVE', read.now)] } }),
  })
  return lists.map(({ rows, changesAt }, index) => {
    const parent = parents[index]
    const of = column && parent ? { column, id: parent.id } : null
    const source: BidSource = {
      callId: of?.column === 'call_id' ? of.id : optionalRowId('Call', filter.callId),
      buyerId: of?.column === 'buyer_id' ? of.id : optionalRowId('Buyer', filter.buyerId),
      campaignId: of?.column === 'campaign_id' ? of.id : optionalRowId('Campaign', filter.campaignId),
      of,
      filter,
    }
    const connection = connectionPage(page, rows, source)
    return changesAt === null ? connection : new Expiring(connection, Date.parse(changesAt))
  })
}

/**
 * Counts the bids of several lists. All lists have the same filter, and parents of one type.
 * @param source Parent and filter of the first of these lists.
 */
async function countGroup(
  read: ReadContext,
  group: readonly BidConnection[],
  { of, filter }: BidSource,
): Promise<readonly (number | Expiring<number>)[]> {
  const ids = group.map(({ source }) => String(source.of?.id ?? 0))
  const { status } = filter
  const now = sql`${new Date(read.now).toISOString()}::timestamptz`
  // The count of expired bids stays valid until the next open bid expires. To find that time, the statement must also read open bids.
  // Expired bids and open bids both have the stored status ACTIVE.
  const ofStatus = status === 'EXPIRED' ? [sql`status = 'ACTIVE'`] : statusCondition(status, read.now)
  const conditions = [sql`tenant_id = ${read.tenant}`, ...conditionsOf(filter), ...ofStatus]
  if (of) conditions.push(sql`${sql.ref(of.column)} = parent.id`)
  const counted = status === 'EXPIRED' ? sql`expires_at <= ${now}` : sql`true`
  const changesAt =
    status === 'ACTIVE' || status === 'EXPIRED' ? sql`min(expires_at) filter (where expires_at > ${now})` : sql`null::timestamptz`
  const { rows } = await sql<{ count: number; changesAt: string | null }>`
    select counts.count, counts.changes_at
    from unnest(${ids}::int8[]) with ordinality as parent (id, place)
    cross join lateral (
      select count(*) filter (where ${counted}) as count, ${changesAt} as changes_at
      from bids where ${sql.join(conditions, sql` and `)}
    ) as counts
    order by parent.place
  `.execute(read.db)
  return rows.map(({ count, changesAt }) => (changesAt === null ? count : new Expiring(count, Date.parse(changesAt))))
}

/**
 * Returns the SQL conditions of a filter, except the conditions on the tenant, the parent and the status. The callers add the condition on
 * the status themselves, because a count of expired bids also reads open bids.
 */
function conditionsOf({ callId, buyerId, campaignId, placedFrom, placedBefore, status: _, ...others }: AnyFilter): RawBuilder<unknown>[] {
  others satisfies NoMore
  const conditions: RawBuilder<unknown>[] = []
  if (callId != null) conditions.push(sql`call_id = ${rowIdOf('Call', callId)}::int8`)
  if (buyerId != null) conditions.push(sql`buyer_id = ${rowIdOf('Buyer', buyerId)}::int8`)
  if (campaignId != null) conditions.push(sql`campaign_id = ${rowIdOf('Campaign', campaignId)}::int8`)
  if (placedFrom != null) conditions.push(sql`placed_at >= ${placedFrom}::timestamptz`)
  if (placedBefore != null) conditions.push(sql`placed_at < ${placedBefore}::timestamptz`)
  return conditions
}

/**
 * Returns the SQL conditions for a status at `now` (Unix epoch ms). EXPIRED is never stored: a bid that is stored as ACTIVE counts as
 * EXPIRED from its `expiresAt` on.
 */
function statusCondition(status: BidStatus | null | undefined, now: number): RawBuilder<unknown>[] {
  if (!status) return []
  const moment = sql`${new Date(now).toISOString()}::timestamptz`
  if (status === 'ACTIVE') return [sql`status = 'ACTIVE'`, sql`expires_at > ${moment}`]
  if (status === 'EXPIRED') return [sql`status = 'ACTIVE'`, sql`expires_at <= ${moment}`]
  return [sql`status = ${status}`]
}

/**
 * Returns the sort order of a list of bids. The cursors of a list that is sorted by amount contain amounts. Therefore the SDL restricts the
 * sort field AMOUNT to a role (`@auth`).
 */
function orderOf({ orderBy }: Pick<QueryBidsArgs, 'orderBy'>): KeysetOrder {
  const direction = orderBy?.direction === 'ASC' ? 'asc' : 'desc'
  if (orderBy?.field === 'AMOUNT') return { column: 'amount_minor', type: 'int8', direction }
  return { column: 'placed_at', type: 'timestamptz', direction }
}

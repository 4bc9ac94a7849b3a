import { type RawBuilder, sql } from 'kysely'
import { type Connection, type ConnectionArgs, connectionPage, pageRequest } from '../connection.ts'
import { optionalRowId, rowIdOf } from '../global-id.ts'
import { type KeysetOrder, listByKeyset } from '../keyset-list.ts'
import { Expiring, type FieldLoad, type ReadContext } from '../module.ts'
import type { Bid } from './entity.ts'

export interface BidFilter {
  readonly callId?: string | null | undefined
  readonly buyerId?: string | null | undefined
  readonly campaignId?: string | null | undefined
  readonly status?: Bid['status'] | null | undefined
  readonly placedFrom?: string | null | undefined
  readonly placedBefore?: string | null | undefined
}

export interface BidListArgs extends ConnectionArgs {
  readonly filter?: BidFilter | null | undefined
  readonly orderBy?: { readonly field: 'PLACED_AT' | 'AMOUNT'; readonly direction: 'ASC' | 'DESC' } | null | undefined
}

type ParentColumn = 'call_id' | 'campaign_id' | 'buyer_id'

/** What a list was taken from, so that it can be counted when somebody asks. */
export interface BidSource {
  readonly callId: number | null
  readonly buyerId: number | null
  readonly campaignId: number | null
  readonly of: { readonly column: ParentColumn; readonly id: number } | null
  readonly filter: BidFilter
}

export type BidConnection = Connection<BidSource>

interface Parent {
  readonly id: number
}

export const listBids: FieldLoad<unknown, BidListArgs, BidConnection> = async (parents, args, read) => {
  const [page] = await bidPages(read, null, [], args, orderOf(args))
  if (!page) throw new Error('A list over the tenant is one page.')
  return parents.map(() => page)
}

export const listBidsOfCalls: FieldLoad<Parent, BidListArgs, BidConnection> = (calls, args, read) =>
  bidPages(read, 'call_id', calls, args, orderOf(args))

export const listBidsOfCampaigns: FieldLoad<Parent, BidListArgs, BidConnection> = (campaigns, args, read) =>
  bidPages(read, 'campaign_id', campaigns, args, orderOf(args))

export const listActiveBidsOfBuyers: FieldLoad<Parent, ConnectionArgs, BidConnection> = (buyers, args, read) =>
  bidPages(
    read,
    'buyer_id',
    buyers,
    { ...args, filter: { status: 'ACTIVE' } },
    { column: 'expires_at', type: 'timestamptz', direction: 'asc' },
  )

export const countBids: FieldLoad<BidConnection, unknown, number> = async (connections, _args, read) => {
  const groups = Map.groupBy(connections, ({ source }) => JSON.stringify([source.of?.column, source.filter]))
  const counts = new Map<BidConnection, number | Expiring<number>>()
  for (const group of groups.values()) {
    const counted = await countGroup(read, group)
    for (const [index, connection] of group.entries()) counts.set(connection, counted[index] ?? 0)
  }
  return connections.map((connection) => counts.get(connection) ?? 0)
}

async function bidPages(
  read: ReadContext,
  column: ParentColumn | null,
  parents: readonly Parent[],
  args: BidListArgs,
  order: KeysetOrder,
): Promise<(BidConnection | Expiring<BidConnection>)[]> {
  const filter = args.filter ?? {}
  const page = pageRequest(args, order, 'Bid')
  const conditions = conditionsOf(filter)
  const lists = await listByKeyset(read, {
    table: 'bids',
    of: column && { column, ids: parents.map(({ id }) => id) },
    where: [...conditions, ...statusCondition(filter.status, read.now)],
    order,
    after: page.after,
    limit: page.first + 1,
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

async function countGroup(read: ReadContext, group: readonly BidConnection[]): Promise<readonly (number | Expiring<number>)[]> {
  const { of, filter } = group[0]?.source ?? { of: null, filter: {} }
  const ids = group.map(({ source }) => String(source.of?.id ?? 0))
  const { status } = filter
  const now = sql`${new Date(read.now).toISOString()}::timestamptz`
  // The bids that are yet to expire are left in: the first of them tells how long the count of the expired holds.
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

function conditionsOf(filter: BidFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = []
  if (filter.callId != null) conditions.push(sql`call_id = ${rowIdOf('Call', filter.callId)}::int8`)
  if (filter.buyerId != null) conditions.push(sql`buyer_id = ${rowIdOf('Buyer', filter.buyerId)}::int8`)
  if (filter.campaignId != null) conditions.push(sql`campaign_id = ${rowIdOf('Campaign', filter.campaignId)}::int8`)
  if (filter.placedFrom != null) conditions.push(sql`placed_at >= ${filter.placedFrom}::timestamptz`)
  if (filter.placedBefore != null) conditions.push(sql`placed_at < ${filter.placedBefore}::timestamptz`)
  return conditions
}

/** EXPIRED is not written anywhere: it is what an ACTIVE bid past its time reads as. */
function statusCondition(status: Bid['status'] | null | undefined, now: number): RawBuilder<unknown>[] {
  if (!status) return []
  const moment = sql`${new Date(now).toISOString()}::timestamptz`
  if (status === 'ACTIVE') return [sql`status = 'ACTIVE'`, sql`expires_at > ${moment}`]
  if (status === 'EXPIRED') return [sql`status = 'ACTIVE'`, sql`expires_at <= ${moment}`]
  return [sql`status = ${status}`]
}

/** Only by an argument that demands a role is a list in the order of amounts: they stand in its cursors. */
function orderOf({ orderBy }: BidListArgs): KeysetOrder {
  const direction = orderBy?.direction === 'ASC' ? 'asc' : 'desc'
  if (orderBy?.field === 'AMOUNT') return { column: 'amount_minor', type: 'int8', direction }
  return { column: 'placed_at', type: 'timestamptz', direction }
}

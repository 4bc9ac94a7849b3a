import { type RawBuilder, sql } from 'kysely'
import { type Connection, type ConnectionArgs, connectionPage, pageRequest } from '../connection.ts'
import { countByParent, type KeysetOrder, listByKeyset } from '../keyset-list.ts'
import type { FieldLoad, ReadContext } from '../module.ts'
import { anyOf } from '../row-order.ts'
import { stateOfFilter } from '../us-state.ts'

export interface BuyerFilter {
  readonly active?: boolean | null | undefined
  readonly acceptsState?: string | null | undefined
}

export interface BuyerListArgs extends ConnectionArgs {
  readonly filter?: BuyerFilter | null | undefined
  readonly orderBy?: { readonly field: 'NAME' | 'CREATED_AT'; readonly direction: 'ASC' | 'DESC' } | null | undefined
}

/** What a list was taken from, so that it can be counted when somebody asks. */
export interface BuyerSource {
  readonly filter: BuyerFilter
}

export type BuyerConnection = Connection<BuyerSource>

export const listBuyers: FieldLoad<unknown, BuyerListArgs, BuyerConnection> = async (parents, args, read) => {
  const order = orderOf(args)
  const filter = args.filter ?? {}
  const page = pageRequest(args, order, 'Buyer')
  const [list] = await listByKeyset(read, {
    table: 'buyers',
    of: null,
    where: conditionsOf(filter),
    order,
    after: page.after,
    limit: page.first + 1,
  })
  const connection = connectionPage(page, list?.rows ?? [], { filter })
  return parents.map(() => connection)
}

export const countBuyers: FieldLoad<BuyerConnection, unknown, number> = (connections, _args, read) =>
  Promise.all(connections.map(({ source }) => countOne(read, source.filter)))

/** Minor units that the bids which each buyer has won bring, over all days. */
export const sumRevenueOfBuyers: FieldLoad<{ readonly id: number }, unknown, number> = async (buyers, _args, read) => {
  const rows = await read.db
    .selectFrom('buyerDays')
    .select(['buyerId', sql<number>`sum(revenue_minor)::int8`.as('revenueMinor')])
    .where('tenantId', '=', read.tenant)
    .where('buyerId', '=', anyOf(buyers.map(({ id }) => id)))
    .groupBy('buyerId')
    .execute()
  const revenue = new Map(rows.map(({ buyerId, revenueMinor }) => [buyerId, revenueMinor]))
  return buyers.map(({ id }) => revenue.get(id) ?? 0)
}

async function countOne(read: ReadContext, filter: BuyerFilter): Promise<number> {
  const [count] = await countByParent(read, 'buyers', null, conditionsOf(filter))
  return count ?? 0
}

function conditionsOf(filter: BuyerFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = []
  if (filter.active != null) conditions.push(sql`active = ${filter.active}`)
  if (filter.acceptsState != null)
    conditions.push(sql`(states = '{}' or ${stateOfFilter('filter.acceptsState', filter.acceptsState)} = any(states))`)
  return conditions
}

function orderOf({ orderBy }: BuyerListArgs): KeysetOrder {
  const direction = orderBy?.direction === 'DESC' ? 'desc' : 'asc'
  return orderBy?.field === 'CREATED_AT'
    ? { column: 'created_at', type: 'timestamptz', direction }
    : { column: 'name', type: 'text', direction }
}

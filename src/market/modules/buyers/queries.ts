import { type RawBuilder, sql } from 'kysely'
import { type Connection, connectionPage, pageRequest } from '../../../gateway/contract/connection.ts'
import { type KeysetOrder, listByKeyset } from '../../../gateway/contract/keyset-list.ts'
import { countLists } from '../../../gateway/contract/list-counts.ts'
import type { FieldLoad } from '../../../gateway/contract/module.ts'
import { anyOf } from '../../../gateway/contract/row-order.ts'
import type { Cap } from '../../rules/routing/candidate.ts'
import type { NoMore } from '../no-more.ts'
import type { BuyerFilter, QueryBuyersArgs } from '../schema-types.generated.ts'
import { stateOfFilter } from '../us-state.ts'

/** Filter of a list of buyers. If the client selects `totalCount`, the buyers are counted with this filter. */
export interface BuyerSource {
  readonly filter: BuyerFilter
}

/** The figures that say what a buyer has used of its caps. */
export interface BuyerUsage {
  /** The buyer's row id (not its global id). */
  readonly id: number
  readonly asOf: string
  readonly concurrentCalls: number
  readonly remainingConcurrentCalls: number
  readonly caps: readonly CapUsage[]
  readonly moneyCaps: readonly CapUsage[]
}

export interface CapUsage {
  readonly cap: Cap
  readonly used: number
  readonly remaining: number
}

export type BuyerConnection = Connection<BuyerSource>

export const listBuyers: FieldLoad<unknown, QueryBuyersArgs, BuyerConnection> = async (parents, args, read) => {
  const order = orderOf(args)
  const filter = args.filter ?? {}
  const page = pageRequest(args, order, 'Buyer')
  const [list] = await listByKeyset(read, {
    table: 'buyers',
    of: null,
    where: conditionsOf(filter),
    page,
  })
  const connection = connectionPage(page, list?.rows ?? [], { filter })
  return parents.map(() => connection)
}

export const countBuyers = countLists<BuyerSource>({
  table: 'buyers',
  filterOf: ({ filter }) => filter,
  conditionsOf: ({ filter }) => conditionsOf(filter),
})

/** Returns for each buyer the sum of the amounts of its won bids over all days, minor units. */
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

function conditionsOf({ active, acceptsState, ...others }: BuyerFilter): RawBuilder<unknown>[] {
  others satisfies NoMore
  const conditions: RawBuilder<unknown>[] = []
  if (active != null) conditions.push(sql`active = ${active}`)
  if (acceptsState != null) conditions.push(sql`(states = '{}' or ${stateOfFilter('filter.acceptsState', acceptsState)} = any(states))`)
  return conditions
}

function orderOf({ orderBy }: QueryBuyersArgs): KeysetOrder {
  const direction = orderBy?.direction === 'DESC' ? 'desc' : 'asc'
  return orderBy?.field === 'CREATED_AT'
    ? { column: 'created_at', type: 'timestamptz', direction }
    : { column: 'name', type: 'text', direction }
}

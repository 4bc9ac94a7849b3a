import { type RawBuilder, sql } from 'kysely'
import { type Connection, connectionPage, pageRequest } from '../../../gateway/contract/connection.ts'
import { type KeysetOrder, listByKeyset } from '../../../gateway/contract/keyset-list.ts'
import { countLists } from '../../../gateway/contract/list-counts.ts'
import type { FieldLoad } from '../../../gateway/contract/module.ts'
import { anyOf } from '../../../gateway/contract/row-order.ts'
import type { NoMore } from '../no-more.ts'
import type { PublisherFilter, PublisherStatisticsArgs, QueryPublishersArgs } from '../schema-types.generated.ts'
import { DAY_MS, iso, timeRange, whileTrue } from '../time-range.ts'
import type { Publisher } from './entity.ts'

/** Filter of a list of publishers. If the client selects `totalCount`, the publishers are counted with this filter. */
export interface PublisherSource {
  readonly active: boolean | null
}

export type PublisherConnection = Connection<PublisherSource>

/** Sums of the calls of one publisher in a range of days. */
export interface PublisherStatistics {
  readonly from: string
  readonly to: string
  readonly calls: number
  readonly settledCalls: number
  readonly revenueMinor: number
  readonly payoutMinor: number
}

const BY_NAME: KeysetOrder = { column: 'name', type: 'text', direction: 'asc' }

export const listPublishers: FieldLoad<unknown, QueryPublishersArgs, PublisherConnection> = async (parents, args, read) => {
  const source = sourceOf(args.filter ?? {})
  const page = pageRequest(args, BY_NAME, 'Publisher')
  const [list] = await listByKeyset(read, {
    table: 'publishers',
    of: null,
    where: conditionsOf(source),
    page,
  })
  const connection = connectionPage(page, list?.rows ?? [], source)
  return parents.map(() => connection)
}

export const countPublishers = countLists<PublisherSource>({
  table: 'publishers',
  filterOf: (source) => source,
  conditionsOf,
})

export const statisticsOfPublishers: FieldLoad<Publisher, PublisherStatisticsArgs, PublisherStatistics> = async (
  publishers,
  args,
  read,
) => {
  const range = timeRange(args, DAY_MS, read.now)
  const [from, to] = [iso(range.from), iso(range.to)]
  const rows = await read.db
    .selectFrom('publisherDays')
    .select([
      'publisherId',
      sql<number>`sum(calls)::int8`.as('calls'),
      sql<number>`sum(settled_calls)::int8`.as('settledCalls'),
      sql<number>`sum(revenue_minor)::int8`.as('revenueMinor'),
      sql<number>`sum(payout_minor)::int8`.as('payoutMinor'),
    ])
    .where('tenantId', '=', read.tenant)
    .where('publisherId', '=', anyOf(publishers.map(({ id }) => id)))
    .where('day', '>=', from.slice(0, 10))
    .where('day', '<', to.slice(0, 10))
    .groupBy('publisherId')
    .execute()
  const sums = new Map(rows.map(({ publisherId, ...figures }) => [publisherId, figures]))
  return publishers.map(({ id }) => whileTrue({ from, to, ...(sums.get(id) ?? NO_CALLS) }, range))
}

const NO_CALLS = { calls: 0, settledCalls: 0, revenueMinor: 0, payoutMinor: 0 }

function sourceOf({ active, ...others }: PublisherFilter): PublisherSource {
  others satisfies NoMore
  return { active: active ?? null }
}

function conditionsOf({ active }: PublisherSource): RawBuilder<unknown>[] {
  return active === null ? [] : [sql`active = ${active}`]
}

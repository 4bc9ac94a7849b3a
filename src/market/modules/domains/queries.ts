import { type RawBuilder, sql } from 'kysely'
import { type Connection, type ConnectionArgs, connectionPage, pageRequest } from '../../../gateway/contract/connection.ts'
import { rowIdOf } from '../../../gateway/contract/global-id.ts'
import { type KeysetOrder, listByKeyset } from '../../../gateway/contract/keyset-list.ts'
import { checkMaxItems } from '../../../gateway/contract/list-bounds.ts'
import { countLists } from '../../../gateway/contract/list-counts.ts'
import type { FieldLoad, ReadContext } from '../../../gateway/contract/module.ts'
import { topLevelDomain } from '../../rules/naming/top-level-domains.ts'
import type { Campaign } from '../campaigns/entity.ts'
import type { NoMore } from '../no-more.ts'
import type {
  CampaignDomainsArgs,
  DomainFilter,
  DomainOrder,
  DomainsOfCampaignFilter,
  QueryDomainByNameArgs,
  QueryDomainsArgs,
  QuerySearchDomainsArgs,
  QueryTldsArgs,
  Tld,
} from '../schema-types.generated.ts'
import { searchCondition } from './search-query.ts'

/**
 * Parent, filter and search text of a list of domains. If the client selects `totalCount`, the same parent, filter and search text are used
 * to count the domains.
 */
export interface DomainSource {
  /** Id of the campaign whose domains the list contains; null for a list over the whole tenant. */
  readonly campaignId: number | null
  /** The filter as {@link checkedFilter} returned it. */
  readonly filter: Omit<DomainFilter & DomainsOfCampaignFilter, 'campaignId'>
  /** The text to search for; null for a list without a search. */
  readonly query: string | null
}

export type DomainConnection = Connection<DomainSource>
export type DomainSearchConnection = DomainConnection

const COLUMNS = {
  CREATED_AT: { column: 'created_at', type: 'timestamptz' },
  NAME: { column: 'name', type: 'text' },
  SCORE: { column: 'score', type: 'int8' },
  POPULARITY_RANK: { column: 'popularity_rank', type: 'int8', nullable: true },
} as const satisfies Record<DomainOrder['field'], Omit<KeysetOrder, 'direction'>>

const NEWEST: KeysetOrder = { ...COLUMNS.CREATED_AT, direction: 'desc' }
const BEST: KeysetOrder = { ...COLUMNS.SCORE, direction: 'desc' }

const MAX_TLDS = 100

/** Maximum number of statuses in a filter, which is the number of statuses that exist. */
const MAX_STATUSES = 6

/** An id that no campaign has. If the campaign id of a filter is malformed, this id replaces it, and the list is empty. */
const NOWHERE = 0

export const listDomains: FieldLoad<unknown, QueryDomainsArgs, DomainConnection> = (parents, args, read) =>
  listOfTenant(parents, args, orderOf(args, NEWEST), null, read)

export const searchDomains: FieldLoad<unknown, QuerySearchDomainsArgs, DomainConnection> = (parents, args, read) =>
  listOfTenant(parents, args, orderOf(args, BEST), args.query, read)

export const listDomainsOfCampaigns: FieldLoad<Campaign, CampaignDomainsArgs, DomainConnection> = async (campaigns, args, read) => {
  const order = orderOf(args, NEWEST)
  const filter = checkedFilter(args.filter ?? {})
  const sources = campaigns.map(({ id }) => ({ campaignId: id, filter, query: null }))
  return listSources(sources, args, order, read)
}

export const countDomains = countLists<DomainSource>({
  table: 'domains',
  parentOf: ({ campaignId }) => (campaignId === null ? null : { column: 'campaign_id', id: campaignId }),
  filterOf: ({ filter, query }) => [filter, query],
  conditionsOf,
})

/** Returns the id of the tenant's domain with that name. Null, which is cached too, means that there is no such domain. */
export const idOfDomainName: FieldLoad<unknown, QueryDomainByNameArgs, number | null> = async (parents, { name }, read) => {
  const row = await read.db
    .selectFrom('domains')
    .select('id')
    .where('tenantId', '=', read.tenant)
    .where('name', '=', name)
    .executeTakeFirst()
  return parents.map(() => row?.id ?? null)
}

/** Returns whole rows of top-level domains instead of ids, because these rows are public, few, and always requested together. */
export const listTlds: FieldLoad<unknown, QueryTldsArgs, readonly Tld[]> = async (parents, { kind }, read) => {
  const query = read.db.selectFrom('tlds').select(['name', 'unicodeName', 'kind']).orderBy('name')
  const rows = await (kind ? query.where('kind', '=', kind) : query).execute()
  return parents.map(() => rows)
}

async function listOfTenant(
  parents: readonly unknown[],
  args: QueryDomainsArgs,
  order: KeysetOrder,
  query: string | null,
  read: ReadContext,
): Promise<readonly DomainConnection[]> {
  const { campaignId, ...filter } = args.filter ?? {}
  const source = {
    campaignId: campaignId == null ? null : (rowIdOf('Campaign', campaignId) ?? NOWHERE),
    filter: checkedFilter(filter),
    query,
  }
  const [connection] = await listSources([source], args, order, read)
  if (!connection) throw new Error('Expected one page of the whole list, got none.')
  return parents.map(() => connection)
}

/**
 * Checks the lengths of the lists in a filter. Converts the top-level domains of the filter to A-labels without duplicates. The returned
 * filter becomes part of the {@link DomainSource}, so counting the domains does not check the filter again.
 * @throws GatewayError BAD_USER_INPUT
 */
function checkedFilter(filter: DomainSource['filter']): DomainSource['filter'] {
  checkMaxItems('filter.status', filter.status, MAX_STATUSES)
  checkMaxItems('filter.tlds', filter.tlds, MAX_TLDS)
  return filter.tlds ? { ...filter, tlds: [...new Set(filter.tlds.map((tld) => topLevelDomain(tld).name))] } : filter
}

/**
 * Loads one list of domains per source (parent, filter and search text).
 * @param sources Sources that all have the same filter and search text.
 */
async function listSources(
  sources: readonly DomainSource[],
  args: ConnectionArgs,
  order: KeysetOrder,
  read: ReadContext,
): Promise<readonly DomainConnection[]> {
  const page = pageRequest(args, order, 'Domain')
  const where = conditionsOf(sources[0])
  const lists = await listByKeyset(read, {
    table: 'domains',
    of: campaignsOf(sources),
    where,
    page,
  })
  return sources.map((source, index) => connectionPage(page, lists[index]?.rows ?? [], source))
}

export function campaignsOf(sources: readonly DomainSource[]) {
  const ids = sources.flatMap(({ campaignId }) => (campaignId === null ? [] : [campaignId]))
  return ids.length === 0 ? null : { column: 'campaign_id', ids }
}

/** Returns the SQL conditions of a source, except those on the tenant and the campaign. */
export function conditionsOf(source: DomainSource | undefined): RawBuilder<unknown>[] {
  const { status, tlds, minScore, maxRank, ...others } = source?.filter ?? {}
  others satisfies NoMore
  const conditions: RawBuilder<unknown>[] = []
  if (status) conditions.push(sql`status = any(${status}::text[])`)
  if (tlds) conditions.push(sql`tld = any(${tlds}::text[])`)
  if (minScore != null) conditions.push(sql`score >= ${minScore}::int4`)
  if (maxRank != null) conditions.push(sql`popularity_rank <= ${maxRank}::int4`)
  if (source?.query != null) conditions.push(searchCondition(source.query))
  return conditions
}

function orderOf({ orderBy }: { readonly orderBy?: DomainOrder | null | undefined }, usual: KeysetOrder): KeysetOrder {
  return orderBy ? { ...COLUMNS[orderBy.field], direction: orderBy.direction === 'DESC' ? 'desc' : 'asc' } : usual
}

import { type RawBuilder, sql } from 'kysely'
import { canonicalJson, type Json } from '../../cache/key.ts'
import { topLevelDomain } from '../../generator/top-level-domains.ts'
import type { Campaign } from '../campaigns/entity.ts'
import { type Connection, type ConnectionArgs, connectionPage, pageRequest } from '../connection.ts'
import { rowIdOf } from '../global-id.ts'
import { countByParent, type KeysetOrder, listByKeyset } from '../keyset-list.ts'
import { checkMaxItems } from '../list-bounds.ts'
import type { FieldLoad, ReadContext } from '../module.ts'
import type {
  CampaignDomainsArgs,
  DomainFilter,
  DomainOrder,
  QueryDomainByNameArgs,
  QueryDomainsArgs,
  QuerySearchDomainsArgs,
  QueryTldsArgs,
  Tld,
} from '../schema-types.generated.ts'
import { searchCondition } from './search-query.ts'

/** What a list was taken from, so that it can be counted when somebody asks. */
export interface DomainSource {
  /** Null in a list over the whole tenant. */
  readonly campaignId: number | null
  /** As {@link checkedFilter} made it. */
  readonly filter: Omit<DomainFilter, 'campaignId'>
  /** The text that was searched for. */
  readonly query: string | null
}

export type DomainConnection = Connection<DomainSource>

const COLUMNS = {
  CREATED_AT: { column: 'created_at', type: 'timestamptz' },
  NAME: { column: 'name', type: 'text' },
  SCORE: { column: 'score', type: 'int8' },
  POPULARITY_RANK: { column: 'popularity_rank', type: 'int8', nullable: true },
} as const satisfies Record<DomainOrder['field'], Omit<KeysetOrder, 'direction'>>

const NEWEST: KeysetOrder = { ...COLUMNS.CREATED_AT, direction: 'desc' }
const BEST: KeysetOrder = { ...COLUMNS.SCORE, direction: 'desc' }

const MAX_TLDS = 100

/** As many as there are. */
const MAX_STATUSES = 6

/** No campaign has it: what a filter by something else's id stands for. */
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

export const countDomains: FieldLoad<DomainConnection, unknown, number> = async (connections, _args, read) => {
  const counts = new Map<DomainConnection, number>()
  for (const group of bySameConditions(connections)) {
    const counted = await countByParent(read, 'domains', campaignsOf(group.map(({ source }) => source)), conditionsOf(group[0]?.source))
    for (const [index, connection] of group.entries()) counts.set(connection, counted[index] ?? 0)
  }
  return connections.map((connection) => counts.get(connection) ?? 0)
}

/** Null, which is remembered too, where the tenant has no domain of that name. */
export const idOfDomainName: FieldLoad<unknown, QueryDomainByNameArgs, number | null> = async (parents, { name }, read) => {
  const row = await read.db
    .selectFrom('domains')
    .select('id')
    .where('tenantId', '=', read.tenant)
    .where('name', '=', name)
    .executeTakeFirst()
  return parents.map(() => row?.id ?? null)
}

/** Whole rows, since they are public, few, and all asked for together. */
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
  if (!connection) throw new Error('A list over the tenant is one page.')
  return parents.map(() => connection)
}

/**
 * The filter with its lists within their bounds and its top-level domains as A-labels, each once. It is made once for a list, and
 * goes with it to where the list is counted.
 * @throws GatewayError BAD_USER_INPUT
 */
function checkedFilter(filter: DomainSource['filter']): DomainSource['filter'] {
  checkMaxItems('filter.status', filter.status, MAX_STATUSES)
  checkMaxItems('filter.tlds', filter.tlds, MAX_TLDS)
  return filter.tlds ? { ...filter, tlds: [...new Set(filter.tlds.map((tld) => topLevelDomain(tld).name))] } : filter
}

/** @param sources With the same filter and query. */
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
    order,
    after: page.after,
    limit: page.first + 1,
  })
  return sources.map((source, index) => connectionPage(page, lists[index]?.rows ?? [], source))
}

/** The connections in groups that one statement can answer. */
export function bySameConditions(connections: readonly DomainConnection[]): Iterable<readonly DomainConnection[]> {
  return Map.groupBy(connections, ({ source: { campaignId, filter, query } }) =>
    canonicalJson([campaignId === null, filter as Json, query]),
  ).values()
}

export function campaignsOf(sources: readonly DomainSource[]) {
  const ids = sources.flatMap(({ campaignId }) => (campaignId === null ? [] : [campaignId]))
  return ids.length === 0 ? null : { column: 'campaign_id', ids }
}

/** Beside the tenant's and the campaign's. */
export function conditionsOf(source: DomainSource | undefined): RawBuilder<unknown>[] {
  const { status, tlds, minScore, maxRank } = source?.filter ?? {}
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

import { type Generated, type Selectable, sql } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import type { EntityType } from '../../../gateway/contract/module.ts'
import { inOrderOf, rowsByIds } from '../../../gateway/contract/row-order.ts'
import { topLevelDomain } from '../../rules/naming/top-level-domains.ts'

export interface DomainRow {
  id: Generated<number>
  tenantId: string
  campaignId: number // on delete cascade
  name: string // full name, A-label form, lower case; unique per tenant; a LIVE name is unique over all tenants
  sld: string
  tld: string
  terms: string[] // the words that the name was made of, for the search
  status: Generated<'GENERATED' | 'REGISTERED' | 'LIVE' | 'PAUSED' | 'EXPIRED' | 'REJECTED'>
  popularityRank: number | null // 1 is the most popular
  score: number // 0..100
  version: Generated<number>
  createdAt: Generated<string>
  updatedAt: Generated<string>
}

export interface TldRow {
  name: string // A-label, primary key
  unicodeName: string
  kind: 'COUNTRY_CODE' | 'GENERIC' | 'INTERNATIONALIZED'
}

/** Row of a rollup table: the calls of one domain that started on one day (UTC). */
export interface DomainDayRow {
  tenantId: string
  domainId: number
  day: string // date, YYYY-MM-DD
  calls: number
  settledCalls: number
  durationSeconds: number
  spendMinor: number
  revenueMinor: number
}

/** Sums over the days of a domain. */
export type DomainStatistics = Omit<DomainDayRow, 'tenantId' | 'domainId' | 'day'>

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    domains: DomainRow
    domainDays: DomainDayRow
    tlds: TldRow
  }
}

export type Domain = Selectable<DomainRow>

const COLUMNS = [
  'id',
  'tenantId',
  'campaignId',
  'name',
  'sld',
  'tld',
  'terms',
  'status',
  'popularityRank',
  'score',
  'version',
  'createdAt',
  'updatedAt',
] as const

/** Columns by which lists of domains are filtered and sorted, except the status. */
const LISTED = ['campaign_id', 'name', 'sld', 'tld', 'terms', 'popularity_rank', 'score', 'created_at']

const domainEntity = declareEntity({
  type: 'Domain',
  table: 'domains',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['campaign_id', 'tld', 'status'],
  listed: ['status', ...LISTED],
  spelling: { tld: (asked) => topLevelDomain(asked).name },
})

/**
 * Declares `domains` for the cache a second time, for lists that are not filtered by status. A change of the status, which changes more
 * often than any other column, does not invalidate these lists.
 */
export const domainWithoutStatusEntity = declareEntity({
  type: 'DomainWithoutStatus',
  table: 'domains',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['campaign_id', 'name', 'tld'],
  listed: LISTED,
  spelling: { tld: (asked) => topLevelDomain(asked).name },
})

export const domainType: EntityType<Domain> = {
  entity: domainEntity,
  loadMany: (read, ids) => rowsByIds(read, 'domains', ids, COLUMNS),
}

/**
 * The public part of a domain with the status LIVE. Its id is the domain name, because only one tenant at a time can have this name with
 * the status LIVE.
 */
export interface LiveDomain extends Pick<Domain, 'name' | 'tld' | 'status' | 'popularityRank'> {
  readonly id: string
}

/**
 * Declares `domains` for the cache once more, as public data with the domain name as the id. So a change of a domain invalidates the cache
 * entry of its public part.
 */
const liveDomainEntity = declareEntity({
  type: 'LiveDomain',
  table: 'domains',
  tenantColumn: null,
  idColumn: 'name',
  dimensions: [],
  listed: [],
})

export const liveDomainType: EntityType<LiveDomain> = {
  entity: liveDomainEntity,
  async loadMany(read, names) {
    const rows = await read.db
      .selectFrom('domains')
      .select(['name as id', 'name', 'tld', 'status', 'popularityRank'])
      .where('name', '=', sql<string>`any(${names}::text[])`)
      .where('status', '=', 'LIVE')
      .execute()
    return inOrderOf(names, rows)
  },
}

export const tldEntity = declareEntity({
  type: 'Tld',
  table: 'tlds',
  tenantColumn: null,
  idColumn: 'name',
  dimensions: [],
  listed: ['name', 'unicode_name', 'kind'],
})

/** Declares the calls of a domain by day for the cache. Figures are sums over several rows, so every summed column is listed. */
export const domainDayEntity = declareEntity({
  type: 'DomainDay',
  table: 'domain_days',
  tenantColumn: 'tenant_id',
  idColumn: null,
  dimensions: ['domain_id'],
  listed: ['domain_id', 'day', 'calls', 'settled_calls', 'duration_seconds', 'spend_minor', 'revenue_minor'],
})

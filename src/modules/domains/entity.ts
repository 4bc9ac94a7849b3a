import { type Selectable, sql } from 'kysely'
import { declareEntity } from '../../cache/entity.ts'
import { topLevelDomain } from '../../generator/top-level-domains.ts'
import type { DomainRow } from '../../postgres/tables.ts'
import type { EntityType } from '../module.ts'
import { anyOf, inOrderOf } from '../row-order.ts'

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

/** What lists are filtered and sorted by beside the status. */
const LISTED = ['campaign_id', 'name', 'sld', 'tld', 'terms', 'popularity_rank', 'score', 'created_at']

export const domainEntity = declareEntity({
  type: 'Domain',
  table: 'domains',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['campaign_id', 'tld', 'status'],
  listed: ['status', ...LISTED],
  spelling: { tld: (asked) => topLevelDomain(asked).name },
})

/** The same rows as lists see them that are not filtered by status: it changes more often than all the rest of a domain. */
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
  async loadMany(read, ids) {
    const rows = await read.db
      .selectFrom('domains')
      .select(COLUMNS)
      .where('tenantId', '=', read.tenant)
      .where('id', '=', anyOf(ids))
      .execute()
    return inOrderOf(ids, rows)
  },
}

/** What is public of a domain on the air. Its id is the name, which one tenant at a time has live. */
export interface LiveDomain extends Pick<Domain, 'name' | 'tld' | 'status' | 'popularityRank'> {
  readonly id: string
}

/** The same rows as the domains', seen by everybody: a change of any domain reaches its name here. */
export const liveDomainEntity = declareEntity({
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

import { sql } from 'kysely'
import type { DomainName } from '../rules/naming/domain-name.ts'
import type { Written } from './import-format.ts'
import type { ImportMarket } from './import-market.ts'

export interface DomainDraft extends Pick<DomainName, 'name' | 'sld' | 'tld'> {
  /** Popularity rank of the domain name, where 1 is the most popular; null for a list without ranks. */
  readonly popularityRank: number | null
}

/**
 * Creates a temporary table for the names in this file. If a name is repeated, its first line counts. The table makes it possible to import
 * a file of any length, because this process need not keep all names in memory. The table is dropped at the end of the transaction.
 */
export async function beginNames({ db }: ImportMarket): Promise<void> {
  await sql`create temporary table imported_names (name text primary key) on commit drop`.execute(db)
}

/**
 * Writes domains. Tenant and domain name are their natural key. If the given campaign already has a domain with the name, this domain gets
 * the rank in the draft. If another campaign of the tenant has the name, the domain stays as it is.
 */
export async function writeDomains(market: ImportMarket, campaignId: number, drafts: readonly DomainDraft[]): Promise<Written> {
  const { tenant, now } = market
  const { rows } = await sql<{ added: number; updated: number }>`
    with given as (
      select distinct on (name) *
      from json_to_recordset(${JSON.stringify(drafts)}::json) as rows (name text, sld text, tld text, "popularityRank" int)
      order by name, "popularityRank"
    ), fresh as (
      insert into imported_names select name from given on conflict do nothing returning name
    ), written as (
      insert into domains as kept
        (tenant_id, campaign_id, name, sld, tld, terms, status, popularity_rank, score, created_at, updated_at)
      select ${tenant}, ${campaignId}::bigint, name, sld, tld, regexp_split_to_array(sld, '[.-]+'), 'REGISTERED', "popularityRank", 0,
        ${now}::timestamptz, ${now}::timestamptz
      from given join fresh using (name)
      on conflict (tenant_id, name) do update
        set popularity_rank = excluded.popularity_rank, version = kept.version + 1, updated_at = excluded.updated_at
        where kept.campaign_id = excluded.campaign_id and kept.popularity_rank is distinct from excluded.popularity_rank
      returning xmax = 0 as is_new
    )
    select count(*) filter (where is_new) as added, count(*) filter (where not is_new) as updated from written`.execute(market.db)
  const added = Number(rows[0]?.added ?? 0)
  const updated = Number(rows[0]?.updated ?? 0)
  return { added: { domains: added }, updated, present: drafts.length - added - updated }
}

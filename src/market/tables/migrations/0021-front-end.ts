import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { nameSearchFunction } from '../name-search.ts'
import { domainRollups, rollups } from '../rollups.ts'

/** The indexes of the lists that front ends sort and filter. Each begins with the tenant or the parent, and ends with the id. */
const indexes: Readonly<Record<string, string>> = {
  users_by_name: 'users (tenant_id, name, id)',
  users_by_creation: 'users (tenant_id, created_at, id)',
  users_by_search: 'users using gin (search)',
  campaigns_by_start: 'campaigns (tenant_id, starts_at, id)',
  campaigns_by_end: 'campaigns (tenant_id, ends_at, id)',
  campaigns_by_search: 'campaigns using gin (search)',
  campaign_totals_by_calls: 'campaign_totals (tenant_id, calls, campaign_id)',
  campaign_totals_by_revenue: 'campaign_totals (tenant_id, revenue_minor, campaign_id)',
  calls_by_duration: 'calls (tenant_id, duration_seconds, id)',
  calls_by_revenue: 'calls (tenant_id, revenue_minor, id)',
  calls_of_campaign_by_duration: 'calls (campaign_id, duration_seconds, id)',
  calls_of_campaign_by_revenue: 'calls (campaign_id, revenue_minor, id)',
}

const up = [
  nameSearchFunction(),
  "alter table users add column search tsvector not null generated always as (name_search(tenant_id, name || ' ' || email)) stored",
  'alter table campaigns add column search tsvector not null generated always as (name_search(tenant_id, name)) stored',
  // Lists of campaigns that are sorted by their figures read campaign_totals in order, so a campaign without calls needs a row, too.
  `create function add_campaign_totals() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
    as $$
    begin
      insert into campaign_totals (tenant_id, campaign_id) select tenant_id, id from new_rows order by tenant_id, id on conflict do nothing;
      return null;
    end
    $$`,
  `create trigger campaigns_have_totals after insert on campaigns referencing new table as new_rows
    for each statement execute function add_campaign_totals()`,
  'alter table campaigns enable always trigger campaigns_have_totals',
  'insert into campaign_totals (tenant_id, campaign_id) select tenant_id, id from campaigns order by tenant_id, id on conflict do nothing',
  `create table domain_days (
    tenant_id text not null,
    domain_id bigint not null,
    day date not null,
    calls bigint not null default 0,
    settled_calls bigint not null default 0,
    duration_seconds bigint not null default 0,
    spend_minor bigint not null default 0,
    revenue_minor bigint not null default 0,
    primary key (tenant_id, domain_id, day),
    foreign key (tenant_id, domain_id) references domains (tenant_id, id) on delete cascade
  )`,
  ...domainRollups.functions,
  'select refresh_rollups(null)',
  ...Object.entries(indexes).map(([name, target]) => `create index ${name} on ${target}`),
]

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of up) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`select cache.unwatch(type) from cache.watched where table_name = any(array['users', 'campaigns', 'calls', 'campaign_totals',
      'domain_days'])`.execute(db)
    for (const statement of rollups.functions) await sql.raw(statement).execute(db)
    await sql.raw(`drop index ${Object.keys(indexes).join(', ')}`).execute(db)
    await sql`drop table domain_days`.execute(db)
    await sql`drop trigger campaigns_have_totals on campaigns`.execute(db)
    await sql`drop function add_campaign_totals()`.execute(db)
    for (const table of ['users', 'campaigns']) await sql`alter table ${sql.table(table)} drop column search`.execute(db)
    await sql`drop function name_search(text, text)`.execute(db)
  },
}

import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { marketRollups } from '../rollups.ts'

const tables = [
  `create table domain_counts (
    tenant_id text not null,
    campaign_id bigint not null,
    status text not null,
    count bigint not null,
    primary key (tenant_id, campaign_id, status),
    foreign key (tenant_id, campaign_id) references campaigns (tenant_id, id) on delete cascade
  )`,
  `create table campaign_totals (
    tenant_id text not null,
    campaign_id bigint not null,
    calls bigint not null default 0,
    settled_calls bigint not null default 0,
    duration_seconds bigint not null default 0,
    spend_minor bigint not null default 0,
    revenue_minor bigint not null default 0,
    bids bigint not null default 0,
    won_bids bigint not null default 0,
    primary key (tenant_id, campaign_id),
    foreign key (tenant_id, campaign_id) references campaigns (tenant_id, id) on delete cascade
  )`,
  `create table campaign_hours (
    tenant_id text not null,
    campaign_id bigint not null,
    hour timestamptz(3) not null,
    calls bigint not null default 0,
    settled_calls bigint not null default 0,
    duration_seconds bigint not null default 0,
    spend_minor bigint not null default 0,
    revenue_minor bigint not null default 0,
    bids bigint not null default 0,
    won_bids bigint not null default 0,
    primary key (tenant_id, campaign_id, hour),
    foreign key (tenant_id, campaign_id) references campaigns (tenant_id, id) on delete cascade
  )`,
  'create index campaign_hours_of_tenant on campaign_hours (tenant_id, hour)',
  `create table buyer_days (
    tenant_id text not null,
    buyer_id bigint not null,
    day date not null,
    bids bigint not null default 0,
    won_bids bigint not null default 0,
    revenue_minor bigint not null default 0,
    primary key (tenant_id, buyer_id, day),
    foreign key (tenant_id, buyer_id) references buyers (tenant_id, id) on delete cascade
  )`,
  'create index buyer_days_of_tenant on buyer_days (tenant_id, day)',
  `create table event_hours (
    tenant_id text not null,
    campaign_id bigint not null,
    kind text not null,
    hour timestamptz(3) not null,
    count bigint not null,
    primary key (tenant_id, campaign_id, kind, hour),
    foreign key (tenant_id, campaign_id) references campaigns (tenant_id, id) on delete cascade
  )`,
  'create index event_hours_of_tenant on event_hours (tenant_id, hour)',
]

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...tables, ...marketRollups.functions, ...marketRollups.triggers]) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const statement of ['drop function refresh_rollups(text)', ...marketRollups.drop]) await sql.raw(statement).execute(db)
    await sql`drop table domain_counts, campaign_totals, campaign_hours, buyer_days, event_hours`.execute(db)
  },
}

import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * One index for every list that the schema offers. The columns of an index are the columns that filter the list, the column that sorts the
 * list, and the id, which breaks ties. If the list belongs to a tenant, the index begins with the id of the tenant. If the list belongs to
 * a parent object, the index begins with the id of the parent instead. The id of a parent is unique over all tenants, so such an index
 * needs no tenant.
 */
const indexes: Readonly<Record<string, string>> = {
  campaigns_by_creation: 'campaigns (tenant_id, created_at, id)',
  campaigns_by_name: 'campaigns (tenant_id, name, id)',
  campaigns_by_budget: 'campaigns (tenant_id, budget_minor, id)',
  campaigns_by_status: 'campaigns (tenant_id, status, created_at, id)',
  campaigns_by_owner: 'campaigns (owner_id, created_at, id)',

  domains_by_creation: 'domains (tenant_id, created_at, id)',
  domains_by_score: 'domains (tenant_id, score, id)',
  domains_by_rank: 'domains (tenant_id, popularity_rank, id)',
  domains_by_status: 'domains (tenant_id, status, tld)',
  domains_by_tld: 'domains (tenant_id, tld, created_at, id)',
  domains_of_campaign_by_creation: 'domains (campaign_id, created_at, id)',
  domains_of_campaign_by_score: 'domains (campaign_id, score, id)',
  domains_of_campaign_by_rank: 'domains (campaign_id, popularity_rank, id)',
  domains_of_campaign_by_name: 'domains (campaign_id, name, id)',
  domains_of_campaign_by_status: 'domains (campaign_id, status, tld)',
  domains_by_search: 'domains using gin (search)',

  buyers_by_creation: 'buyers (tenant_id, created_at, id)',
  buyers_by_activity: 'buyers (tenant_id, active, name, id)',

  calls_by_start: 'calls (tenant_id, started_at, id)',
  calls_by_status: 'calls (tenant_id, status, started_at, id)',
  calls_of_campaign_by_start: 'calls (campaign_id, started_at, id)',
  calls_of_campaign_by_status: 'calls (campaign_id, status, started_at, id)',
  calls_of_domain_by_start: 'calls (domain_id, started_at, id) where domain_id is not null',
  calls_by_winning_bid: 'calls (winning_bid_id) where winning_bid_id is not null',

  bids_by_placement: 'bids (tenant_id, placed_at, id)',
  bids_by_amount: 'bids (tenant_id, amount_minor, id)',
  bids_by_status: 'bids (tenant_id, status, placed_at, id)',
  bids_open: "bids (tenant_id, expires_at) where status = 'ACTIVE'",
  bids_of_call_by_amount: 'bids (call_id, amount_minor, id)',
  bids_of_call_by_placement: 'bids (call_id, placed_at, id)',
  bids_of_buyer_by_placement: 'bids (buyer_id, placed_at, id)',
  bids_of_buyer_open: "bids (buyer_id, expires_at, id) where status = 'ACTIVE'",
  bids_of_campaign_by_placement: 'bids (campaign_id, placed_at, id)',
  bids_of_campaign_by_amount: 'bids (campaign_id, amount_minor, id)',

  events_of_campaign: 'events (campaign_id, occurred_at)',
  events_of_domain: 'events (domain_id) where domain_id is not null',
}

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    // Only one tenant at a time can have a name with the status LIVE.
    await sql.raw("create unique index domains_live_name on domains (name) where status = 'LIVE'").execute(db)
    for (const [name, target] of Object.entries(indexes)) await sql.raw(`create index ${name} on ${target}`).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql.raw(`drop index domains_live_name, ${Object.keys(indexes).join(', ')}`).execute(db)
  },
}

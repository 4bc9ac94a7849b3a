import { type Kysely, sql } from 'kysely'
import type { Database } from '../../tables/tables.ts'
import type { EventKind } from '../schema-types.generated.ts'

export interface NewEvent {
  readonly eventId: string
  readonly campaignId: string
  readonly domainId: string | null
  readonly kind: EventKind
  /** Time of the event, ISO 8601 in UTC. */
  readonly occurredAt: string
}

/** Events of one caller. All of them belong to one tenant. */
export interface CallerEvents {
  readonly tenant: string
  readonly events: readonly NewEvent[]
}

/** Result of one statement. The sets contain keys that the functions below build. */
export interface InsertedEvents {
  /** Keys of the existing campaigns that the events name. */
  readonly campaigns: ReadonlySet<string>
  /** Keys of the existing domains that the events name. A domain counts as existing only if it belongs to the campaign of the event. */
  readonly domains: ReadonlySet<string>
  /** Keys of the events that this statement stored. Events that were stored before are not among them. */
  readonly stored: Set<string>
}

export function eventKey(tenant: string, { eventId }: NewEvent): string {
  return `${tenant}:${eventId}`
}

export function campaignKey(tenant: string, { campaignId }: NewEvent): string {
  return `${tenant}:${campaignId}`
}

export function domainKey(tenant: string, { campaignId, domainId }: NewEvent): string {
  return `${tenant}:${campaignId}:${domainId}`
}

/**
 * Inserts the events of all callers in one statement, which also returns which of their campaigns and domains exist. The rows are inserted
 * in the order of the primary key, so that two processes that write the same events wait for each other instead of deadlocking. The joins
 * compare the tenant and the id, so no event can refer to a campaign or domain of another tenant.
 */
export async function insertEvents(db: Kysely<Database>, callers: readonly CallerEvents[]): Promise<InsertedEvents> {
  const rows = callers.flatMap(({ tenant, events }) => events.map((event) => ({ tenant, ...event })))
  const { rows: found } = await sql<{ source: 'campaign' | 'domain' | 'event'; key: string }>`
    with given as (
      select * from unnest(
        ${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.eventId)}::text[], ${rows.map((row) => row.campaignId)}::int8[],
        ${rows.map((row) => row.domainId)}::int8[], ${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.occurredAt)}::timestamptz[]
      ) as given (tenant_id, event_id, campaign_id, domain_id, kind, occurred_at)
    ), known_campaigns as (
      select tenant_id, id from campaigns where (tenant_id, id) in (select distinct tenant_id, campaign_id from given)
    ), known_domains as (
      select tenant_id, campaign_id, id from domains
      where (tenant_id, id) in (select distinct tenant_id, domain_id from given where domain_id is not null)
    ), stored as (
      insert into events (tenant_id, event_id, campaign_id, domain_id, kind, occurred_at)
      select given.tenant_id, given.event_id, given.campaign_id, given.domain_id, given.kind, given.occurred_at
      from given
      join known_campaigns as campaign on campaign.tenant_id = given.tenant_id and campaign.id = given.campaign_id
      left join known_domains as domain
        on domain.tenant_id = given.tenant_id and domain.campaign_id = given.campaign_id and domain.id = given.domain_id
      where given.domain_id is null or domain.id is not null
      order by given.tenant_id, given.event_id
      on conflict (tenant_id, event_id) do nothing
      returning tenant_id, event_id
    )
    select 'campaign' as source, tenant_id || ':' || id as key from known_campaigns
    union all
    select 'domain', tenant_id || ':' || campaign_id || ':' || id from known_domains
    union all
    select 'event', tenant_id || ':' || event_id from stored
  `.execute(db)
  const keysOf = (source: (typeof found)[number]['source']) => new Set(found.flatMap((row) => (row.source === source ? [row.key] : [])))
  return { campaigns: keysOf('campaign'), domains: keysOf('domain'), stored: keysOf('event') }
}

import { sql } from 'kysely'
import type { EventRow } from '../modules/analytics/entity.ts'
import type { ImportMarket } from './import-market.ts'

export interface ImportedEvent extends Pick<EventRow, 'eventId' | 'campaignId' | 'kind' | 'occurredAt'> {}

/** Inserts the events that the tenant does not have yet. @returns the ids of the inserted events. */
export async function claimEvents({ db, tenant, now }: ImportMarket, events: readonly ImportedEvent[]): Promise<Set<string>> {
  if (events.length === 0) return new Set()
  const { rows } = await sql<{ eventId: string }>`
    insert into events (tenant_id, event_id, campaign_id, kind, occurred_at, received_at)
    select ${tenant}, "eventId", "campaignId", kind, "occurredAt", ${now}::timestamptz
    from json_to_recordset(${JSON.stringify(events)}::json)
      as rows ("eventId" text, "campaignId" bigint, kind text, "occurredAt" timestamptz)
    on conflict do nothing
    returning event_id`.execute(db)
  return new Set(rows.map(({ eventId }) => eventId))
}

import { sql } from 'kysely'
import { systemEnv } from '#src/engine/cache/index.ts'
import { createEventRecorder } from '#src/market/modules/analytics/event-recorder.ts'
import type { NewEvent } from '#src/market/modules/analytics/insert-events.ts'
import type { MarketDatabase } from '#src/market/tables/database.ts'
import { startServer } from '../log/server.ts'

/**
 * A PostgreSQL server whose commits wait for the disk. Its database has a tenant with campaigns. The benchmark sends events for these
 * campaigns.
 */
export interface EventMarket {
  readonly database: MarketDatabase
  readonly campaigns: readonly string[]
  stop(): Promise<void>
}

export const TENANT = 'events'
const CAMPAIGNS = 50
const KINDS = ['IMPRESSION', 'CLICK', 'CALL_STARTED', 'CALL_QUALIFIED', 'CONVERSION'] as const
const HOUR_MS = 3_600_000

export async function startMarket(): Promise<EventMarket> {
  const { server, database } = await startServer({ durable: true, flushDelayMs: 0 })
  const { db } = database
  await sql`insert into tenants (id, name, currency) values (${TENANT}, ${TENANT}, 'USD')`.execute(db)
  await sql`insert into users (tenant_id, email, name, role) values (${TENANT}, 'a@events.test', 'A', 'ADMIN')`.execute(db)
  const { rows } = await sql<{ id: number }>`
    insert into campaigns (tenant_id, name, owner_id, budget_minor, keywords, tlds, patterns)
    select ${TENANT}, 'C' || n, (select id from users where tenant_id = ${TENANT}), 1, '{roof}', '{com}', '{}'
    from generate_series(1, ${CAMPAIGNS}) as n returning id`.execute(db)
  return {
    database,
    campaigns: rows.map(({ id }) => String(id)),
    stop: async () => {
      await database.close()
      await server.stop()
    },
  }
}

let drawn = 0

/** Draws new events of the current and the previous hour, spread over all campaigns and kinds of events. */
export function drawEvents(campaigns: readonly string[], count: number, now = Date.now()): NewEvent[] {
  return Array.from({ length: count }, () => {
    const number = drawn++
    return {
      eventId: `event-${number}`,
      campaignId: campaigns[number % campaigns.length] ?? '',
      domainId: null,
      kind: KINDS[Math.floor(number / campaigns.length) % KINDS.length] ?? 'CLICK',
      occurredAt: new Date(now - (number % 10 === 0 ? HOUR_MS : 0)).toISOString(),
    }
  })
}

/** Opens an event recorder with the settings of the gateway, except the delay of a flush. */
export function openRecorder({ database: { db } }: EventMarket, flushDelayMs: number) {
  return createEventRecorder({ db, ...systemEnv, flushMaxEvents: 5000, flushDelayMs, maxPendingBytes: 2 ** 30 })
}

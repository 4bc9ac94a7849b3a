import { type Kysely, sql } from 'kysely'
import { GatewayError } from '../../errors.ts'
import { isUnavailable } from '../../postgres/failure.ts'
import type { Database } from '../../postgres/tables.ts'
import { inTransaction } from '../../postgres/transaction.ts'
import type { EventReceipt, NewEvent } from '../module.ts'

export interface EventRecorderOptions {
  readonly db: Kysely<Database>
  /** As the engine's `Env.setTimer`. */
  readonly setTimer: (callback: () => void, delayMs: number) => { cancel(): void }
  /** A flush begins as soon as so many events wait, and writes no more than so many unless one caller alone brings more. */
  readonly flushMaxEvents: number
  /** How long the first event waits for company. 0 writes at the end of the event loop's turn. */
  readonly flushDelayMs: number
  /** With so many events waiting, further callers are turned away (OVERLOADED) instead of filling the memory. */
  readonly maxWaitingEvents?: number
}

export interface EventRecorder {
  /**
   * Resolves once the events are committed; rejects (UNAVAILABLE, OVERLOADED) without a word on whether they were, so repeat
   * them: their ids make that harmless. A domain that the tenant does not have is stored as none.
   */
  record(tenant: string, events: readonly NewEvent[]): Promise<EventReceipt>
  /** Writes what waits and resolves when all of it is settled; from then on `record` rejects. */
  drain(): Promise<void>
}

interface Waiting {
  readonly tenant: string
  readonly events: readonly NewEvent[]
  readonly resolve: (receipt: EventReceipt) => void
  readonly reject: (error: unknown) => void
}

/**
 * Writes the events of concurrent requests, whatever their tenant, in one statement: under load the price of a commit is shared
 * (group commit). One flush runs at a time, and what arrives meanwhile forms the next.
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { db, setTimer, flushMaxEvents, flushDelayMs, maxWaitingEvents = flushMaxEvents * 20 } = options
  let waiting: Waiting[] = []
  let waitingEvents = 0
  let timer: { cancel(): void } | null = null
  let running: Promise<void> | null = null
  let draining = false

  function schedule(): void {
    if (running !== null || waiting.length === 0) return
    if (waitingEvents >= flushMaxEvents) begin()
    else timer ??= setTimer(begin, flushDelayMs)
  }

  function begin(): void {
    timer?.cancel()
    timer = null
    if (running !== null || waiting.length === 0) return
    running = flush(db, takeBatch()).finally(() => {
      running = null
      // What waits now has waited for a whole flush.
      begin()
    })
  }

  function takeBatch(): Waiting[] {
    let events = 0
    let callers = 0
    for (const caller of waiting) {
      if (callers > 0 && events + caller.events.length > flushMaxEvents) break
      events += caller.events.length
      callers++
    }
    const batch = waiting.slice(0, callers)
    waiting = waiting.slice(callers)
    waitingEvents -= events
    return batch
  }

  return {
    record(tenant, events) {
      if (draining)
        return Promise.reject(new GatewayError('UNAVAILABLE', 'The server is shutting down: send the events again, to another one.'))
      if (events.length === 0) return Promise.resolve({ accepted: 0, duplicates: 0, rejected: [] })
      if (waitingEvents >= maxWaitingEvents) {
        return Promise.reject(
          new GatewayError('OVERLOADED', `${waitingEvents} events wait to be written already: send these again in a moment.`),
        )
      }
      return new Promise((resolve, reject) => {
        waiting.push({ tenant, events, resolve, reject })
        waitingEvents += events.length
        schedule()
      })
    },
    async drain() {
      draining = true
      begin()
      while (running !== null) await running
    },
  }
}

/** Never rejects: each caller is told its own outcome. */
async function flush(db: Kysely<Database>, batch: readonly Waiting[]): Promise<void> {
  try {
    await write(db, batch)
  } catch (error) {
    // One caller's event must not cost the others theirs: each is written alone. Alone, too, the second try sees the campaign
    // whose deletion broke the first. A database that does not answer is asked no more than once.
    if (isUnavailable(error) || error instanceof GatewayError) return rejectAll(batch, error)
    for (const caller of batch) await write(db, [caller]).catch(caller.reject)
  }
}

function rejectAll(batch: readonly Waiting[], error: unknown): void {
  for (const caller of batch) caller.reject(error)
}

async function write(db: Kysely<Database>, batch: readonly Waiting[]): Promise<void> {
  const { known, stored } = await inTransaction(db, (transaction) => insertEvents(transaction, batch), { attempts: 3 })
  for (const caller of batch) {
    let accepted = 0
    const rejected: number[] = []
    caller.events.forEach((event, position) => {
      // Of two callers who send the same event, the first is told that it was new.
      if (!known.has(campaignKey(caller.tenant, event.campaignId))) rejected.push(position)
      else if (stored.delete(eventKey(caller.tenant, event.eventId))) accepted++
    })
    caller.resolve({ accepted, duplicates: caller.events.length - accepted - rejected.length, rejected })
  }
}

/**
 * One statement. The rows come in the order of the primary key, so that two processes that write the same events wait for each
 * other instead of deadlocking. Joins on tenant and id keep a campaign of another tenant out.
 */
async function insertEvents(db: Kysely<Database>, batch: readonly Waiting[]): Promise<{ known: Set<string>; stored: Set<string> }> {
  const rows = batch.flatMap(({ tenant, events }) => events.map((event) => ({ tenant, ...event })))
  const { rows: found } = await sql<{ source: 'known' | 'stored'; tenantId: string; key: string }>`
    with given as (
      select * from unnest(
        ${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.eventId)}::text[], ${rows.map((row) => row.campaignId)}::int8[],
        ${rows.map((row) => row.domainId)}::int8[], ${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.occurredAt)}::timestamptz[]
      ) as given (tenant_id, event_id, campaign_id, domain_id, kind, occurred_at)
    ), known as (
      select tenant_id, id from campaigns where (tenant_id, id) in (select distinct tenant_id, campaign_id from given)
    ), stored as (
      insert into events (tenant_id, event_id, campaign_id, domain_id, kind, occurred_at)
      select given.tenant_id, given.event_id, given.campaign_id, domains.id, given.kind, given.occurred_at
      from given
      join known on known.tenant_id = given.tenant_id and known.id = given.campaign_id
      left join domains on domains.tenant_id = given.tenant_id and domains.id = given.domain_id
      order by given.tenant_id, given.event_id
      on conflict (tenant_id, event_id) do nothing
      returning tenant_id, event_id
    )
    select 'known' as source, tenant_id, id::text as key from known
    union all
    select 'stored', tenant_id, event_id from stored
  `.execute(db)
  const known = new Set<string>()
  const stored = new Set<string>()
  for (const { source, tenantId, key } of found) {
    if (source === 'known') known.add(campaignKey(tenantId, key))
    else stored.add(eventKey(tenantId, key))
  }
  return { known, stored }
}

function eventKey(tenant: string, eventId: string): string {
  return `${tenant}:${eventId}`
}

function campaignKey(tenant: string, campaignId: string): string {
  return `${tenant}:${campaignId}`
}

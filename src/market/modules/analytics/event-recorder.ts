import type { Kysely } from 'kysely'
import { isUnavailable } from '../../../engine/postgres/failure.ts'
import { CommitOutcomeUnknown, inTransaction } from '../../../engine/postgres/transaction.ts'
import { GatewayError, OverloadedError } from '../../../errors.ts'
import type { Database } from '../../tables/tables.ts'
import { type FlushLimits, FlushSize } from './flush-size.ts'
import { campaignKey, domainKey, eventKey, insertEvents, type NewEvent } from './insert-events.ts'

/** Outcome of one call of `record`. The numbers of accepted, duplicate and rejected events add up to the number of events given. */
export interface EventReceipt {
  /** Number of events that this call of `record` stored. They are durable when the promise resolves. */
  readonly accepted: number
  /** Number of events that were stored already, by an earlier call of `record` or by an earlier event in the same list. */
  readonly duplicates: number
  /** Events that are not stored, because the tenant does not have the campaign or the domain that they name. */
  readonly rejected: readonly RejectedEvent[]
}

export interface RejectedEvent {
  /** Index of the event in the list that was given to `record`. */
  readonly position: number
  /** The row that does not exist: the campaign in the tenant, or the domain in this campaign. */
  readonly missing: 'campaign' | 'domain'
}

export interface EventRecorderOptions {
  readonly db: Kysely<Database>
  /** Starts a timer that runs `callback` after `delayMs` ms, like the engine's `Env.setTimer`. */
  readonly setTimer: (callback: () => void, delayMs: number) => { cancel(): void }
  /** Returns the time of a monotonic clock in ms, like the engine's `Env.monotonic`. */
  readonly monotonic: () => number
  /**
   * Number of waiting events at which a flush (one statement that stores waiting events) begins immediately. A flush stores at most this
   * many events, unless one caller alone brings more.
   */
  readonly flushMaxEvents: number
  /**
   * Time in ms for which the first waiting event waits for more events that are stored in the same flush. With 0, the flush begins at the
   * end of the current turn of the event loop.
   */
  readonly flushDelayMs: number
  /**
   * Maximum estimated memory, bytes, of all events that are waiting or being written. It includes the memory of the requests that sent
   * them. Above it, further calls of `record` are rejected (OVERLOADED).
   */
  readonly maxPendingBytes: number
}

export interface EventRecorder {
  /**
   * Stores events. Resolves once they are committed. If the promise rejects (UNAVAILABLE, OVERLOADED), the events may or may not be
   * committed: send them again. That is harmless, because an event whose id is stored already is not stored twice.
   */
  record(tenant: string, events: readonly NewEvent[]): Promise<EventReceipt>
  /** Writes the waiting events. Resolves when the outcome of each of them is known. After `drain`, every call of `record` is rejected. */
  drain(): Promise<void>
}

/** Estimated memory of a waiting event and of its variables in the request, bytes. docs/decisions/0051 describes how it was measured. */
export const EVENT_BYTES = 600
/** Estimated memory of a waiting call of `record` without its events, bytes: the request and its connection. */
export const CALL_BYTES = 32 * 1024

/**
 * Maximum number of rollup rows that one statement changes, and of invalidation tags that it emits, see {@link FlushLimits}. After a
 * statement with more changes, the triggers emit tags that invalidate more than necessary.
 */
const MAX_CHANGES = 1000
const MIN_RETRY_MS = 100
const MAX_RETRY_MS = 10_000

interface Waiting {
  readonly tenant: string
  readonly events: readonly NewEvent[]
  readonly resolve: (receipt: EventReceipt) => void
  readonly reject: (error: unknown) => void
}

/** Number of events and estimated memory of several calls of `record` together. */
interface Load {
  readonly events: number
  readonly bytes: number
}

const NO_LOAD: Load = { events: 0, bytes: 0 }

/**
 * Creates a recorder that writes the events of concurrent requests of all tenants in one statement. So under load the requests share the
 * cost of a commit (group commit). One flush runs at a time; events that arrive during a flush form the next flush.
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { db, setTimer, monotonic, flushMaxEvents, flushDelayMs, maxPendingBytes } = options
  const limits: FlushLimits = { events: flushMaxEvents, changes: MAX_CHANGES }
  let waiting: Waiting[] = []
  let waitingLoad = NO_LOAD
  let writtenLoad = NO_LOAD
  let lastFlushMs = 0
  let timer: { cancel(): void } | null = null
  let running: Promise<void> | null = null
  let draining = false

  function schedule(): void {
    if (running !== null || waiting.length === 0) return
    if (waitingLoad.events >= flushMaxEvents) begin()
    else timer ??= setTimer(begin, flushDelayMs)
  }

  function begin(): void {
    timer?.cancel()
    timer = null
    if (running !== null || waiting.length === 0) return
    const startedAt = monotonic()
    running = flush(db, takeBatch()).finally(() => {
      running = null
      writtenLoad = NO_LOAD
      lastFlushMs = monotonic() - startedAt
      // Events that are waiting now have already waited while the flush ran: write them without further delay.
      begin()
    })
  }

  function takeBatch(): Waiting[] {
    const size = new FlushSize(limits)
    const end = waiting.findIndex(({ tenant, events }) => !size.add(tenant, events))
    const batch = end === -1 ? waiting : waiting.slice(0, end)
    waiting = end === -1 ? [] : waiting.slice(end)
    writtenLoad = loadOf(batch)
    waitingLoad = loadOf(waiting)
    return batch
  }

  function overloaded(given: number): OverloadedError {
    const flushes = Math.ceil(waitingLoad.events / flushMaxEvents) + 1
    const retryAfterMs = Math.round(Math.min(Math.max(flushes * lastFlushMs, MIN_RETRY_MS), MAX_RETRY_MS))
    const pending = waitingLoad.events + writtenLoad.events
    return new OverloadedError(
      `Expected room for ${given} more events, but ${pending} wait to be written already: send the same events again in ${retryAfterMs} ms, with the same ids.`,
      retryAfterMs,
    )
  }

  return {
    record(tenant, events) {
      if (draining)
        return Promise.reject(new GatewayError('UNAVAILABLE', 'The server is shutting down: send the same events to another server.'))
      if (events.length === 0) return Promise.resolve({ accepted: 0, duplicates: 0, rejected: [] })
      const given = loadOf([{ events }])
      const pendingBytes = waitingLoad.bytes + writtenLoad.bytes
      // If nothing else is waiting or being written, a call is always accepted. The limits on the size of a request also limit the memory
      // of the call.
      if (pendingBytes > 0 && pendingBytes + given.bytes > maxPendingBytes) return Promise.reject(overloaded(events.length))
      return new Promise((resolve, reject) => {
        waiting.push({ tenant, events, resolve, reject })
        waitingLoad = { events: waitingLoad.events + given.events, bytes: waitingLoad.bytes + given.bytes }
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

function loadOf(calls: readonly Pick<Waiting, 'events'>[]): Load {
  const events = calls.reduce((sum, call) => sum + call.events.length, 0)
  return { events, bytes: calls.length * CALL_BYTES + events * EVENT_BYTES }
}

/** Writes a batch of waiting events. The promise never rejects: each caller of `record` gets the outcome of its own events. */
async function flush(db: Kysely<Database>, batch: readonly Waiting[]): Promise<void> {
  try {
    await write(db, batch)
  } catch (error) {
    // A bad event of one caller must not fail the events of other callers, so the events of each caller are written again, in a statement
    // of their own. If the first attempt failed because a campaign was deleted meanwhile, the second attempt sees that the campaign is
    // gone. If the database does not answer, there is no second attempt.
    if (isUnavailable(error) || error instanceof GatewayError) return rejectAll(batch, forSenders(error))
    for (const caller of batch) await write(db, [caller]).catch((failure: unknown) => caller.reject(forSenders(failure)))
  }
}

/**
 * Returns the error for the senders of events. If it is unknown whether the commit succeeded, the error tells the senders to send the same
 * events again. No event is then stored twice, because each event has an id.
 */
function forSenders(error: unknown): unknown {
  if (!(error instanceof CommitOutcomeUnknown)) return error
  return new GatewayError(
    'UNAVAILABLE',
    'The database did not say whether the events were stored: send the same events again, with the same ids.',
    { cause: error },
  )
}

function rejectAll(batch: readonly Waiting[], error: unknown): void {
  for (const caller of batch) caller.reject(error)
}

async function write(db: Kysely<Database>, batch: readonly Waiting[]): Promise<void> {
  const { campaigns, domains, stored } = await inTransaction(db, (transaction) => insertEvents(transaction, batch), {
    attempts: 3,
    cause: 'mutation trackEvents',
  })
  for (const { tenant, events, resolve } of batch) {
    let accepted = 0
    const rejected: RejectedEvent[] = []
    for (const [position, event] of events.entries()) {
      if (!campaigns.has(campaignKey(tenant, event))) rejected.push({ position, missing: 'campaign' })
      else if (event.domainId !== null && !domains.has(domainKey(tenant, event))) rejected.push({ position, missing: 'domain' })
      // If two callers send the same event, the event counts as accepted for the first caller and as a duplicate for the second.
      else if (stored.delete(eventKey(tenant, event))) accepted++
    }
    resolve({ accepted, duplicates: events.length - accepted - rejected.length, rejected })
  }
}

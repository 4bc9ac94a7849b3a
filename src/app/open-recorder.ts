import { systemEnv } from '../engine/cache/index.ts'
import { createEventRecorder } from '../market/modules/analytics/event-recorder.ts'
import type { MarketDatabase } from '../market/tables/database.ts'

/** Maximum number of analytics events that one commit stores. */
const FLUSH_MAX_EVENTS = 5000
/** Maximum time that an analytics event waits for other events that share its commit, ms. */
const FLUSH_DELAY_MS = 5
/** Maximum estimated memory of the analytics events that are not stored yet, with the requests that sent them, bytes. */
const PENDING_EVENT_BYTES = 24 * 2 ** 20

/** Creates the recorder that stores analytics events in shared commits. */
export function openRecorder({ db }: MarketDatabase) {
  return createEventRecorder({
    db,
    ...systemEnv,
    flushMaxEvents: FLUSH_MAX_EVENTS,
    flushDelayMs: FLUSH_DELAY_MS,
    maxPendingBytes: PENDING_EVENT_BYTES,
  })
}

import type { Coherence } from '../log/coherence.ts'
import type { Entry } from '../model/entry.ts'
import { ownLifeMs } from '../model/lifetime.ts'
import type { Layer, Outcome } from '../model/read.ts'
import type { Absence } from './absence.ts'
import type { Filler } from './filler.ts'
import type { ReadParams } from './read-params.ts'

/** An entry that answers a request. `reason`: why it is stale, or why it is being reloaded in the background. */
export interface Answered {
  readonly entry: Entry
  readonly layer: Layer
  readonly reason?: string | undefined
}

interface OutcomeTools {
  readonly coherence: Coherence
  readonly filler: Filler
}

/** Describes how a request was answered, for the observer of the read. @param absence Cause of the miss; undefined for a hit. */
export function outcomeOf<Value>(
  { entry, layer, reason }: Answered,
  absence: Absence | undefined,
  params: ReadParams<Value>,
  { coherence, filler }: OutcomeTools,
): Outcome {
  return {
    layer,
    costMs: entry.costMs,
    ageMs: Math.max(0, coherence.now() - entry.loadedAt),
    ttlMs: layer === 'stale' || !params.coherent ? 0 : Math.max(0, filler.remainingMs(params.policy, entry)),
    until: entry.until,
    tags: entry.tags,
    stamp: entry.stamp,
    ...(reason === undefined ? {} : { reason }),
    ...(absence ? { cause: absence.cause } : {}),
    ...(absence?.voidedBy ? { voidedBy: absence.voidedBy } : {}),
    ...(layer === 'stale' ? { staleSince: staleSince(entry, params, coherence) } : {}),
  }
}

/**
 * Returns the time since which a stale copy may be outdated, Unix epoch ms: its expiry or the last read of the log, whichever was earlier.
 */
function staleSince<Value>(entry: Entry, { policy, coherent }: ReadParams<Value>, coherence: Coherence): number {
  const now = coherence.now()
  const endsAt = Math.min(now, entry.loadedAt + (ownLifeMs(entry, policy) ?? (policy.l1Ms || policy.l2Ms)))
  return coherent ? endsAt : Math.min(endsAt, now - coherence.lagMs)
}

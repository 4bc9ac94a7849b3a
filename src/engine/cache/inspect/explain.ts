import type { Coherence } from '../log/coherence.ts'
import type { MemoryTier } from '../memory/memory-tier.ts'
import type { Entry } from '../model/entry.ts'
import type { Env } from '../model/env.ts'
import type { Voiding } from '../model/miss.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { CacheRequest } from '../model/read.ts'
import type { Filler } from '../read/filler.ts'
import type { Reader } from '../read/reader.ts'
import type { SharedTier } from '../shared/shared-tier.ts'

/** One cached copy of a value, and whether it would be served now to a reader without a consistency token. */
export interface CopyExplanation {
  readonly tags: readonly string[]
  readonly epoch: string
  /** Position of the invalidation log up to which the copy is known to be valid. */
  readonly stamp: number
  readonly ageMs: number
  /** Remaining TTL, ms, without regard to invalidations; negative for an expired entry. */
  readonly freshMs: number
  readonly costMs: number
  readonly isServed: boolean
  readonly because: string
  /** The invalidation that voided the copy; undefined if the copy is not void, or if a new epoch or a full reset voided it. */
  readonly voidedBy?: Voiding
}

/** Explanation of a cache key: where a value is cached, and what a reader would get now. The value itself is not included. */
export interface Explanation {
  readonly key: string
  readonly epoch: string
  readonly clock: number
  /** Age of the newest sync of the invalidation log, ms; Infinity if the syncs may have missed a write of this instance. */
  readonly lagMs: number
  readonly hasLease: boolean
  readonly memory: CopyExplanation | undefined
  readonly shared: CopyExplanation | undefined
  /**
   * The load in flight for this key; undefined if there is none. `stamp` is the log position at the start of the load. `forMs` is the
   * duration of the load so far, ms.
   */
  readonly loading: { readonly stamp: number | undefined; readonly forMs: number | undefined } | undefined
}

export interface ExplainTools {
  readonly env: Env
  readonly coherence: Coherence
  readonly memory: MemoryTier
  readonly shared: SharedTier | undefined
  readonly filler: Filler
  readonly reader: Reader
}

interface Copy {
  readonly entry: Entry
  readonly freshMs: number
}

/** Reads both tiers of the cache, without storing or invalidating anything, and explains the copies of the key. */
export async function explain(request: CacheRequest, policy: CachePolicy, tools: ExplainTools): Promise<Explanation> {
  const { env, coherence, reader } = tools
  const describe = ({ entry, freshMs }: Copy): CopyExplanation => {
    const { tags, epoch, stamp, costMs } = entry
    return {
      tags,
      epoch,
      stamp,
      costMs,
      ageMs: coherence.now() - entry.loadedAt,
      freshMs,
      ...judge(request.key.text, { entry, freshMs }, policy, tools),
    }
  }
  const { memory, shared } = await copiesOf(request, policy, tools)
  const flight = reader.flight(request.key.text)
  return {
    key: request.key.text,
    epoch: coherence.epoch,
    clock: coherence.clock,
    lagMs: coherence.lagMs,
    hasLease: coherence.hasLease,
    memory: memory && describe(memory),
    shared: shared && describe(shared),
    loading: flight && {
      stamp: flight.departure?.stamp,
      forMs: flight.departure && env.monotonic() - flight.departure.startedAt,
    },
  }
}

async function copiesOf({ key }: CacheRequest, policy: CachePolicy, { env, coherence, memory, shared, filler }: ExplainTools) {
  const [stored] = (await shared?.getMany([key.text], coherence.epoch)) ?? []
  const held = memory.peek(key.text)
  const entry = stored && { ...stored, slots: coherence.slots([...stored.tags, key.text]) }
  return {
    memory: held && { entry: held.entry, freshMs: filler.freshUntil(held, policy) - env.monotonic() },
    shared: entry && { entry, freshMs: filler.remainingMs(policy, entry) },
  }
}

function judge(key: string, { entry, freshMs }: Copy, policy: CachePolicy, { coherence }: ExplainTools) {
  const refused = (because: string, voidedBy?: Voiding) => ({ isServed: false, because, ...(voidedBy ? { voidedBy } : {}) })
  if (entry.epoch !== coherence.epoch) return refused('it was loaded in another epoch: the database timeline changed (failover or restore)')
  if (entry.stamp > coherence.clock)
    return refused('its stamp is beyond the log position that this instance has applied: a reader first waits for a sync')
  if (!coherence.isCurrent(entry.epoch, entry.stamp, entry.slots)) {
    const voidedBy = coherence.sketch.voiding([...entry.tags, key], entry.slots, entry.stamp)
    if (!voidedBy) return refused('its stamp is before the oldest log position that is known')
    return refused(`its tag ${voidedBy.tag} was invalidated after its stamp, at log position ${voidedBy.seq}`, voidedBy)
  }
  if (entry.until <= coherence.now()) return refused('its value changed without a write, at a time that was known when it was loaded')
  if (!coherence.hasLease)
    return refused('this instance has not read the log within the staleness bound: a reader first waits for a sync of the log')
  if (freshMs > 0) return { isServed: true, because: 'nothing invalidated it and its TTL has not expired' }
  if (freshMs + policy.staleWhileRevalidateMs > 0)
    return { isServed: true, because: 'nothing invalidated it; it has expired and is reloaded in the background' }
  return refused('its TTL has expired')
}

import type { Coherence } from '../log/coherence.ts'
import type { MemoryTier } from '../memory/memory-tier.ts'
import type { Entry } from '../model/entry.ts'
import type { MissCause } from '../model/miss.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { CacheRequest } from '../model/read.ts'
import { completeTags } from '../model/tags.ts'
import { type Absence, BYPASSED } from './absence.ts'
import type { Flight, Landing } from './flight.ts'
import type { ReadParams } from './read-params.ts'

export interface AbsenceJudgeOptions {
  readonly coherence: Coherence
  readonly memory: MemoryTier
  /** Returns the remaining time to live of an entry in both tiers, ms. */
  readonly remainingMs: (policy: CachePolicy, entry: Entry) => number
  /** Whether there is a shared tier. */
  readonly isShared: boolean
}

const COLD: Absence = { cause: 'cold' }
const SHED: Absence = { cause: 'shed' }
const NOT_CACHEABLE: Absence = { cause: 'not cacheable' }

/**
 * Finds the causes of misses. If several causes apply, the one counts that a larger or longer-lived cache would not avoid: `invalidated`
 * before `expired` before `evicted` before `cold`. Nothing is computed for a hit.
 */
export class AbsenceJudge {
  readonly #options: AbsenceJudgeOptions

  constructor(options: AbsenceJudgeOptions) {
    this.#options = options
  }

  /** Returns the cause of a miss as far as it is known when the read finds no usable copy in this process. */
  at<Value>({ key, tags }: CacheRequest, { refresh, coherent, policy }: ReadParams<Value>): Absence {
    if (refresh || !coherent) return BYPASSED
    const { coherence, memory } = this.#options
    const held = memory.peek(key.text)
    if (held) return this.#ofCopy(held.entry, key.text, policy)
    const seen = memory.seen.find(key.text)
    if (!seen) return COLD
    if (seen.isReset) return { cause: 'invalidated' }
    const named = [...completeTags(tags), key.text]
    const voidedBy = coherence.sketch.voiding(named, coherence.slots(named), seen.stamp)
    if (voidedBy) return { cause: 'invalidated', voidedBy }
    return { cause: seen.endsAt <= coherence.now() ? 'expired' : 'evicted', lost: { stamp: seen.stamp, clock: coherence.clock } }
  }

  /**
   * Returns the cause of a miss once its load has ended. Now it is known whether the load was dropped, what the shared tier had, whether the
   * value could be stored, and all tags of the value.
   */
  after(absence: Absence, key: string, flight: Flight, landing: Landing): Absence {
    if ('error' in landing && landing.isShed) return SHED
    if (absence.cause === 'bypassed') return absence
    if (flight.isUnstorable) return NOT_CACHEABLE
    const found = rank(flight.refused) > rank(absence) ? (flight.refused as Absence) : absence
    if (!absence.lost || found.cause === 'invalidated' || 'error' in landing) return found
    const { tags, slots } = landing.entry
    const voidedBy = this.#options.coherence.sketch.voiding([...tags, key], slots, absence.lost.stamp)
    // An invalidation after the read began voided the load, not the copy that the read did not find.
    return voidedBy && voidedBy.seq <= absence.lost.clock ? { cause: 'invalidated', voidedBy } : found
  }

  #ofCopy(entry: Entry, key: string, policy: CachePolicy): Absence {
    const { coherence, isShared, remainingMs } = this.#options
    if (!coherence.isCurrent(entry.epoch, entry.stamp, entry.slots))
      return { cause: 'invalidated', voidedBy: coherence.sketch.voiding([...entry.tags, key], entry.slots, entry.stamp), voided: entry }
    const isLost = isShared && policy.l2Ms > 0 && entry.until > coherence.now() && remainingMs(policy, entry) > 0
    return { cause: isLost ? 'evicted' : 'expired' }
  }
}

const RANKS: readonly MissCause[] = ['cold', 'evicted', 'expired', 'invalidated']

function rank(absence: Absence | undefined): number {
  return absence ? RANKS.indexOf(absence.cause) : -1
}

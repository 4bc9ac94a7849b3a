import type { Coherence } from '../log/coherence.ts'
import { deepFreeze, type Entry } from '../model/entry.ts'
import type { ProtocolStep } from '../model/protocol-step.ts'
import type { StoredEntry } from '../shared/entry-codec.ts'
import type { SharedTier } from '../shared/shared-tier.ts'
import type { Absence } from './absence.ts'

export interface SharedCopiesOptions {
  readonly coherence: Coherence
  readonly shared: SharedTier | undefined
  readonly omit: ReadonlySet<ProtocolStep>
}

/** Copy of a key in the shared tier; neither `entry` nor `refused` if there is none. */
export interface SharedCopy {
  /** The entry, if it may be served now as far as invalidations are concerned. Its TTL may have ended. */
  readonly entry?: Entry
  /** Why the entry must not be served. */
  readonly refused?: Absence
}

/** Largest tolerated clock difference between instances, ms. Synchronized clocks differ by less. */
const MAX_CLOCK_SKEW_MS = 1000
const NONE: SharedCopy = {}

/** Reads entries from the shared tier, and checks them against the invalidation log. */
export class SharedCopies {
  readonly #options: SharedCopiesOptions

  constructor(options: SharedCopiesOptions) {
    this.#options = options
  }

  /** Returns the copies in the order of `keys`. @param check Step of the protocol that a test may omit. */
  async getMany(keys: readonly string[], check: ProtocolStep): Promise<readonly SharedCopy[]> {
    const { shared, omit, coherence } = this.#options
    if (!shared) return keys.map(() => NONE)
    const found = await shared.getMany(keys, coherence.epoch)
    const isTrusted = (await this.#reachStamps(found)) || (check === 'copied entries checked' && omit.has(check))
    return keys.map((key, index) => {
      const stored = isTrusted ? found[index] : undefined
      return stored ? this.#checked(key, stored, check) : NONE
    })
  }

  /**
   * Waits until this instance has applied the log up to the stamps (log positions) of the entries. A stamp above the applied position has
   * one of two causes: another instance has applied more rows, or the log was restored to an earlier state. A barrier (a new sync of the
   * log) shows which cause applies. Returns false if the entries cannot be trusted.
   */
  async #reachStamps(found: readonly (StoredEntry | undefined)[]): Promise<boolean> {
    const { coherence } = this.#options
    const ahead = found.find((stored) => stored && stored.epoch === coherence.epoch && stored.stamp > coherence.clock)
    try {
      if (ahead) await coherence.reach({ epoch: ahead.epoch, clock: ahead.stamp })
      return coherence.hasLease
    } catch {
      return false
    }
  }

  #checked(key: string, stored: StoredEntry, check: ProtocolStep): SharedCopy {
    const { coherence, omit } = this.#options
    const { value, tags, epoch, stamp, loadedAt, until, ttlMs, costMs } = stored
    const named = [...tags, key]
    // The key counts as one more tag, so that a single value can be invalidated by its key.
    const slots = coherence.slots(named)
    const entry = { value, tags, slots, epoch, stamp, loadedAt, until, ttlMs, costMs }
    if (!coherence.isCurrent(epoch, stamp, slots) && !omit.has(check)) {
      const voidedBy = epoch === coherence.epoch ? coherence.sketch.voiding(named, slots, stamp) : undefined
      return { refused: { cause: 'invalidated', voidedBy, voided: entry } }
    }
    const now = coherence.now()
    // The clock of the instance that stored the entry may be ahead. A value that depends on the time could then show a state that is still
    // in the future.
    const isFromFuture = loadedAt > now + MAX_CLOCK_SKEW_MS && !omit.has('entries from the future')
    if (until <= now || isFromFuture) return { refused: { cause: 'expired' } }
    return { entry: { ...entry, value: deepFreeze(value), stamp: Math.max(stamp, coherence.clock) } }
  }
}

import type { MemoryEntry } from '../memory/memory-tier.ts'
import type { Entry } from '../model/entry.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { SharedTier } from '../shared/shared-tier.ts'
import type { Flight } from './flight.ts'

export interface SharedWritesOptions {
  readonly shared: SharedTier | undefined
  /** Returns the remaining time to live of an entry, ms; 0 if the entry may not be cached. */
  readonly remainingMs: (policy: CachePolicy, entry: Entry) => number
}

/**
 * Decides which entries are written to the shared tier, and when. A composed value is written at second sight only: when a reader asks for
 * it again. Until then, another process makes it from its parts, which the shared tier has. So a value that is read once, or that is
 * invalidated before its second reader comes, costs no write.
 */
export class SharedWrites {
  readonly #options: SharedWritesOptions

  constructor(options: SharedWritesOptions) {
    this.#options = options
  }

  /**
   * Whether the loaded value waits in the memory of this process until a reader asks for it again. A value without a copy in memory does not
   * wait, because it would then not be cached at all. Neither does a value that several readers wait for.
   */
  mustWait({ composed, l1Ms }: CachePolicy, flight: Flight): boolean {
    return composed === true && l1Ms > 0 && flight.isFirstSight && !flight.hasManyReaders
  }

  /** Writes entries that were just loaded. */
  write(entries: readonly { readonly key: string; readonly entry: Entry; readonly policy: CachePolicy }[]): void {
    const { shared } = this.#options
    if (!shared) return
    const kept = entries.flatMap(({ key, entry, policy }) => {
      const remaining = this.#options.remainingMs(policy, entry)
      if (policy.l2Ms === 0 || remaining <= 0) return []
      const ttlMs = remaining + (entry.until === Number.POSITIVE_INFINITY ? policy.staleIfErrorMs : 0)
      return [{ key, entry: { ...entry }, ttlMs }]
    })
    void shared.setMany(kept)
  }

  /** Writes an entry that waited in memory, because a reader has asked for it again. */
  writeAtSecondSight(key: string, held: MemoryEntry): void {
    held.waitsForSecondSight = false
    this.write([{ key, entry: held.entry, policy: held.policy }])
  }
}

import type { Coherence } from '../log/coherence.ts'
import type { MemoryEntry } from '../memory/memory-tier.ts'
import type { Entry } from '../model/entry.ts'
import type { Env } from '../model/env.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { SharedTier } from '../shared/shared-tier.ts'
import type { Flight } from './flight.ts'

export interface SharedWritesOptions {
  readonly env: Env
  readonly coherence: Coherence
  readonly shared: SharedTier | undefined
  /** Returns the remaining time to live of an entry, ms; 0 if the entry may not be cached. */
  readonly remainingMs: (policy: CachePolicy, entry: Entry) => number
}

interface Waiting {
  readonly key: string
  readonly entry: Entry
  readonly policy: CachePolicy
  /** Generation of the cache's contents (see Coherence) to which the entry belongs. */
  readonly generation: number
}

/**
 * Maximum number of entries that wait to be written. When it is reached, they are written immediately. Encoding a small entry takes about
 * 20 us, and no request is answered meanwhile.
 */
const MAX_WAITING = 64

/**
 * Decides which entries are written to the shared tier, and when.
 *
 * A composed value is written at second sight only: when a reader asks for it again. Until then, another process makes it from its parts,
 * which the shared tier usually has. So a value that is read once, or that is invalidated before its second reader comes, costs no write. A value
 * that was itself composed of copies is not written: the process that loaded its parts writes it, and no other one. Any other value is written when
 * it is loaded, unless values of its policy are hardly ever found in the shared tier (see FirstSights).
 *
 * Entries are encoded and written in a later turn of the event loop, all of one turn together, so that answers do not wait for that,
 * unless MAX_WAITING entries wait. An entry that was invalidated meanwhile is dropped.
 */
export class SharedWrites {
  readonly #options: SharedWritesOptions
  #waiting: Waiting[] = []
  /** Keys whose turns (see SharedTurns) end with the next write. */
  #endingTurns: string[] = []

  constructor(options: SharedWritesOptions) {
    this.#options = options
  }

  /**
   * Returns when a loaded value is written. A value without a copy in memory is written now, because it would otherwise not be cached at all.
   * So is one that several readers or other processes wait for, or of which an earlier copy expired or was evicted.
   */
  dueTime({ composed, l1Ms }: CachePolicy, flight: Flight): 'now' | 'second sight' | 'never' {
    if (l1Ms === 0 || flight.readers > 1 || flight.hasTurn || !(composed ? flight.isFirstSight : flight.skipsSharedTier)) return 'now'
    return flight.isFromCopies ? 'never' : 'second sight'
  }

  /** Writes an entry in a later turn of the event loop. */
  write(key: string, entry: Entry, policy: CachePolicy): void {
    const { coherence, shared } = this.#options
    if (!shared || policy.l2Ms === 0) return
    this.#flushLater()
    this.#waiting.push({ key, entry, policy, generation: coherence.generation })
    if (this.#waiting.length >= MAX_WAITING) void this.flush()
  }

  /** Writes an entry that waited in memory, because a reader has asked for it again. */
  writeAtSecondSight(key: string, held: MemoryEntry): void {
    held.waitsForSecondSight = false
    this.write(key, held.entry, held.policy)
  }

  /** Lets another process load the keys, after the entries that wait have been written. */
  endTurns(keys: readonly string[]): void {
    this.#flushLater()
    this.#endingTurns.push(...keys)
  }

  /** Encodes and writes the entries that wait, except those that must not be served any more. Never rejects. */
  async flush(): Promise<void> {
    const { coherence, shared, remainingMs } = this.#options
    const waiting = this.#waiting
    const endingTurns = this.#endingTurns
    this.#waiting = []
    this.#endingTurns = []
    const current = waiting.flatMap(({ key, entry, policy, generation }) => {
      const remaining = remainingMs(policy, entry)
      const { epoch, stamp, slots, until } = entry
      if (remaining <= 0 || generation !== coherence.generation || !coherence.isCurrent(epoch, stamp, slots)) return []
      return [{ key, entry, ttlMs: remaining + (until === Number.POSITIVE_INFINITY ? policy.staleIfErrorMs : 0) }]
    })
    await shared?.setMany(current)
    if (endingTurns.length > 0) await shared?.endClaims(endingTurns)
  }

  #flushLater(): void {
    if (this.#waiting.length === 0 && this.#endingTurns.length === 0) this.#options.env.defer(() => void this.flush())
  }
}

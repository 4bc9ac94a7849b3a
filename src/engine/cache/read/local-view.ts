import type { Coherence } from '../log/coherence.ts'
import type { MemoryEntry, MemoryTier } from '../memory/memory-tier.ts'
import type { Entry } from '../model/entry.ts'
import type { CacheKey } from '../model/key.ts'
import type { MissCause } from '../model/miss.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { SharedWrites } from './shared-writes.ts'

/**
 * View of the entries cached in this process at one moment, for synchronous lookups. It reads the clock only once, so it must not be used
 * after the caller's next `await`.
 */
export class LocalView {
  readonly #memory: MemoryTier
  readonly #coherence: Coherence
  readonly #writes: SharedWrites
  /** Time of the monotonic clock when the view was opened, ms. */
  readonly monotonic: number
  /** Time when the view was opened, by the clock of the log's database, Unix epoch ms. */
  readonly now: number

  constructor(memory: MemoryTier, coherence: Coherence, writes: SharedWrites, monotonic: number) {
    this.#memory = memory
    this.#coherence = coherence
    this.#writes = writes
    this.monotonic = monotonic
    this.now = coherence.now(monotonic)
  }

  /**
   * Returns the value if a fresh copy is cached in this process; undefined if the caller must read with `get` or `getMany` of the cache
   * instead.
   * @param policy If given, only a copy that was stored with this policy is returned. It may be omitted if the key is only ever stored with
   * one policy.
   */
  getIfPresent<Value>(key: CacheKey, policy?: CachePolicy): Value | undefined {
    // All values that are cached under one key have the same type, so this value has the type Value.
    return this.fresh(key, policy)?.value as Value | undefined
  }

  /** Returns the entry whose value {@link getIfPresent} returns. */
  fresh(key: CacheKey, policy?: CachePolicy): Entry | undefined {
    const held = this.current(key.text)
    if (held === undefined || (policy !== undefined && held.policy !== policy) || held.freshUntil <= this.monotonic) return undefined
    return this.serve(key.text, held)
  }

  /** Returns the entry of a copy that {@link current} returned, and records for the simulations that a reader got it. */
  serve(key: string, held: MemoryEntry): Entry {
    this.#memory.served(key, held, this.monotonic)
    return held.entry
  }

  /** Records for the simulations that a reader found no copy, see {@link MemoryTier.missed}. */
  missed(key: string, cause: MissCause): void {
    this.#memory.missed(key, cause)
  }

  /** Returns the cached copy of a key, unless it was invalidated or changed without a write (`until`). The copy may have expired. */
  current(key: string): MemoryEntry | undefined {
    const held = this.#memory.get(key)
    if (held === undefined) return undefined
    const { entry } = held
    const coherence = this.#coherence
    if (entry.until <= this.now || !coherence.isCurrent(entry.epoch, entry.stamp, entry.slots)) return undefined
    if (entry.stamp < coherence.clock) entry.stamp = coherence.clock
    if (held.waitsForSecondSight) this.#writes.writeAtSecondSight(key, held)
    return held
  }
}

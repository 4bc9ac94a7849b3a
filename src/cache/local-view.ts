import type { Coherence } from './coherence.ts'
import type { CacheKey } from './key.ts'
import type { MemoryEntry, MemoryTier } from './memory-tier.ts'

/**
 * This process's copies at one moment, for lookups without a promise. The clock is read once, so a view serves the synchronous
 * section in which it was opened and is not kept beyond it.
 */
export class LocalView {
  readonly #memory: MemoryTier
  readonly #coherence: Coherence
  /** The moment, on the clock that never goes back, ms. */
  readonly monotonic: number
  /** The moment by the log's database, Unix epoch ms. */
  readonly now: number

  constructor(memory: MemoryTier, coherence: Coherence, monotonic: number) {
    this.#memory = memory
    this.#coherence = coherence
    this.monotonic = monotonic
    this.now = coherence.now(monotonic)
  }

  /** The value, where a copy may be served as it is; undefined where it takes a read to know. */
  getIfPresent<Value>(key: CacheKey): Value | undefined {
    const held = this.current(key.text)
    // The key identifies what was loaded, so what is kept under it is a Value.
    return held !== undefined && held.freshUntil > this.monotonic ? (held.entry.value as Value) : undefined
  }

  /** The copy that nothing invalidated, though its time may have run out. */
  current(key: string): MemoryEntry | undefined {
    const held = this.#memory.get(key)
    if (held === undefined) return undefined
    const { entry } = held
    const coherence = this.#coherence
    if (entry.until <= this.now || !coherence.isCurrent(entry.epoch, entry.stamp, entry.slots)) return undefined
    if (entry.stamp < coherence.clock) entry.stamp = coherence.clock
    return held
  }
}

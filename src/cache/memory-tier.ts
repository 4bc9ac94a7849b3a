import { LRUCache } from 'lru-cache'
import { type Entry, sizeOf } from './entry.ts'
import type { Env } from './env.ts'

export interface MemoryEntry {
  readonly entry: Entry
  /** Monotonic clock until which the copy is served as it is, ms. */
  readonly freshUntil: number
}

/** The tier in this process: bounded in bytes, least recently used goes first. */
export class MemoryTier {
  readonly #env: Env
  readonly #entries: LRUCache<string, MemoryEntry>

  /** @param maxBytes Upper bound of the estimated size of all values, keys and tags. */
  constructor(env: Env, maxBytes: number, onEvict: () => void) {
    this.#env = env
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      ttl: Number.MAX_SAFE_INTEGER,
      ttlResolution: 0,
      perf: { now: () => env.monotonic() },
      sizeCalculation: ({ entry }, key) => 200 + key.length * 2 + sizeOf(entry.value) + sizeOf(entry.tags) + entry.slots.byteLength,
      dispose: (_value, _key, reason) => {
        if (reason === 'evict') onEvict()
      },
    })
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#entries.calculatedSize
  }

  get(key: string): MemoryEntry | undefined {
    return this.#entries.get(key)
  }

  /**
   * Keeps an entry, unless the one that is there was loaded at a later clock.
   * @param freshMs How long it is served as it is.
   * @param keptMs How long it is kept at all, for a background refresh or for when the database is gone.
   */
  set(key: string, entry: Entry, freshMs: number, keptMs: number): void {
    const held = this.#entries.get(key)
    if (held && held.entry.epoch === entry.epoch && held.entry.stamp > entry.stamp) return
    this.#entries.set(key, { entry, freshUntil: this.#env.monotonic() + freshMs }, { ttl: Math.max(1, keptMs) })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }
}

import { BoundedCache } from './bounded-cache.ts'
import { type Entry, sizeOf } from './entry.ts'
import type { Env } from './env.ts'

export interface MemoryEntry {
  readonly entry: Entry
  /** Monotonic clock until which the copy is served as it is, ms. */
  readonly freshUntil: number
}

export interface MemoryTierOptions {
  readonly env: Env
  /** Upper bound of the estimated size of all values, keys and tags. */
  readonly maxBytes: number
  /** The part of it that a tenant keeps when others want it, 0 to 1. Default 0.5. */
  readonly tenantQuota?: number
  /** Called for each entry that leaves for lack of room. */
  readonly onEvict: () => void
}

interface Kept extends MemoryEntry {
  /** Monotonic clock from which nobody has a use for the copy, ms. */
  readonly keptUntil: number
}

/** What an entry takes besides its value, key, tags and slots, bytes: measured. */
const BYTES_PER_ENTRY = 650

/**
 * The tier in this process: bounded in bytes. Entries that are used often or lately stay, a scan does not push them out, and a
 * tenant does not push out all others (see BoundedCache). A copy whose time has run out is still given, for a background refresh
 * or for when the database is gone, but is the first to leave; who gets it compares the times.
 */
export class MemoryTier {
  readonly #env: Env
  readonly #entries: BoundedCache<Kept>

  /** @throws RangeError for a bound of less than a byte or a quota outside 0 to 1. */
  constructor({ env, maxBytes, tenantQuota = 0.5, onEvict }: MemoryTierOptions) {
    if (!(maxBytes >= 1)) throw new RangeError(`The memory tier needs at least a byte, got ${maxBytes}.`)
    if (!(tenantQuota >= 0 && tenantQuota <= 1)) throw new RangeError(`A tenant's quota must be from 0 to 1, got ${tenantQuota}.`)
    this.#env = env
    this.#entries = new BoundedCache({
      env,
      maxWeight: maxBytes,
      tenantQuota,
      isExpired: ({ keptUntil }) => keptUntil <= env.monotonic(),
      onEvict,
    })
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#entries.weight
  }

  /** Tenants that hold anything. */
  get tenants(): number {
    return this.#entries.tenants
  }

  /** The bytes of what a tenant holds. */
  bytesOf(tenant: string): number {
    return this.#entries.weightOf(tenant)
  }

  get(key: string): MemoryEntry | undefined {
    return this.#entries.get(key)
  }

  /**
   * Keeps an entry, unless the one that is there was loaded at a later clock, or it takes more than there is in all, or what would
   * have to leave for it is worth more.
   * @param freshMs How long it is served as it is.
   * @param keptMs How long it is kept at all, for a background refresh or for when the database is gone.
   */
  set(key: string, entry: Entry, freshMs: number, keptMs: number): void {
    const held = this.#entries.peek(key)?.entry
    if (held !== undefined && held.epoch === entry.epoch && held.stamp > entry.stamp) return
    const now = this.#env.monotonic()
    const bytes = BYTES_PER_ENTRY + key.length * 2 + sizeOf(entry.value) + sizeOf(entry.tags) + entry.slots.byteLength
    this.#entries.set(key, { entry, freshUntil: now + freshMs, keptUntil: now + Math.max(1, keptMs) }, bytes)
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }
}

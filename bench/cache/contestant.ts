import type { InvalidationLog } from '../../src/cache/index.ts'

/** How a cache is to be set up. A contestant that lacks what a term asks for says so in its {@link Contestant.has}. */
export interface Terms {
  /** Which tiers there are: this process's memory, Redis, or both. */
  readonly tiers: 'both' | 'memory' | 'redis'
  readonly redisUrl: string
  /** Put before every key in Redis, so that contestants and turns do not see each other's entries. */
  readonly prefix: string
  /** How long an entry is served as it is, ms. */
  readonly ttlMs: number
  /** How much longer it is served while it is loaded anew in the background, ms; 0: not at all. */
  readonly staleMs: number
  /** How long before its end it is loaded anew in the background, ms; 0: not at all. */
  readonly refreshAheadMs: number
  /** The number of entries that memory must hold. */
  readonly capacity: number
  /** The tag that every entry carries, for what is measured with tags; without it entries are invalidated by their key. */
  readonly tag?: string
  /** Whether instances tell each other of invalidations. */
  readonly bus: boolean
  /** What instances of Tidegate share besides Redis; of no concern to others. */
  readonly log: InvalidationLog
  readonly load: (id: number) => Promise<unknown>
  readonly loadMany: (ids: readonly number[]) => Promise<readonly unknown[]>
}

/** One instance of a cache. */
export interface OpenCache {
  /** Read-through: what is missing is loaded. */
  get(id: number): Promise<unknown>
  /** The same for many ids, in their order, loaded in one call where they are missing. */
  getMany?(ids: readonly number[]): Promise<readonly unknown[]>
  /** Many ids from the cache alone, for those that have a read of many but no load of many. */
  lookUpMany?(ids: readonly number[]): Promise<readonly unknown[]>
  /** One promiseless pass over ids that are in memory; returns how many were found. */
  countPresent?(ids: readonly number[]): number
  /** Resolves when the entry is invalid, as far as the contestant promises that. */
  invalidate(id: number): Promise<void>
  invalidateTag?(tag: string): Promise<void>
  /** Empties the memory, for those that cannot be opened without one. */
  forgetMemory?(): Promise<void>
  close(): Promise<void>
}

/** A cache under comparison. */
export interface Contestant {
  readonly name: string
  /** The name of the feature, where there is one. */
  readonly has: { readonly staleWhileRevalidate?: string; readonly refreshAhead?: string; readonly secondTier: boolean }
  open(terms: Terms): Promise<OpenCache>
}

const KEPT_KEYS = 10_000

/**
 * The keys of ids, each built once: what a caller does to build a key is no part of what is measured. Of ids from 10,000 on they
 * are built anew each time, so that they are not taken for what a cache keeps.
 */
export function keysOf<Key>(build: (id: number) => Key): (id: number) => Key {
  const keys: Key[] = []
  return (id) => {
    if (id >= KEPT_KEYS) return build(id)
    keys[id] ??= build(id)
    return keys[id]
  }
}

import type { InvalidationLog } from '#src/engine/cache/index.ts'

/** Setup of a cache for a measurement. {@link Contestant.has} lists the features that a contestant (a cache under comparison) supports. */
export interface Terms {
  /** Tiers to use: this process's memory, Redis, or both. */
  readonly tiers: 'both' | 'memory' | 'redis'
  readonly redisUrl: string
  /** Prefix of every key in Redis, so that a contestant does not find entries of another contestant or of an earlier measurement. */
  readonly prefix: string
  /** Time for which an entry of the cache is fresh, ms. */
  readonly ttlMs: number
  /** Additional time, ms, for which an expired entry is served while it is reloaded in the background; 0 turns this feature off. */
  readonly staleMs: number
  /** Time before expiry, ms, from which an entry is reloaded in the background; 0 turns this feature off. */
  readonly refreshAheadMs: number
  /** Number of entries that the memory tier must be able to hold. */
  readonly capacity: number
  /** Invalidation tag of every entry, in measurements with tags. Without a tag, entries are invalidated by key. */
  readonly tag?: string
  /** Whether instances notify each other of invalidations. */
  readonly bus: boolean
  /** Invalidation log that the instances of tidegate share in addition to Redis. All other caches ignore it. */
  readonly log: InvalidationLog
  readonly load: (id: number) => Promise<unknown>
  readonly loadMany: (ids: readonly number[]) => Promise<readonly unknown[]>
}

/** One instance of a cache under comparison. */
export interface OpenCache {
  /** Returns the value of an id; loads the value if it is not cached (read-through). */
  get(id: number): Promise<unknown>
  /** Returns the values of many ids, in the order of the ids. All values that are not cached are loaded in one call. */
  getMany?(ids: readonly number[]): Promise<readonly unknown[]>
  /**
   * Returns the values of many ids from the cache without loading any. This method is for contestants that can read many values in one
   * call, but cannot load many in one call.
   */
  lookUpMany?(ids: readonly number[]): Promise<readonly unknown[]>
  /** Looks up ids in the memory tier, synchronously. Returns the number of ids that were found. */
  countPresent?(ids: readonly number[]): number
  /** Invalidates the entry of an id. Resolves when the contestant reports that the invalidation is done. */
  invalidate(id: number): Promise<void>
  invalidateTag?(tag: string): Promise<void>
  /** Empties the memory tier, so that the next read goes to Redis. This method is for contestants that cannot run without a memory tier. */
  forgetMemory?(): Promise<void>
  close(): Promise<void>
}

/** A cache under comparison. */
export interface Contestant {
  readonly name: string
  /** Features that the contestant has, each with its name in the contestant's API. */
  readonly has: { readonly staleWhileRevalidate?: string; readonly refreshAhead?: string; readonly secondTier: boolean }
  open(terms: Terms): Promise<OpenCache>
}

const KEPT_KEYS = 10_000

/**
 * Returns a function that returns the key of an id. Keys of ids below 10,000 are built once and kept, so that the time for building keys is
 * not measured. Keys of other ids are built at each call, because kept keys would distort the measured memory of a cache.
 */
export function keysOf<Key>(build: (id: number) => Key): (id: number) => Key {
  const keys: Key[] = []
  return (id) => {
    if (id >= KEPT_KEYS) return build(id)
    keys[id] ??= build(id)
    return keys[id]
  }
}

import type { Contestant } from '../contestant.ts'
import { asyncCacheDedupe } from './async-cache-dedupe.ts'
import { bentocache, bentocacheByReference } from './bentocache.ts'
import { cacheManager } from './cache-manager.ts'
import { cacheable } from './cacheable.ts'
import { layeredLoader } from './layered-loader.ts'
import { ioredis, lruCache, lruCacheWithTtl } from './limits.ts'
import { tidegate } from './tidegate.ts'

/** All contestants, each used in the way that its documentation recommends. */
export const contestants: readonly Contestant[] = [tidegate, bentocache, cacheManager, cacheable, asyncCacheDedupe, layeredLoader]

/** Contestants that are measured in memory. The package lru-cache alone is among them, because the caches are compared with it. */
export const inMemory: readonly Contestant[] = [lruCache, lruCacheWithTtl, ...contestants, bentocacheByReference]

/** Contestants that are measured with Redis. The client ioredis alone is among them, because the caches are compared with it. */
export const inRedis: readonly Contestant[] = [ioredis, ...contestants]

/** Returns the contestant with that name. @throws RangeError if there is none. */
export function contestantNamed(name: string): Contestant {
  const found = [...inMemory, ...inRedis].find((contestant) => contestant.name === name)
  if (!found) throw new RangeError(`Expected the name of a cache under comparison, got "${name}".`)
  return found
}

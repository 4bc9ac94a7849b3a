import type { Contestant } from '../contestant.ts'
import { asyncCacheDedupe } from './async-cache-dedupe.ts'
import { bentocache, bentocacheByReference } from './bentocache.ts'
import { cacheManager } from './cache-manager.ts'
import { cacheable } from './cacheable.ts'
import { layeredLoader } from './layered-loader.ts'
import { ioredis, lruCache, lruCacheWithTtl } from './limits.ts'
import { tidegate } from './tidegate.ts'

/** Everybody, each in the way that its documentation recommends. */
export const contestants: readonly Contestant[] = [tidegate, bentocache, cacheManager, cacheable, asyncCacheDedupe, layeredLoader]

/** Who is measured in memory: the limits, everybody, and the faster way of one. */
export const inMemory: readonly Contestant[] = [lruCache, lruCacheWithTtl, ...contestants, bentocacheByReference]

/** Who is measured on Redis: the limit and everybody. */
export const inRedis: readonly Contestant[] = [ioredis, ...contestants]

/** @throws RangeError for a name that nobody has. */
export function contestantNamed(name: string): Contestant {
  const found = [...inMemory, ...inRedis].find((contestant) => contestant.name === name)
  if (!found) throw new RangeError(`There is no contestant ${name}.`)
  return found
}

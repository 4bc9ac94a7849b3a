import { loadPeer } from '../../peers/load-peer.ts'
import { type Contestant, keysOf, type OpenCache, type Terms } from '../contestant.ts'
import { type Keyv, memoryTier, redisTier } from './keyv.ts'

interface CacheManager {
  mget(keys: readonly string[]): Promise<readonly unknown[]>
  wrap(key: string, load: () => Promise<unknown>): Promise<unknown>
  del(key: string): Promise<boolean>
  disconnect(): Promise<void>
}

interface Exports {
  createCache(options: { readonly stores: readonly Keyv[]; readonly ttl: number; readonly refreshThreshold?: number }): CacheManager
}

export const cacheManager: Contestant = {
  name: 'cache-manager',
  has: { refreshAhead: 'refreshThreshold', secondTier: true },
  open: openCacheManager,
}

async function openCacheManager(terms: Terms): Promise<OpenCache> {
  const { createCache } = await loadPeer<Exports>('cache-manager')
  const stores: Keyv[] = []
  if (terms.tiers !== 'redis') stores.push(await memoryTier(terms))
  if (terms.tiers !== 'memory') stores.push(await redisTier(terms))
  const cache = createCache({
    stores,
    ttl: terms.ttlMs,
    ...(terms.refreshAheadMs > 0 && { refreshThreshold: terms.refreshAheadMs }),
  })
  const key = keysOf((id) => `thing:${id}`)
  return {
    get: (id) => cache.wrap(key(id), () => terms.load(id)),
    lookUpMany: (ids) => cache.mget(ids.map(key)),
    invalidate: async (id) => {
      await cache.del(key(id))
    },
    close: () => cache.disconnect(),
  }
}

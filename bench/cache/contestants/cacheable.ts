import { loadPeer } from '../../peers/load-peer.ts'
import { type Contestant, keysOf, type OpenCache, type Terms } from '../contestant.ts'
import { memoryTier, redisTier } from './keyv.ts'

interface Cacheable {
  readonly primary: { clear(): Promise<void> }
  readonly tags: { invalidateTag(tag: string): Promise<void> }
  get(key: string): Promise<unknown>
  getMany(keys: readonly string[]): Promise<readonly unknown[]>
  set(key: string, value: unknown, options: { readonly ttl: number; readonly tags: readonly string[] }): Promise<boolean>
  getOrSet(key: string, load: () => Promise<unknown>, options: { readonly ttl: number }): Promise<unknown>
  delete(key: string): Promise<boolean>
  disconnect(): Promise<void>
}

interface Exports {
  readonly Cacheable: new (options: Readonly<Record<string, unknown>>) => Cacheable
}

export const cacheable: Contestant = { name: 'cacheable', has: { secondTier: true }, open: openCacheable }

async function openCacheable(terms: Terms): Promise<OpenCache> {
  const { tag, ttlMs } = terms
  const { Cacheable } = await loadPeer<Exports>('cacheable')
  const cache = new Cacheable({
    primary: await memoryTier(terms),
    ...(terms.tiers !== 'memory' && { secondary: await redisTier(terms) }),
    ttl: ttlMs,
    tags: tag !== undefined,
  })
  const key = keysOf((id) => `thing:${id}`)
  // The method getOrSet of this cache takes no tags. So an entry with tags is looked up in one call and set in another.
  const getTagged = async (id: number, tags: readonly string[]) => {
    const held = await cache.get(key(id))
    if (held !== undefined) return held
    const value = await terms.load(id)
    await cache.set(key(id), value, { ttl: ttlMs, tags })
    return value
  }
  return {
    get: tag === undefined ? (id) => cache.getOrSet(key(id), () => terms.load(id), { ttl: ttlMs }) : (id) => getTagged(id, [tag]),
    lookUpMany: (ids) => cache.getMany(ids.map(key)),
    invalidate: async (id) => {
      await cache.delete(key(id))
    },
    invalidateTag: (name) => cache.tags.invalidateTag(name),
    // This cache cannot be opened without a memory tier.
    forgetMemory: () => cache.primary.clear(),
    close: () => cache.disconnect(),
  }
}

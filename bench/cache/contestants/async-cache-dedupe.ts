import { Redis } from 'ioredis'
import { loadPeer } from '../../peers/load-peer.ts'
import type { Contestant, OpenCache, Terms } from '../contestant.ts'

interface Defined {
  thing(id: number): Promise<unknown>
  invalidateAll(references: readonly string[]): Promise<void>
}

interface Exports {
  createCache(options: Readonly<Record<string, unknown>>): {
    define(name: string, options: Readonly<Record<string, unknown>>, load: (id: number) => Promise<unknown>): Defined
  }
}

/** The cache async-cache-dedupe. It has only one tier: Redis if the measurement uses Redis, otherwise memory. */
export const asyncCacheDedupe: Contestant = {
  name: 'async-cache-dedupe',
  has: { staleWhileRevalidate: 'stale', secondTier: false },
  open: openAsyncCacheDedupe,
}

async function openAsyncCacheDedupe(terms: Terms): Promise<OpenCache> {
  const { createCache } = await loadPeer<Exports>('async-cache-dedupe')
  const address = new URL(terms.redisUrl)
  const { tag } = terms
  const seconds = Math.ceil(terms.ttlMs / 1000)
  const staleSeconds = Math.ceil(terms.staleMs / 1000)
  // This cache has no option for a prefix of keys, so ioredis adds the prefix.
  const client =
    terms.tiers === 'memory'
      ? undefined
      : new Redis({ host: address.hostname, port: Number(address.port), keyPrefix: `${terms.prefix}:`, enableAutoPipelining: false })
  const storage = client
    ? { type: 'redis', options: { client, invalidation: { referencesTTL: seconds + staleSeconds } } }
    : { type: 'memory', options: { size: terms.capacity, invalidation: true } }
  const references = tag === undefined ? (id: number) => [`thing~${id}`] : () => [tag]
  const cache = createCache({ ttl: seconds, stale: staleSeconds, storage }).define('thing', { references }, terms.load)
  return {
    get: (id) => cache.thing(id),
    invalidate: (id) => cache.invalidateAll([`thing~${id}`]),
    invalidateTag: (name) => cache.invalidateAll([name]),
    close: async () => client?.disconnect(),
  }
}

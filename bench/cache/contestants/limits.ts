import { Redis } from 'ioredis'
import { LRUCache } from 'lru-cache'
import { type Contestant, keysOf, type OpenCache, type Terms } from '../contestant.ts'

const has = { secondTier: false }

/**
 * The package lru-cache alone. It is a map that keeps its entries in the order of use. The time of its reads is the limit for reads from
 * memory, because a cache does the same work and more.
 */
export const lruCache: Contestant = { name: 'lru-cache', has, open: (terms) => openLru(terms, {}) }

/** The package lru-cache with a TTL for every entry, as every cache of the comparison has. */
export const lruCacheWithTtl: Contestant = { name: 'lru-cache, ttl', has, open: (terms) => openLru(terms, { ttl: terms.ttlMs }) }

/**
 * The client ioredis alone: GET or MGET and JSON.parse. It sets the limit for a read from Redis. Missing values are loaded and stored by
 * SET, without waiting for the reply to SET.
 */
export const ioredis: Contestant = { name: 'ioredis', has, open: openIoredis }

async function openLru(terms: Terms, lifetime: { readonly ttl?: number }): Promise<OpenCache> {
  const lru = new LRUCache<string, NonNullable<unknown>>({ max: terms.capacity, ...lifetime })
  const key = keysOf((id) => `thing:${id}`)
  return {
    get: async (id) => {
      const held = lru.get(key(id))
      if (held !== undefined) return held
      const value = (await terms.load(id)) ?? 'nothing'
      lru.set(key(id), value)
      return value
    },
    countPresent: (ids) => {
      let present = 0
      for (const id of ids) if (lru.get(key(id)) !== undefined) present++
      return present
    },
    invalidate: async (id) => {
      lru.delete(key(id))
    },
    close: async () => lru.clear(),
  }
}

async function openIoredis(terms: Terms): Promise<OpenCache> {
  const client = new Redis(terms.redisUrl)
  const key = keysOf((id) => `${terms.prefix}:${id}`)
  const parse = (text: string | null): unknown => (text === null ? undefined : JSON.parse(text))
  return {
    get: async (id) => {
      const text = await client.get(key(id))
      if (text !== null) return parse(text)
      const value = await terms.load(id)
      client.set(key(id), JSON.stringify(value), 'PX', terms.ttlMs).catch((error: Error) => process.emitWarning(error))
      return value
    },
    getMany: async (ids) => (await client.mget(ids.map(key))).map(parse),
    invalidate: async (id) => {
      await client.del(key(id))
    },
    close: async () => client.disconnect(),
  }
}

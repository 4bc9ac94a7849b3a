import { Redis } from 'ioredis'
import { LRUCache } from 'lru-cache'
import { type Contestant, keysOf, type OpenCache, type Terms } from '../contestant.ts'

const has = { secondTier: false }

/** The least that a read from memory can be: one Map with an order. */
export const lruCache: Contestant = { name: 'lru-cache', has, open: (terms) => openLru(terms, {}) }

/** The same with an end for every entry, which every cache here has. */
export const lruCacheWithTtl: Contestant = { name: 'lru-cache, ttl', has, open: (terms) => openLru(terms, { ttl: terms.ttlMs }) }

/** The least that a read from Redis can be: GET or MGET and JSON.parse; what is missing is loaded and SET without waiting for it. */
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

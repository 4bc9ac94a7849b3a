import { loadPeer } from '../../peers/load-peer.ts'
import { type Contestant, keysOf, type OpenCache, type Terms } from '../contestant.ts'

interface Store {
  useL1Layer(driver: unknown): Store
  useL2Layer(driver: unknown): Store
  useBus(bus: unknown): Store
}

interface BentoCache {
  getOrSet(options: { readonly key: string; readonly factory: () => Promise<unknown>; readonly tags?: readonly string[] }): Promise<unknown>
  delete(options: { readonly key: string }): Promise<boolean>
  deleteByTag(options: { readonly tags: readonly string[] }): Promise<boolean>
  disconnect(): Promise<void>
}

interface Bentocache {
  readonly BentoCache: new (options: Readonly<Record<string, unknown>>) => BentoCache
  readonly bentostore: (options: Readonly<Record<string, unknown>>) => Store
}

interface MemoryDriver {
  readonly memoryDriver: (options: { readonly maxItems: number; readonly serialize: boolean }) => unknown
}

interface RedisDriver {
  readonly redisDriver: (options: Readonly<Record<string, unknown>>) => unknown
  readonly redisBusDriver: (options: Readonly<Record<string, unknown>>) => unknown
}

const has = { staleWhileRevalidate: 'grace', secondTier: true }

/** The cache Bentocache with its default settings: it serializes values even in the memory tier. */
export const bentocache: Contestant = { name: 'bentocache', has, open: (terms) => openBentocache(terms, true) }

/** The cache Bentocache in its faster mode, in which all readers of a value share one object. */
export const bentocacheByReference: Contestant = {
  name: 'bentocache, serialize: false',
  has,
  open: (terms) => openBentocache(terms, false),
}

async function openBentocache(terms: Terms, serialize: boolean): Promise<OpenCache> {
  const { tag } = terms
  const [{ BentoCache, bentostore }, { memoryDriver }, { redisDriver, redisBusDriver }] = await Promise.all([
    loadPeer<Bentocache>('bentocache'),
    loadPeer<MemoryDriver>('bentocache/drivers/memory'),
    loadPeer<RedisDriver>('bentocache/drivers/redis'),
  ])
  const address = new URL(terms.redisUrl)
  const connection = { host: address.hostname, port: Number(address.port) }
  const store = bentostore({
    ttl: terms.ttlMs,
    // `grace` is the whole life of an entry, including the time for which the entry is fresh. With a timeout of 0, the old value is served
    // immediately.
    ...(terms.staleMs > 0 && { grace: terms.ttlMs + terms.staleMs, timeout: 0 }),
  })
  if (terms.tiers !== 'redis') store.useL1Layer(memoryDriver({ maxItems: terms.capacity, serialize }))
  if (terms.tiers !== 'memory') store.useL2Layer(redisDriver({ connection, prefix: terms.prefix }))
  if (terms.bus) store.useBus(redisBusDriver({ connection }))
  const cache = new BentoCache({ default: 'store', stores: { store } })
  const key = keysOf((id) => `thing:${id}`)
  const options = tag === undefined ? {} : { tags: [tag] }
  return {
    get: (id) => cache.getOrSet({ key: key(id), factory: () => terms.load(id), ...options }),
    invalidate: async (id) => {
      await cache.delete({ key: key(id) })
    },
    invalidateTag: async (name) => {
      await cache.deleteByTag({ tags: [name] })
    },
    close: () => cache.disconnect(),
  }
}

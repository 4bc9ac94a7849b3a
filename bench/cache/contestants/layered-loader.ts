import { Redis } from 'ioredis'
import { loadPeer } from '../../peers/load-peer.ts'
import { type Contestant, keysOf, type OpenCache, type Terms } from '../contestant.ts'

interface Loader {
  init(): Promise<void>
  get(key: string): Promise<unknown>
  getMany(keys: readonly string[]): Promise<readonly { readonly id: string }[]>
  getInMemoryOnly(key: string): unknown
  invalidateCacheFor(key: string): Promise<void>
}

interface GroupLoader {
  get(key: string, group: string): Promise<unknown>
  invalidateCacheFor(key: string, group: string): Promise<void>
  invalidateCacheForGroup(group: string): Promise<void>
}

type Options = Readonly<Record<string, unknown>>

interface Exports {
  readonly Loader: new (options: Options) => Loader
  readonly GroupLoader: new (options: Options) => GroupLoader
  readonly RedisCache: new (client: Redis, options: Options) => unknown
  readonly RedisGroupCache: new (client: Redis, options: Options) => unknown
  createNotificationPair(options: Options): { readonly publisher: unknown; readonly consumer: unknown }
}

/** The cache layered-loader. It has groups in place of tags, and an entry can belong to only one group. */
export const layeredLoader: Contestant = {
  name: 'layered-loader',
  has: { refreshAhead: 'ttlLeftBeforeRefreshInMsecs', secondTier: true },
  open: (terms) => (terms.tag === undefined ? openLoader(terms) : openGroups(terms, terms.tag)),
}

async function openLoader(terms: Terms): Promise<OpenCache> {
  const { Loader, RedisCache, createNotificationPair } = await loadPeer<Exports>('layered-loader')
  const clients: Redis[] = []
  const connect = () => {
    const client = new Redis(terms.redisUrl)
    clients.push(client)
    return client
  }
  const lifetime = lifetimeOf(terms)
  const pair = terms.bus
    ? createNotificationPair({ channel: `${terms.prefix}:notifications`, consumerRedis: connect(), publisherRedis: connect() })
    : undefined
  const loader = new Loader({
    inMemoryCache: terms.tiers === 'redis' ? false : { cacheType: 'lru-map', maxItems: terms.capacity, ...lifetime },
    ...(terms.tiers !== 'memory' && { asyncCache: new RedisCache(connect(), { json: true, prefix: terms.prefix, ...lifetime }) }),
    ...(pair && { notificationConsumer: pair.consumer, notificationPublisher: pair.publisher }),
    dataSourceGetOneFn: (key: string) => terms.load(Number(key)),
    dataSourceGetManyFn: (keys: readonly string[]) => terms.loadMany(keys.map(Number)),
    cacheKeyFromValueResolver: (value: { readonly id: number }) => String(value.id),
  })
  await loader.init()
  const key = keysOf(String)
  return {
    get: (id) => loader.get(key(id)),
    getMany: (ids) => loader.getMany(ids.map(key)),
    countPresent: (ids) => {
      let present = 0
      for (const id of ids) if (loader.getInMemoryOnly(key(id)) !== undefined) present++
      return present
    },
    invalidate: (id) => loader.invalidateCacheFor(key(id)),
    close: async () => {
      await Promise.all(clients.map((client) => client.quit()))
    },
  }
}

async function openGroups(terms: Terms, group: string): Promise<OpenCache> {
  const { GroupLoader, RedisGroupCache } = await loadPeer<Exports>('layered-loader')
  const client = terms.tiers === 'memory' ? undefined : new Redis(terms.redisUrl)
  const lifetime = lifetimeOf(terms)
  const loader = new GroupLoader({
    inMemoryCache: terms.tiers === 'redis' ? false : { maxGroups: 10, maxItemsPerGroup: terms.capacity, ...lifetime },
    ...(client && { asyncCache: new RedisGroupCache(client, { json: true, prefix: terms.prefix, ...lifetime }) }),
    dataSources: [{ name: 'source', getFromGroup: (key: string) => terms.load(Number(key)), getManyFromGroup: async () => [] }],
  })
  const key = keysOf(String)
  return {
    get: (id) => loader.get(key(id), group),
    invalidate: (id) => loader.invalidateCacheFor(key(id), group),
    invalidateTag: (name) => loader.invalidateCacheForGroup(name),
    close: async () => {
      await client?.quit()
    },
  }
}

function lifetimeOf({ ttlMs, refreshAheadMs }: Terms) {
  return { ttlInMsecs: ttlMs, ...(refreshAheadMs > 0 && { ttlLeftBeforeRefreshInMsecs: refreshAheadMs }) }
}

import { setTimeout as pause } from 'node:timers/promises'
import { Cache, type CachePolicy, type CacheRequest, cacheKey, declareEntity, type Loaded, rowTag } from '#src/engine/cache/index.ts'
import { openRedis } from '#src/engine/redis/open-redis.ts'
import { type Contestant, keysOf, type OpenCache, type Terms } from '../contestant.ts'

/** Entity whose values are cached. If the invalidation log is in a database, triggers must watch the entity's table. */
export const Thing = declareEntity({
  type: 'Thing',
  table: 'things',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: [],
  listed: [],
})
const TENANT = 'acme'
/**
 * Value of the policy's option `earlyRefresh`, which reloads values before they expire. The value is so high that every read triggers a
 * reload in the background, however short the load was.
 */
const CERTAIN = 1e12

export const tidegate: Contestant = {
  name: 'tidegate',
  has: { staleWhileRevalidate: 'staleWhileRevalidateMs', refreshAhead: 'earlyRefresh', secondTier: true },
  open: openTidegate,
}

async function openTidegate(terms: Terms): Promise<OpenCache> {
  const { redisUrl, prefix, tag } = terms
  const redis =
    terms.tiers === 'memory'
      ? undefined
      : openRedis({ url: redisUrl, commandTimeoutMs: 2000, prefix, onDown: (error) => process.emitWarning(error), onUp: () => undefined })
  for (let attempt = 0; redis && !redis.isReady(); attempt++) {
    if (attempt === 1000) throw new Error('Expected tidegate to be connected to Redis, but Redis cannot be reached.')
    await pause(5)
  }
  const cache = new Cache({
    log: terms.log,
    entities: [Thing],
    secrets: ['a secret of the benchmark, at least 32 characters'],
    keyPrefix: prefix,
    memoryBytes: Math.max(64 * 2 ** 20, terms.capacity * 4096),
    ...(redis && { remote: redis.remote, ...(terms.bus && { wakeUp: redis.wakeUp }) }),
  })
  await cache.start()
  const policy: CachePolicy = {
    name: 'Thing',
    l1Ms: terms.tiers === 'redis' ? 0 : terms.ttlMs,
    l2Ms: terms.tiers === 'memory' ? 0 : terms.ttlMs,
    staleWhileRevalidateMs: terms.staleMs,
    staleIfErrorMs: 0,
    ...(terms.refreshAheadMs > 0 && { earlyRefresh: CERTAIN }),
  }
  const request = keysOf<CacheRequest>((id) => ({
    key: cacheKey(TENANT, 'Thing', [id]),
    tags: tag === undefined ? [rowTag(Thing, TENANT, id)] : [rowTag(Thing, TENANT, id), tag],
  }))
  const asLoaded = (value: unknown): Loaded<unknown> => ({ value })
  return {
    get: (id) => cache.get(request(id), policy, () => terms.load(id).then(asLoaded), { session: cache.openSession() }),
    getMany: (ids) =>
      cache.getMany(
        ids.map(request),
        policy,
        async (indexes) => (await terms.loadMany(indexes.map((index) => ids[index] as number))).map(asLoaded),
        { session: cache.openSession() },
      ),
    countPresent: (ids) => {
      const view = cache.localView(cache.openSession())
      let present = 0
      if (view) for (const id of ids) if (view.getIfPresent(request(id).key) !== undefined) present++
      return present
    },
    invalidate: (id) => cache.invalidate([rowTag(Thing, TENANT, id)]),
    invalidateTag: (name) => cache.invalidate([name]),
    close: async () => {
      await cache.close()
      await redis?.close()
    },
  }
}

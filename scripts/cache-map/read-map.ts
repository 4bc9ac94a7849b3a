import { installWatches } from '#src/engine/postgres/watch.ts'
import { type CacheMap, createCacheMap } from '#src/gateway/graphql/schema/map/cache-map.ts'
import { marketEntities } from '#src/market/modules/index.ts'
import { migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { traceMutations } from './trace-mutations.ts'

/**
 * Returns the map of the cache: which values are cached, and which mutations invalidate them. Needs no server: the mutations are traced in
 * an embedded database.
 */
export async function readMap(): Promise<CacheMap> {
  const database = await openMarketDatabase({ poolSize: 1, statementTimeoutMs: 10_000, onError: () => undefined })
  try {
    await migrateMarket(database)
    const entities = marketEntities()
    await installWatches(database, entities)
    const { gateway, traces } = await traceMutations(database)
    return createCacheMap(gateway, traces)
  } finally {
    await database.close()
  }
}

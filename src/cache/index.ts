/** The cache engine, publishable on its own: see README.md. */
export { Cache, type CacheOptions } from './cache.ts'
export {
  anyChangeTag,
  bulkTag,
  declareEntity,
  dimensionTag,
  type Entity,
  EVERYTHING_TAG,
  listTag,
  PUBLIC_TENANT,
  rowTag,
  tenantTag,
} from './entity.ts'
export { type Env, systemEnv, type Timer } from './env.ts'
export type { CacheEvent, CacheListener } from './events.ts'
export type { InvalidationLog, LogRow, Unwatched } from './invalidation-log.ts'
export { type CacheKey, cacheKey, canonicalJson, type Json } from './key.ts'
export { MemoryLog } from './memory-log.ts'
export type { CachePolicy } from './policy.ts'
export type { CacheRequest, Layer, Loaded, LoadMany, Outcome, ReadOptions } from './read.ts'
export { HistoryChangedError } from './reader.ts'
export type { RemoteEntry, RemoteTier, WakeUp } from './remote-tier.ts'
export type { Session } from './session.ts'

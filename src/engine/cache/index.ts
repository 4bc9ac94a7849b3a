/** Entry point of the cache engine, which can be published as a package of its own: see README.md. */

export { Cache } from './cache.ts'
export type { CacheOptions } from './cache-options.ts'
export type { CopyExplanation, Explanation } from './inspect/explain.ts'
export type { InvalidationLog, LogRow, Unwatched } from './log/invalidation-log.ts'
export type { AppliedBatch, AppliedListener, LogFollower } from './log/log-follower.ts'
export { MemoryLog } from './log/memory-log.ts'
export type { AppliedInvalidation, RecentInvalidations } from './log/recent-invalidations.ts'
export type { Position, Siblings } from './log/siblings.ts'
export { Binary } from './model/binary.ts'
export type { CacheObserver, ReadFacts } from './model/cache-observer.ts'
export {
  anyChangeTag,
  bulkTag,
  declareEntity,
  dimensionTag,
  type Entity,
  EVERYTHING_TAG,
  freeTag,
  listTag,
  PUBLIC_TENANT,
  rowTag,
  tenantTag,
} from './model/entity.ts'
export { type Env, systemEnv, type Timer } from './model/env.ts'
export type { CacheEvent, CacheListener, ShadowOutcome, ShadowReason } from './model/events.ts'
export type { InvalidationTarget } from './model/invalidation.ts'
export { type CacheKey, cacheKey, canonicalJson, type Json } from './model/key.ts'
export type { OpenStep } from './model/open-step.ts'
export type { CachePolicy } from './model/policy.ts'
export type { ProtocolStep } from './model/protocol-step.ts'
export {
  type CacheRequest,
  DeadlineExceededError,
  HistoryChangedError,
  type Layer,
  type Loaded,
  type LoadMany,
  LoadTimeoutError,
  type Outcome,
  type ReadOptions,
} from './model/read.ts'
export type { Session } from './model/session.ts'
export { causeOf, lagOf, type WriteCause } from './model/write-cause.ts'
export type { LocalView } from './read/local-view.ts'
export type { RemoteEntry, RemoteTier, WakeUp } from './shared/remote-tier.ts'

/** The cache engine, publishable on its own: see README.md. */
export { Binary } from './binary.ts'
export { Cache } from './cache.ts'
export type { CacheOptions } from './cache-options.ts'
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
export type { CacheEvent, CacheListener, ProbeOutcome } from './events.ts'
export type { CopyExplanation, Explanation } from './explain.ts'
export type { InvalidationTarget } from './invalidation.ts'
export type { InvalidationLog, LogRow, Unwatched } from './invalidation-log.ts'
export { type CacheKey, cacheKey, canonicalJson, type Json } from './key.ts'
export type { LocalView } from './local-view.ts'
export { MemoryLog } from './memory-log.ts'
export type { CachePolicy } from './policy.ts'
export type { ProtocolStep } from './protocol-step.ts'
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
} from './read.ts'
export type { RemoteEntry, RemoteTier, WakeUp } from './remote-tier.ts'
export type { Session } from './session.ts'
export type { Position, Siblings } from './siblings.ts'

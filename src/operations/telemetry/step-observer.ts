import type { CacheObserver } from '../../engine/cache/index.ts'
import type { PostgresObserver } from '../../engine/postgres/postgres-observer.ts'
import type { RedisObserver } from '../../engine/redis/redis-observer.ts'
import type { OperationObserver } from '../../gateway/graphql/execution/operation-observer.ts'

/** Observes all steps in which an operation is answered. */
export interface StepObserver extends CacheObserver, RedisObserver, PostgresObserver, OperationObserver {}

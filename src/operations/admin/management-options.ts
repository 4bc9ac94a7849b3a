import type { FastifyBaseLogger } from 'fastify'
import type { QueryExecutorProvider } from 'kysely'
import type { Cache } from '../../engine/cache/cache.ts'
import type { Entity } from '../../engine/cache/model/entity.ts'
import type { Env } from '../../engine/cache/model/env.ts'
import type { CachePolicy } from '../../engine/cache/model/policy.ts'
import type { DatabaseHandle } from '../../engine/postgres/open-database.ts'
import type { RedisHandle } from '../../engine/redis/open-redis.ts'
import type { CreateRateLimitsOptions } from '../../gateway/budgets/create-rate-limits.ts'
import type { GatewayGraphQL } from '../../gateway/graphql/endpoint/create-graphql.ts'
import type { Authentication } from '../../gateway/identity/authentication.ts'
import type { History } from '../history/history.ts'
import type { Purging } from '../purging/purging.ts'
import type { WaitingMeter } from '../telemetry/waiting-times.ts'
import type { OperatorWarming } from './handlers/warm.ts'
import type { WarmUpRunsOptions } from './instances/warm-up-runs.ts'
import type { PolicyStoreOptions } from './policies/policy-store.ts'

/** Parts of the process that the management API shows and changes. */
export interface ManagementOptions {
  readonly db: QueryExecutorProvider
  readonly database: Pick<DatabaseHandle, 'readFigures' | 'runAside' | 'embedded'>
  /** Measures the waits of this process for Redis and the database. */
  readonly waiting: WaitingMeter
  /** History of all processes; undefined if it is turned off. */
  readonly history: History | undefined
  /** Purges of the CDN; undefined if none is configured. */
  readonly purging: Pick<Purging, 'confirmed'> | undefined
  readonly inTransaction: PolicyStoreOptions['inTransaction']
  readonly cache: Cache
  readonly shareOfHits: WarmUpRunsOptions['shareOfHits']
  /** Returns the operations of this process that read values of a cache policy, those with most requests first. */
  readonly readersOf: (policy: string, max: number) => readonly string[]
  /** Returns the policies that each operation reads, of the operations that this process knows. */
  readonly policiesByOperation: () => ReadonlyMap<string, readonly string[]>
  readonly graphql: Pick<GatewayGraphQL, 'gateway' | 'execution'>
  readonly entities: readonly Entity[]
  /** Policies of values that are not part of the GraphQL schema, by the namespace of their keys. */
  readonly otherPolicies: ReadonlyMap<string, CachePolicy>
  readonly authentication: Authentication
  readonly warming: OperatorWarming | undefined
  /** Returns the ids of all tenants. */
  readonly tenants: () => Promise<readonly string[]>
  /** Undefined if no Redis is configured. */
  readonly redis: RedisHandle | undefined
  readonly stalenessBoundMs: number
  /** Maximum size of the cache in the memory of a process, bytes. */
  readonly memoryBytes: number
  /** Folder of the built pages of the dashboard. It need not exist. */
  readonly dashboardFolder: string
  /** Access token that the dashboard gets in development, if the visitor is on this machine; undefined for none. */
  readonly dashboardToken: string | undefined
  /** Address of the explorer, if the port of the dashboard serves it, too; undefined if not. */
  readonly explorerPath: string | undefined
  readonly host: string
  /** Separate port that serves the API and the dashboard; undefined if there is none. */
  readonly port: number | undefined
  readonly bodyLimitBytes: number
  readonly requestTimeoutMs: number
  readonly trustedProxies: readonly string[]
  /** Days for which the audit log keeps a call. */
  readonly auditDays: number
  /** Maximum number of calls of a caller per minute; 0 for no limit. */
  readonly callsPerMinute: number
  readonly sharedCounts: CreateRateLimitsOptions['shared']
  readonly version: string
  readonly env: Env
  readonly logger: FastifyBaseLogger
}

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { MANAGEMENT_TAG } from '../../engine/cache/model/entity.ts'
import type { CacheEvent } from '../../engine/cache/model/events.ts'
import { createRateLimits } from '../../gateway/budgets/create-rate-limits.ts'
import { BuiltFiles } from '../../gateway/http/built-files.ts'
import { createCallerOf } from '../../gateway/http/caller.ts'
import type { WarmingEvent } from '../warming/warming.ts'
import { AuditLog } from './audit/audit-log.ts'
import { auditRetention } from './audit/audit-retention.ts'
import { createEndpoints } from './create-endpoints.ts'
import { dashboardRoutes } from './dashboard/dashboard-routes.ts'
import { ExperimentStore } from './experiments/experiment-store.ts'
import { dependenciesHash } from './instances/dependencies-hash.ts'
import { InstanceRegistry } from './instances/instance-registry.ts'
import { ProcessDetails } from './instances/process-details.ts'
import { WarmUpRuns } from './instances/warm-up-runs.ts'
import type { AppliedWrite } from './keys/key-inspector.ts'
import { listenForManagement, type ManagementListener } from './management-listener.ts'
import type { ManagementOptions } from './management-options.ts'
import { BASE_PATH } from './openapi.ts'
import { PolicyStore } from './policies/policy-store.ts'
import { managementRoutes } from './routes.ts'

/** The management API of a process, and what the process tells the other processes. */
export interface Management {
  /** Registers the routes of the API and of the dashboard on a server. */
  readonly routes: (scope: FastifyInstance) => Promise<void>
  /** Must be called before the process serves requests. @throws if the database does not answer. */
  start(): Promise<void>
  onCacheEvent(event: CacheEvent): void
  onWarmingEvent(event: WarmingEvent): void
  /** Serves the API on its own port, if one is configured. @throws the error of listening, such as EADDRINUSE. */
  listen(): Promise<void>
  close(): Promise<void>
}

/** Maximum number of calls per minute from one address without a valid token. Each of them takes a row of the audit log. */
const UNKNOWN_PER_MINUTE = 30

/**
 * Creates the management API of a process. Also a process that does not serve the API reports itself and uses the stored policies, because
 * purges and policies concern all processes.
 */
export function createManagement(options: ManagementOptions): Management {
  const { db, cache, graphql, authentication, env, logger, version, sharedCounts } = options
  const id = randomUUID()
  const policies = new PolicyStore({
    db,
    inTransaction: options.inTransaction,
    policies: graphql.gateway.policies,
    onUnusable: (coordinate, error) => logger.warn({ coordinate, error }, 'stored cache policy ignored: this release cannot use it'),
  })
  const experiments = new ExperimentStore({
    ...{ db, env, overrides: policies, policies: graphql.gateway.policies, now: () => cache.now(), inTransaction: options.inTransaction },
    onUnusable: (coordinate, error) => logger.warn({ coordinate, error }, 'stored experiment ignored: this release cannot use it'),
    onFailed: (error) => logger.warn({ error }, 'reads of an experiment were not stored: retrying'),
  })
  const warmUps = new WarmUpRuns({ now: () => cache.now(), shareOfHits: options.shareOfHits })
  const details = new ProcessDetails({
    cache,
    hasRedis: options.redis !== undefined,
    warmUps,
    waiting: options.waiting,
    hasPool: !options.database.embedded,
    dependencies: dependenciesHash(graphql.gateway.policies.rules),
  })
  const registry = new InstanceRegistry({
    db,
    env,
    id,
    version,
    host: hostname(),
    pid: process.pid,
    stalenessBoundMs: options.stalenessBoundMs,
    state: () => {
      const { epoch, clock, lagMs, memoryEntries, memoryBytes } = cache.stats()
      const heapBytes = process.memoryUsage().heapUsed
      const redis = options.redis ? (options.redis.isReady() ? 'up' : 'down') : 'none'
      const lag = Number.isFinite(lagMs) ? lagMs : undefined
      return {
        epoch,
        clock,
        lagMs: lag,
        memoryEntries,
        memoryBytes,
        heapBytes,
        redis,
        policies: experiments.version,
        details: details.read(),
      }
    },
    beforeReport: () => experiments.refresh(),
    onFailed: (error) => logger.warn({ error }, 'this process could not report to the table cache_instances: retrying'),
  })
  const audit = new AuditLog(db, id)
  const retention = auditRetention({
    audit,
    env,
    days: options.auditDays,
    onFailed: (error) => logger.warn({ error }, 'old audit rows not deleted'),
  })
  const recentWrites = (): readonly AppliedWrite[] => cache.recentInvalidations().all()
  const endpoints = createEndpoints({ ...options, registry, policies, experiments, audit, recentWrites })
  const limitOf = (name: string, caller: number) =>
    createRateLimits({
      perMinute: { caller, tenant: 0 },
      shared: sharedCounts && { ...sharedCounts, prefix: `${sharedCounts.prefix}:${name}` },
      setting: 'MANAGEMENT_RATE_LIMIT',
      setTimer: (callback, delayMs) => env.setTimer(callback, delayMs),
      monotonic: () => env.monotonic(),
    })
  const limits = { known: limitOf('management', options.callsPerMinute), unknown: limitOf('management-refused', UNKNOWN_PER_MINUTE) }
  const callerOf = createCallerOf(options.trustedProxies)
  const monotonic = () => env.monotonic()
  const routes = async (server: FastifyInstance) => {
    const below = (scope: FastifyInstance) =>
      managementRoutes(scope, { endpoints, authentication, audit, limits, callerOf, version, monotonic })
    await server.register(below, { prefix: BASE_PATH })
    await server.register((scope) =>
      dashboardRoutes(scope, {
        files: new BuiltFiles(options.dashboardFolder),
        token: options.dashboardToken,
        explorerPath: options.explorerPath,
      }),
    )
  }
  let listener: ManagementListener | undefined
  return {
    routes,
    async start() {
      await registry.start()
      // A purge that did not see this process in the registry may have come after the first sync of the log, so the log is read once more.
      await cache.acknowledge(cache.openSession())
      retention.start()
    },
    onCacheEvent(event) {
      details.onCacheEvent(event)
      // An operator has purged or changed policies. The process that answers the operator waits for this report.
      if (event.type === 'invalidated' && event.tags.includes(MANAGEMENT_TAG)) void registry.report()
    },
    onWarmingEvent: (event) => warmUps.onWarmingEvent(event),
    async listen() {
      const { port } = options
      if (port === undefined) return
      listener = await listenForManagement({ ...options, routes, port })
      logger.info({ adminPort: listener.port }, 'the management API and the dashboard are served on ADMIN_PORT')
    },
    async close() {
      await listener?.close()
      retention.close()
      await registry.close()
      await experiments.close()
      details.close()
    },
  }
}

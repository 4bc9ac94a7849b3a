import { openLive } from './app/open-live.ts'
import { openManagement } from './app/open-management.ts'
import { openPurging } from './app/open-purging.ts'
import { openRecorder } from './app/open-recorder.ts'
import { openRetention } from './app/open-retention.ts'
import { openWarming } from './app/open-warming.ts'
import { PAGES_FOLDER } from './app/pages-folder.ts'
import { pause } from './app/pause.ts'
import { sharedCountsOf } from './app/shared-counts.ts'
import { loadTrustedDocuments } from './app/trusted-documents.ts'
import type { Config } from './config/config.ts'
import { Cache, type CacheEvent, type Siblings, systemEnv } from './engine/cache/index.ts'
import { isUnavailable } from './engine/postgres/failure.ts'
import { observeReads } from './engine/postgres/observe-reads.ts'
import { openSnapshot } from './engine/postgres/snapshot.ts'
import { inTransaction } from './engine/postgres/transaction.ts'
import { GatewayError } from './errors.ts'
import { createRateLimits } from './gateway/budgets/create-rate-limits.ts'
import { divideRequestMemory } from './gateway/budgets/request-memory.ts'
import { localId } from './gateway/contract/global-id.ts'
import { entitiesOf, provenTypesOf } from './gateway/contract/module.ts'
import { createGraphQL } from './gateway/graphql/endpoint/create-graphql.ts'
import type { ReadObserver } from './gateway/graphql/execution/checked-reads.ts'
import type { ReadSampler } from './gateway/graphql/execution/sampled-reads.ts'
import { BuiltFiles } from './gateway/http/built-files.ts'
import type { MetricsListener } from './gateway/http/metrics-listener.ts'
import { listenForMetrics } from './gateway/http/metrics-listener.ts'
import { untilNoneIsWaiting } from './gateway/http/quiet-turn.ts'
import { createServer } from './gateway/http/server.ts'
import { createAuthentication } from './gateway/identity/authentication.ts'
import { OperationRecorder } from './gateway/warming/operation-recorder.ts'
import { WritePath } from './gateway/writes/write-path.ts'
import { createModules, type MarketServices } from './market/modules/index.ts'
import { createStandings } from './market/modules/tenants/standing.ts'
import { WorkQueue } from './market/rules/naming/work-queue.ts'
import type { MarketDatabase } from './market/tables/database.ts'
import { createEventRoute } from './market/telephony/event-route.ts'
import type { Management } from './operations/admin/create-management.ts'
import { DASHBOARD_PATH } from './operations/admin/dashboard/dashboard-routes.ts'
import { createHistory } from './operations/history/create-history.ts'
import { createCacheLog } from './operations/telemetry/cache-log.ts'
import type { Observers } from './operations/telemetry/create-observers.ts'
import type { OtherProcesses } from './operations/telemetry/figures.ts'
import type { Logger } from './operations/telemetry/logger.ts'
import { createMetrics } from './operations/telemetry/metrics.ts'
import { openLoggedRedis } from './operations/telemetry/open-logged-redis.ts'
import { createUndeclaredReadLog } from './operations/telemetry/undeclared-read-log.ts'
import { gatewayVersion } from './operations/telemetry/version.ts'
import { WaitingMeter } from './operations/telemetry/waiting-times.ts'
import { type ProcessWarming, RECORDED } from './operations/warming/create-warming.ts'

export interface App {
  /**
   * Starts to accept requests. Returns the URL, such as `http://127.0.0.1:4000`.
   * @throws any error of opening the port, such as EADDRINUSE.
   */
  listen(): Promise<string>
  /**
   * Shuts down gracefully. For the configured time the app still accepts requests, so that a load balancer can stop sending them. Then the
   * app refuses new requests, finishes the requests in flight, and closes all connections.
   */
  close(): Promise<void>
}

export interface AppOptions {
  readonly config: Config
  /** The open and migrated database. The caller closes it. */
  readonly database: MarketDatabase
  readonly logger: Logger
  /** Connections to the other processes that share the port; undefined if this process is the only one. */
  readonly workers: Workers | undefined
  /** Access token for the pages at / and /explorer, in development, for visitors on this machine; undefined if there is no token. */
  readonly explorerToken: string | undefined
  /** Access token for the dashboard, in development, for visitors on this machine. Default: none. */
  readonly dashboardToken?: string | undefined
  /** Observers of this process, for example to trace requests. Default: nothing is observed. */
  readonly observers?: Observers
}

/** Connections to the other processes that share the port. */
export interface Workers {
  readonly siblings: Siblings
  readonly figures: OtherProcesses
}

const SCHEMA_FOLDER = new URL('../schema', import.meta.url).pathname
const READY_DEADLINE_MS = 2000
/** Maximum time until all worker processes have closed the shared port, ms. */
const WORKERS_CLOSE_MS = 1000

/**
 * Creates the whole gateway around a database. All state is in the returned object, so one process may contain several gateways.
 * @throws GatewayError CONFIGURATION for a configuration or schema that cannot be served; UNAVAILABLE if the database does not answer.
 */
export async function createApp({ config, database, logger, workers, explorerToken, dashboardToken, observers }: AppOptions): Promise<App> {
  const { callerHashKey } = config.market
  if (callerHashKey === undefined) throw new GatewayError('CONFIGURATION', 'CALLER_HASH_KEY: expected a secret, got none: set it.')
  const recordEvents: MarketServices['recordEvents'] = (tenant, events) => recorder.record(tenant, events)
  const modules = createModules({ generationQueue: new WorkQueue(), recordEvents, callerHashKey })
  const trusted = await loadTrustedDocuments(config.server.trustedDocuments)
  const waiting = new WaitingMeter(systemEnv.monotonic)
  const onCommand = (ms: number) => waiting.observe('redis', ms)
  const redis = config.redis && (await openLoggedRedis({ ...config.redis, logger, observer: observers?.steps, onCommand }))
  database.onStatement((ms) => waiting.observe('statement', ms))
  database.pool?.onConnected((ms) => waiting.observe('connection', ms))
  const { db } = database
  const entities = entitiesOf(modules)
  const log = database.openLog()
  const logCacheEvent = createCacheLog(logger)
  const isWarmed = config.warming.enabled && config.cache.enabled
  let warming: ProcessWarming | undefined
  let management: Management | undefined
  const onCacheEvent = (event: CacheEvent) => {
    metrics.onCacheEvent(event)
    logCacheEvent(event)
    warming?.onCacheEvent(event)
    history?.onCacheEvent(event)
    management?.onCacheEvent(event)
    purging?.onCacheEvent(event)
  }
  const keyPrefix = `${config.redis?.prefix ?? 'tidegate'}:${config.cache.keyVersion}`
  const cache = new Cache({
    log,
    entities,
    secrets: config.cache.secrets,
    ...(redis ? { remote: redis.remote, wakeUp: redis.wakeUp } : {}),
    ...(workers ? { siblings: workers.siblings } : {}),
    keyPrefix,
    hotKeys: isWarmed ? RECORDED.maxKeys : 0,
    memoryBytes: config.cache.memoryBytes,
    tickMs: config.cache.tickMs,
    stalenessBoundMs: config.cache.stalenessBoundMs,
    concurrentLoads: config.cache.concurrentLoads,
    shadowRate: config.cache.shadowRate,
    uncomparedTypes: provenTypesOf(modules),
    enabled: config.cache.enabled,
    onEvent: onCacheEvent,
    onEpoch: () => database.renewConnections(),
    observer: observers?.steps,
    env: observers?.env ?? systemEnv,
  })
  const metrics = createMetrics({
    cacheStats: () => cache.stats(),
    redisState: redis && (() => ({ isReady: redis.isReady(), isWritable: redis.isWritable() })),
    others: workers?.figures,
    withTenants: config.server.metricsByTenant,
    edges: () => purging?.states ?? [],
    live: () => live.counts,
    resources: { env: systemEnv, database, redis, databaseTime: () => cache.now(), ...config.cache, version: gatewayVersion() },
  })
  const history = createHistory({ database, cache, days: config.cache.historyDays, figures: () => metrics.usage(), logger })
  const purging = openPurging({ config, database, cache, redis, logger, onEvent: (event) => metrics.onPurgingEvent(event) })
  const recorder = openRecorder(database)
  await cache.start()

  const observe: ReadObserver = (work) => observeReads(db, work)
  const logUndeclaredReads = createUndeclaredReadLog(logger)
  const sampleReads: ReadSampler = {
    observe,
    isChosen: () => systemEnv.random() < config.cache.dependencyCheckRate,
    onObserved: (field, tables) => {
      metrics.onObservedLoad(field, tables)
      logUndeclaredReads(field, tables)
    },
  }
  const usage = isWarmed ? new OperationRecorder({ cache, env: systemEnv, ...RECORDED }) : undefined
  const requestMemory = divideRequestMemory(config.server.requestMemoryBytes)
  const writes = new WritePath({ cache, inTransaction: (work, cause) => inTransaction(db, work, { attempts: 5, cause }), isUnavailable })
  const graphql = await createGraphQL({
    schemaFolder: SCHEMA_FOLDER,
    modules,
    cache,
    sources: {
      db,
      writes,
      isUnavailable,
      openSnapshot: () => openSnapshot(db),
      ...(config.production ? { sampleReads } : { observeReads: observe }),
    },
    localId,
    policyOverrides: config.cache.policies,
    introspection: config.server.introspection,
    limits: config.limits,
    ...(trusted ? { trusted } : {}),
    maxBatched: config.server.maxBatched,
    memory: requestMemory,
    usage,
    onOperation: (operation) => {
      metrics.onOperation(operation)
      logger.debug(operation, 'operation')
    },
    counterOf: (answers) => metrics.counterOf(answers),
    onHiddenError: (hidden) => logger.error(hidden, 'unhandled resolver error (masked from the client)'),
    onWarning: (warning) => logger.warn(warning),
    observer: observers?.steps,
  })
  if (usage)
    warming = await openWarming({
      config,
      database,
      cache,
      graphql,
      recorder: usage,
      redis,
      prefix: keyPrefix,
      logger,
      onEvent: (event) => {
        metrics.onWarmingEvent(event)
        management?.onWarmingEvent(event)
      },
    })
  const authentication = await createAuthentication({
    ...config.identity,
    memoryBytes: requestMemory.tokens,
    now: systemEnv.now,
    traceHeaders: observers?.outgoingHeaders,
    standingOf: createStandings(cache, db),
  })
  const parts = { cache, graphql, entities, authentication, warming, history, purging, redis, waiting, logger }
  management = await openManagement({ config, database, ...parts, metrics, dashboardToken })
  const live = openLive(config, graphql, (event) => metrics.onLiveEvent(event))
  const retention = openRetention(database, config.market, logger)
  let isDraining = false
  const server = await createServer({
    graphql,
    authentication,
    management: config.management.isPublic ? management.routes : undefined,
    rateLimits: createRateLimits({ ...systemEnv, perMinute: config.server.rateLimits, shared: sharedCountsOf(config, redis) }),
    notReady: async () => {
      if (isDraining) return 'the server is shutting down'
      if (config.cache.enabled && !cache.stats().hasLease) return 'the invalidation log cannot be followed'
      return database.ping(READY_DEADLINE_MS).then(
        () => null,
        () => 'the database cannot be reached',
      )
    },
    routes: [createEventRoute({ keys: config.market.telephonyKeys, writes, now: () => cache.now() })],
    live,
    metrics: config.server.metrics ? metrics.read : undefined,
    onResponse: (status) => metrics.onResponse(status),
    recognition: { isOn: config.server.recogniseRequests, memoryBytes: requestMemory.recognised, onRecognised: metrics.onRecognised },
    onRefused: (tenant) => metrics.onRefused(tenant),
    logger,
    bodyLimitBytes: config.server.bodyLimitBytes,
    requestTimeoutMs: config.server.requestTimeoutMs,
    trustedProxies: config.server.trustedProxies,
    corsOrigins: config.server.corsOrigins,
    allowLocalOrigins: !config.production,
    explorer: config.server.landingPage ? new BuiltFiles(PAGES_FOLDER) : undefined,
    explorerToken,
    dashboardPath: config.management.isPublic ? DASHBOARD_PATH : undefined,
    debug: config.cache.debug,
    lingerMs: config.server.drainMs,
    observer: observers?.requests,
  })

  let metricsListener: MetricsListener | undefined
  return {
    listen: async () => {
      const { host, port, metricsPort } = config.server
      const url = await server.listen({ host, port })
      for (const part of [warming, history, purging, retention]) part?.begin()
      if (metricsPort !== undefined) {
        metricsListener = await listenForMetrics(metrics.read, { host, port: metricsPort })
        logger.info({ metricsPort: metricsListener.port }, 'metrics are served on METRICS_PORT')
      }
      await management.listen()
      return url
    },
    close: async () => {
      isDraining = true
      const { drainMs } = config.server
      if (drainMs > 0) await pause(drainMs)
      await untilNoneIsWaiting(server.server)
      server.server.close()
      // Connections stay open until all workers have closed the port: a client might reconnect, and lose that connection, too.
      if (drainMs > 0) await pause(Math.min(drainMs, WORKERS_CLOSE_MS))
      await server.close()
      await management.close()
      await warming?.close()
      await graphql.stop()
      await recorder.drain()
      retention.close()
      await purging?.close()
      await history?.close()
      await cache.close()
      await log.close()
      await redis?.close()
      await metricsListener?.close()
    },
  }
}

import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { Cache, type CacheEvent, type Siblings, systemEnv } from './cache/index.ts'
import type { Config } from './config/config.ts'
import type { ReadObserver } from './graphql/checked-reads.ts'
import { createGraphQL } from './graphql/create-graphql.ts'
import type { ReadSampler } from './graphql/sampled-reads.ts'
import { loadManifest } from './graphql/trusted/manifest.ts'
import { TrustedDocuments } from './graphql/trusted/trusted-documents.ts'
import { createAuthentication } from './http/authentication.ts'
import { listenForMetrics, type MetricsListener } from './http/metrics-listener.ts'
import { createServer } from './http/server.ts'
import { createEventRecorder } from './modules/analytics/event-recorder.ts'
import { localId } from './modules/global-id.ts'
import { createModules } from './modules/index.ts'
import { createStandings } from './modules/tenants/standing.ts'
import { isUnavailable } from './postgres/failure.ts'
import { observeReads } from './postgres/observe-reads.ts'
import type { DatabaseHandle } from './postgres/open-database.ts'
import { openSnapshot } from './postgres/snapshot.ts'
import { inTransaction } from './postgres/transaction.ts'
import { localCounts, sharedCounts } from './rate-limits/counts.ts'
import { LeasedBudget } from './rate-limits/leased-budget.ts'
import { RateLimits } from './rate-limits/rate-limits.ts'
import { openRedis, type RedisHandle } from './redis/open-redis.ts'
import { divideRequestMemory } from './responses/request-memory.ts'
import { createCacheLog } from './telemetry/cache-log.ts'
import type { OtherProcesses } from './telemetry/figures.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { createUndeclaredReadLog } from './telemetry/undeclared-read-log.ts'

export interface App {
  /** Begins to accept requests. @returns the address, such as `http://127.0.0.1:4000`. @throws EADDRINUSE. */
  listen(): Promise<string>
  /**
   * Drains: for the configured time requests are still accepted, so that a load balancer can take the process out. Then refuses new
   * ones, finishes those in flight and what they wait for, and closes all connections.
   */
  close(): Promise<void>
}

export interface AppOptions {
  readonly config: Config
  /** Open and migrated. It stays the caller's to close. */
  readonly database: DatabaseHandle
  readonly logger: Logger
  /** Processes that share the port. */
  readonly workers: Workers | undefined
  /** A token for a developer on this machine, which the page at / sends with requests. */
  readonly explorerToken: string | undefined
}

/** The ways to other processes that share the port. */
export interface Workers {
  readonly siblings: Siblings
  readonly figures: OtherProcesses
}

const SCHEMA_FOLDER = new URL('../schema', import.meta.url).pathname
const READY_DEADLINE_MS = 2000
/** Most requests do not wait while a budget is asked for, so the count may take longer than a read before a process counts by itself. */
const RATE_TIMEOUTS = 5

/**
 * Builds the whole program around a database. No state lies outside what
 * this returns, so several can live in one process.
 * @throws GatewayError CONFIGURATION when something does not fit together, UNAVAILABLE when the database does not answer.
 */
export async function createApp({ config, database, logger, workers, explorerToken }: AppOptions): Promise<App> {
  const modules = createModules()
  const trusted = await loadTrustedDocuments(config.server.trustedDocuments)
  const redis = config.redis && (await connectRedis(config.redis, logger))
  const log = database.openLog()
  const logCacheEvent = createCacheLog(logger)
  const onCacheEvent = (event: CacheEvent) => {
    metrics.onCacheEvent(event)
    logCacheEvent(event)
  }
  const cache = new Cache({
    log,
    entities: modules.flatMap((module) => [...module.entities.map(({ entity }) => entity), ...(module.watched ?? [])]),
    secrets: config.cache.secrets,
    ...(redis ? { remote: redis.remote, wakeUp: redis.wakeUp } : {}),
    ...(workers ? { siblings: workers.siblings } : {}),
    keyPrefix: `${config.redis?.prefix ?? 'tidegate'}:${config.cache.keyVersion}`,
    memoryBytes: config.cache.memoryBytes,
    tickMs: config.cache.tickMs,
    stalenessBoundMs: config.cache.stalenessBoundMs,
    concurrentLoads: config.cache.concurrentLoads,
    probeRate: config.cache.probeRate,
    measureReloads: config.cache.measureReloads,
    enabled: config.cache.enabled,
    onEvent: onCacheEvent,
    onEpoch: () => database.renewConnections(),
  })
  const metrics = createMetrics({
    cacheStats: () => cache.stats(),
    redisState: redis && (() => ({ isReady: redis.isReady(), isWritable: redis.isWritable() })),
    others: workers?.figures,
  })
  const recorder = createEventRecorder({ db: database.db, setTimer: systemEnv.setTimer, flushMaxEvents: 5000, flushDelayMs: 5 })
  await cache.start()

  const observe: ReadObserver = (work) => observeReads(database.db, work)
  const logUndeclaredReads = createUndeclaredReadLog(logger)
  const sampleReads: ReadSampler = {
    observe,
    isChosen: () => systemEnv.random() < config.cache.dependencyCheckRate,
    onObserved: (field, tables) => {
      metrics.onObservedLoad(field, tables)
      logUndeclaredReads(field, tables)
    },
  }
  const requestMemory = divideRequestMemory(config.server.requestMemoryBytes)
  const graphql = await createGraphQL({
    schemaFolder: SCHEMA_FOLDER,
    modules,
    cache,
    sources: {
      db: database.db,
      inTransaction: (work) => inTransaction(database.db, work, { attempts: 5 }),
      isUnavailable,
      openSnapshot: () => openSnapshot(database.db),
      ...(config.production ? { sampleReads } : { observeReads: observe }),
      recordEvents: (tenant, events) => recorder.record(tenant, events),
    },
    localId,
    policyOverrides: config.cache.policies,
    introspection: config.server.introspection,
    limits: config.limits,
    ...(trusted ? { trusted } : {}),
    mostBatched: config.server.mostBatched,
    memory: requestMemory,
    onOperation: (operation) => {
      metrics.onOperation(operation)
      logger.debug(operation, 'operation')
    },
    onAnswerAtHand: (answer) => metrics.onAnswerAtHand(answer),
    onHiddenError: (hidden) => logger.error(hidden, 'an error was hidden from a client'),
    onWarning: (warning) => logger.warn(warning),
  })
  const draining = new AbortController()
  const server = await createServer({
    graphql,
    authentication: await createAuthentication({
      ...config.identity,
      memoryBytes: requestMemory.tokens,
      now: systemEnv.now,
      standingOf: createStandings(cache, database.db),
    }),
    rateLimits: createRateLimits(config, redis),
    notReady: async () => {
      if (draining.signal.aborted) return 'the server is shutting down'
      if (config.cache.enabled && !cache.stats().hasLease) return 'the invalidation log cannot be followed'
      return database.ping(READY_DEADLINE_MS).then(
        () => null,
        () => 'the database cannot be reached',
      )
    },
    metrics: config.server.metrics ? metrics.read : undefined,
    onResponse: (status) => metrics.onResponse(status),
    logger,
    bodyLimitBytes: config.server.bodyLimitBytes,
    requestTimeoutMs: config.server.requestTimeoutMs,
    trustedProxies: config.server.trustedProxies,
    corsOrigins: config.server.corsOrigins,
    allowLocalOrigins: !config.production,
    landingPage: config.server.landingPage,
    explorerToken,
    debug: config.cache.debug,
    draining: draining.signal,
  })

  let metricsListener: MetricsListener | undefined
  return {
    listen: async () => {
      const { host, port, metricsPort } = config.server
      const url = await server.listen({ host, port })
      if (metricsPort !== undefined) {
        metricsListener = await listenForMetrics(metrics.read, { host, port: metricsPort })
        logger.info({ metricsPort: metricsListener.port }, 'metrics are served at a port of their own')
      }
      return url
    },
    close: async () => {
      draining.abort()
      if (config.server.drainMs > 0) await new Promise<void>((resolve) => systemEnv.setTimer(resolve, config.server.drainMs))
      await server.close()
      await graphql.stop()
      await recorder.drain()
      await cache.close()
      await log.close()
      await redis?.close()
      await metricsListener?.close()
    },
  }
}

async function loadTrustedDocuments({ file, only }: Config['server']['trustedDocuments']): Promise<TrustedDocuments | undefined> {
  return file === undefined ? undefined : new TrustedDocuments({ file, documents: await loadManifest(file), exclusive: only })
}

/** undefined where nothing is limited. */
function createRateLimits({ server, redis: settings }: Config, redis: RedisHandle | undefined): RateLimits | undefined {
  const { caller, tenant } = server.rateLimits
  if (caller === 0 && tenant === 0) return undefined
  const budget = (name: string, perMinute: number) => {
    if (perMinute === 0) return undefined
    const { setTimer, monotonic } = systemEnv
    const shared = redis &&
      settings && { client: redis.client, prefix: `${settings.prefix}:rate:${name}`, timeoutMs: RATE_TIMEOUTS * settings.commandTimeoutMs }
    const counts = shared ? sharedCounts({ ...shared, perMinute, setTimer, monotonic }) : localCounts(perMinute)
    return new LeasedBudget({ counts, perMinute, monotonic })
  }
  return new RateLimits({ caller: budget('caller', caller), tenant: budget('tenant', tenant) })
}

async function connectRedis(redis: NonNullable<Config['redis']>, logger: Logger) {
  const ca = redis.caFile === undefined ? undefined : await readFile(redis.caFile, 'utf8')
  return openRedis({
    url: redis.url,
    commandTimeoutMs: redis.commandTimeoutMs,
    ...(ca === undefined ? {} : { ca }),
    prefix: redis.prefix,
    onDown: (error) => logger.warn({ error }, 'Redis cannot be reached'),
    onUp: () => logger.info('Redis is reached again'),
    onReadOnly: () => logger.warn('Redis is a replica and refuses writes: connecting again until the address leads to a primary'),
    onWritable: () => logger.info('Redis takes writes again'),
  })
}

import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { Cache, type CacheEvent, type Siblings, systemEnv } from './cache/index.ts'
import type { Config } from './config/config.ts'
import type { ReadObserver } from './graphql/checked-reads.ts'
import { createGraphQL } from './graphql/create-graphql.ts'
import type { ReadSampler } from './graphql/sampled-reads.ts'
import { createAuthentication } from './http/authentication.ts'
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
import { openRedis } from './redis/open-redis.ts'
import { createCacheLog } from './telemetry/cache-log.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { createUndeclaredReadLog } from './telemetry/undeclared-read-log.ts'

export interface App {
  /** Begins to accept requests. @returns the address, such as `http://127.0.0.1:4000`. @throws EADDRINUSE. */
  listen(): Promise<string>
  /** Refuses new requests, finishes those in flight and what they wait for, closes all connections. */
  close(): Promise<void>
}

const SCHEMA_FOLDER = new URL('../schema', import.meta.url).pathname
const READY_DEADLINE_MS = 2000

/**
 * Builds the whole program around an open, migrated database, which stays the caller's to close. No state lies outside what
 * this returns, so several can live in one process.
 * @param siblings Processes that share the port.
 * @throws GatewayError CONFIGURATION when something does not fit together, UNAVAILABLE when the database does not answer.
 */
export async function createApp(config: Config, database: DatabaseHandle, logger: Logger, siblings?: Siblings): Promise<App> {
  const modules = createModules()
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
    ...(siblings ? { siblings } : {}),
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
  const metrics = createMetrics({ cacheStats: () => cache.stats() })
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
    mostBatched: config.server.mostBatched,
    onOperation: (operation) => {
      metrics.onOperation(operation)
      logger.debug(operation, 'operation')
    },
    onAnswerAtHand: () => metrics.onAnswerAtHand(),
    onHiddenError: (hidden) => logger.error(hidden, 'an error was hidden from a client'),
    onWarning: (warning) => logger.warn(warning),
  })
  let closing = false
  const server = await createServer({
    graphql,
    authentication: await createAuthentication({
      ...config.identity,
      now: systemEnv.now,
      standingOf: createStandings(cache, database.db),
    }),
    notReady: async () => {
      if (closing) return 'the server is shutting down'
      if (config.cache.enabled && !cache.stats().hasLease) return 'the invalidation log cannot be followed'
      return database.ping(READY_DEADLINE_MS).then(
        () => null,
        () => 'the database cannot be reached',
      )
    },
    metrics: config.server.metrics ? metrics.read : undefined,
    logger,
    bodyLimitBytes: config.server.bodyLimitBytes,
    requestTimeoutMs: config.server.requestTimeoutMs,
    trustedProxies: config.server.trustedProxies,
    corsOrigins: config.server.corsOrigins,
    landingPage: config.server.landingPage,
    debug: config.cache.debug,
  })

  return {
    listen: () => server.listen({ host: config.server.host, port: config.server.port }),
    close: async () => {
      closing = true
      await server.close()
      await graphql.stop()
      await recorder.drain()
      await cache.close()
      await log.close()
      await redis?.close()
    },
  }
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
  })
}

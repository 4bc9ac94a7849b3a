import cluster from 'node:cluster'
import { createApp, type Workers } from '../app.ts'
import type { Config } from '../config/config.ts'
import { systemEnv } from '../engine/cache/model/env.ts'
import { createObservers } from '../operations/telemetry/create-observers.ts'
import { createLogger } from '../operations/telemetry/logger.ts'
import { developmentTokens } from './development-tokens.ts'
import type { FigureMessage } from './figure-messages.ts'
import { greet } from './greeting.ts'
import { openConfiguredDatabase, prepareDatabase } from './prepare-database.ts'
import type { Shutdown } from './shutdown.ts'
import { WorkerSiblings } from './siblings.ts'
import { WorkerFigures } from './worker-figures.ts'
import type { WorkerMessage } from './worker-messages.ts'

/** Maximum time to close an embedded database after a signal, if the signal came while the database was being opened, ms. */
const EARLY_STOP_MS = 5000

export interface RunServerOptions {
  /** Whether the embedded database is kept in memory only. */
  readonly memory: boolean
  /** Whether this process migrates the database before it serves. */
  readonly prepare: boolean
  readonly shutdown: Shutdown
}

/**
 * Maximum time that a scrape waits for the metrics of the other workers, ms. The primary itself waits for the workers for a shorter time.
 */
const FIGURES_TIMEOUT_MS = 2000

/** Returns the connection to the other workers; undefined if this process is not a worker. */
function workersOf({ cache }: Config): Workers | undefined {
  if (!cluster.isWorker) return undefined
  const channel = {
    send: (message: WorkerMessage | FigureMessage) => void process.send?.(message),
    onMessage: (listener: (message: unknown) => void) => void process.on('message', listener),
  }
  const { setTimer } = systemEnv
  return {
    siblings: new WorkerSiblings({ channel, patienceMs: cache.stalenessBoundMs, setTimer }),
    figures: new WorkerFigures({ channel, patienceMs: FIGURES_TIMEOUT_MS, setTimer }),
  }
}

/** Starts the server, which runs until the process receives a signal to stop. Resolves once requests are accepted. */
export async function runServer(config: Config, { memory, prepare, shutdown }: RunServerOptions): Promise<void> {
  const observers = createObservers({ ...config.tracing, debug: config.cache.debug, env: systemEnv })
  const logger = createLogger(config.server.logLevel, undefined, observers.logFields)
  const opening = openConfiguredDatabase(config, { memory, logger, observer: observers.steps })
  // An embedded database must be closed properly. A PostgreSQL server needs no such care: it notices that its client is gone, and rolls
  // back the open transaction.
  const closeEmbedded = async () => (config.database.url === undefined ? (await opening).close() : undefined)
  shutdown.stopBy({ run: () => closeEmbedded().then(() => 0), timeoutMs: EARLY_STOP_MS, onTimeout: () => 0 })
  const database = await opening
  if (prepare) await prepareDatabase(config, database, logger)
  const { tokens, operator } = await developmentTokens(config, database)
  const explorerToken = tokens.find(({ role }) => role === 'ADMIN')?.token
  const app = await createApp({ config, database, logger, workers: workersOf(config), explorerToken, dashboardToken: operator, observers })
  const url = await app.listen()
  shutdown.stopBy({
    run: async (signal) => {
      logger.info({ signal }, 'stopping')
      await app.close()
      await database.close()
      logger.info('stopped')
      return 0
    },
    timeoutMs: 2 * config.server.drainMs + config.server.shutdownTimeoutMs,
    onTimeout: () => {
      logger.error('requests in flight did not finish within SHUTDOWN_TIMEOUT_MS')
      return 1
    },
  })
  logger.info(
    { url, database: database.embedded ? 'embedded' : 'PostgreSQL', redis: config.redis !== undefined, cache: config.cache.enabled },
    'ready',
  )
  if (prepare && !config.production) await greet(config, database, url, process.stdout)
}

import cluster from 'node:cluster'
import { createApp, type Workers } from '../app.ts'
import { systemEnv } from '../cache/env.ts'
import type { Config } from '../config/config.ts'
import { createLogger } from '../telemetry/logger.ts'
import { developmentTokens } from './development-tokens.ts'
import type { FigureMessage } from './figure-messages.ts'
import { greet } from './greeting.ts'
import { openConfiguredDatabase, prepareDatabase } from './prepare-database.ts'
import type { Shutdown } from './shutdown.ts'
import { WorkerSiblings } from './siblings.ts'
import { WorkerFigures } from './worker-figures.ts'
import type { WorkerMessage } from './worker-messages.ts'

/** How long an embedded database that is still being opened gets to close at a signal, ms. */
const EARLY_STOP_MS = 5000

export interface RunServerOptions {
  /** Keep the embedded database in memory only. */
  readonly memory: boolean
  /** Whether this process brings the database up to date before it serves. */
  readonly prepare: boolean
  readonly shutdown: Shutdown
}

/** A scrape waits so long for the primary, which waits for the workers for half of it, ms. */
const FIGURES_PATIENCE_MS = 2000

/** The other workers, where this process is one. */
function workersOf({ cache }: Config): Workers | undefined {
  if (!cluster.isWorker) return undefined
  const channel = {
    send: (message: WorkerMessage | FigureMessage) => void process.send?.(message),
    onMessage: (listener: (message: unknown) => void) => void process.on('message', listener),
  }
  const { setTimer } = systemEnv
  return {
    siblings: new WorkerSiblings({ channel, patienceMs: cache.stalenessBoundMs, setTimer }),
    figures: new WorkerFigures({ channel, patienceMs: FIGURES_PATIENCE_MS, setTimer }),
  }
}

/** Serves until the process is told to stop. Resolves once requests are accepted. */
export async function runServer(config: Config, { memory, prepare, shutdown }: RunServerOptions): Promise<void> {
  const logger = createLogger(config.server.logLevel)
  const opening = openConfiguredDatabase(config, { memory, logger })
  // A database in this process is closed properly. A server notices by itself that its client is gone, and rolls back.
  const closeEmbedded = async () => (config.database.url === undefined ? (await opening).close() : undefined)
  shutdown.stopBy({ run: () => closeEmbedded().then(() => 0), timeoutMs: EARLY_STOP_MS, onTimeout: () => 0 })
  const database = await opening
  if (prepare) await prepareDatabase(config, database, logger)
  const { tokens } = await developmentTokens(config, database)
  const explorerToken = tokens.find(({ role }) => role === 'ADMIN')?.token
  const app = await createApp({ config, database, logger, workers: workersOf(config), explorerToken })
  const url = await app.listen()
  shutdown.stopBy({
    run: async (signal) => {
      logger.info({ signal }, 'stopping')
      await app.close()
      await database.close()
      logger.info('stopped')
      return 0
    },
    timeoutMs: config.server.drainMs + config.server.shutdownTimeoutMs,
    onTimeout: () => {
      logger.error('requests did not finish in time')
      return 1
    },
  })
  logger.info(
    { url, database: database.embedded ? 'embedded' : 'PostgreSQL', redis: config.redis !== undefined, cache: config.cache.enabled },
    'ready',
  )
  if (prepare && !config.production) await greet(config, database, url, process.stdout)
}

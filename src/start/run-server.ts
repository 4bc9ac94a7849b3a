import cluster from 'node:cluster'
import { createApp } from '../app.ts'
import { systemEnv } from '../cache/env.ts'
import type { Config } from '../config/config.ts'
import { createLogger } from '../telemetry/logger.ts'
import { greet } from './greeting.ts'
import { openConfiguredDatabase, prepareDatabase } from './prepare-database.ts'
import { WorkerSiblings } from './siblings.ts'
import type { WorkerMessage } from './worker-messages.ts'

export interface RunServerOptions {
  /** Keep the embedded database in memory only. */
  readonly memory: boolean
  /** Whether this process brings the database up to date before it serves. */
  readonly prepare: boolean
}

/** The other workers, where this process is one. */
function siblingsOf({ cache }: Config): WorkerSiblings | undefined {
  if (!cluster.isWorker) return undefined
  const channel = {
    send: (message: WorkerMessage) => void process.send?.(message),
    onMessage: (listener: (message: unknown) => void) => void process.on('message', listener),
  }
  return new WorkerSiblings({ channel, patienceMs: cache.stalenessBoundMs, setTimer: systemEnv.setTimer })
}

/** Serves until the process is told to stop. Resolves once requests are accepted. */
export async function runServer(config: Config, { memory, prepare }: RunServerOptions): Promise<void> {
  const logger = createLogger(config.server.logLevel)
  const database = await openConfiguredDatabase(config, { memory, logger })
  if (prepare) await prepareDatabase(config, database, logger)
  const app = await createApp(config, database, logger, siblingsOf(config))
  const url = await app.listen()
  logger.info(
    { url, database: database.embedded ? 'embedded' : 'PostgreSQL', redis: config.redis !== undefined, cache: config.cache.enabled },
    'ready',
  )

  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) {
      // A worker is told by the terminal and by its primary: for it, the second signal is no sign of impatience.
      if (prepare) process.exit(1)
      return
    }
    stopping = true
    logger.info({ signal }, 'stopping')
    setTimeout(() => {
      logger.error('requests did not finish in time')
      process.exit(1)
    }, config.server.shutdownTimeoutMs).unref()
    void app
      .close()
      .then(() => database.close())
      .then(() => {
        logger.info('stopped')
        process.exit(0)
      })
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  if (prepare && !config.production) await greet(config, database, url, process.stdout)
}

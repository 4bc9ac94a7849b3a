import cluster, { type Worker } from 'node:cluster'
import type { Config } from '../config/config.ts'
import { GatewayError } from '../errors.ts'
import { createLogger } from '../telemetry/logger.ts'
import { greet } from './greeting.ts'
import { openConfiguredDatabase, prepareDatabase } from './prepare-database.ts'
import { WorkerRelay } from './relay-workers.ts'

const SHORTEST_LIFE_MS = 5000
const MOST_EARLY_DEATHS = 5

/**
 * Brings the database up to date, then runs the server in several processes that share the port. A process that dies is
 * replaced; when they keep dying as soon as they start, all ends with exit code 1.
 */
export async function runWorkers(config: Config): Promise<void> {
  const logger = createLogger(config.server.logLevel)
  const database = await openConfiguredDatabase(config, { memory: false, logger })
  await prepareDatabase(config, database, logger)
  cluster.once('listening', async (_, { port }) => {
    if (!config.production) await greet(config, database, `http://${config.server.host}:${port}`, process.stdout)
    await database.close()
  })

  const relay = new WorkerRelay()
  let stopping: NodeJS.Signals | undefined
  let earlyDeaths = 0
  let exitCode = 0
  const start = () => {
    if (stopping) return
    const startedAt = performance.now()
    const worker = cluster.fork()
    relay.add({
      send: (message) => void worker.send(message, () => undefined),
      onMessage: (listener) => void worker.on('message', listener),
      onGone: (listener) => void worker.on('disconnect', listener),
    })
    worker.on('exit', (code, signal) => {
      if (stopping) {
        // The signal itself ends a worker that had not begun to serve.
        if (code !== 0 && signal !== stopping) exitCode = 1
        if (living().length === 0) process.exit(exitCode)
        return
      }
      earlyDeaths = performance.now() - startedAt < SHORTEST_LIFE_MS ? earlyDeaths + 1 : 0
      logger.error({ worker: worker.process.pid, code, signal }, 'a worker died')
      if (earlyDeaths >= MOST_EARLY_DEATHS)
        throw new GatewayError('CONFIGURATION', 'The workers keep dying as they start: see the lines above.')
      setTimeout(start, 200 * earlyDeaths)
    })
  }
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1)
    stopping = signal
    if (living().length === 0) process.exit(exitCode)
    for (const worker of living()) worker.process.kill(signal)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  for (let i = 0; i < config.server.workers; i++) start()
}

function living(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined && !worker.isDead()) as Worker[]
}

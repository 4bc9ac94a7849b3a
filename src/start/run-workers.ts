import cluster, { type Worker } from 'node:cluster'
import { systemEnv } from '../cache/env.ts'
import type { Config } from '../config/config.ts'
import { GatewayError } from '../errors.ts'
import { createLogger } from '../telemetry/logger.ts'
import type { FigureMessage } from './figure-messages.ts'
import { greet } from './greeting.ts'
import { openConfiguredDatabase, prepareDatabase } from './prepare-database.ts'
import { FigureRelay } from './relay-figures.ts'
import { WorkerRelay } from './relay-workers.ts'
import type { Shutdown } from './shutdown.ts'
import type { WorkerMessage } from './worker-messages.ts'

const SHORTEST_LIFE_MS = 5000
const MOST_EARLY_DEATHS = 5
/** How much longer than its workers' own time the primary waits before it ends those that do not react, ms. */
const WORKER_GRACE_MS = 1000
/** A worker that does not say its metrics within this time counts with those that it said last, ms. */
const FIGURES_PATIENCE_MS = 1000

/**
 * Brings the database up to date, then runs the server in several processes that share the port. A process that dies is
 * replaced; when they keep dying as soon as they start, all ends with exit code 1.
 */
export async function runWorkers(config: Config, shutdown: Shutdown): Promise<void> {
  const logger = createLogger(config.server.logLevel)
  const database = await openConfiguredDatabase(config, { memory: false, logger })
  await prepareDatabase(config, database, logger)
  cluster.once('listening', async (_, { port }) => {
    if (!config.production) await greet(config, database, addressOf(config.server.host, port), process.stdout)
    await database.close()
  })

  const relay = new WorkerRelay()
  const figures = new FigureRelay({ patienceMs: FIGURES_PATIENCE_MS, setTimer: systemEnv.setTimer })
  const ended = Promise.withResolvers<number>()
  let earlyDeaths = 0
  let exitCode = 0
  const start = () => {
    if (shutdown.signal) return
    const startedAt = performance.now()
    const worker = cluster.fork()
    const channel = {
      send: (message: WorkerMessage | FigureMessage) => void worker.send(message, () => undefined),
      onMessage: (listener: (message: unknown) => void) => void worker.on('message', listener),
      onGone: (listener: () => void) => void worker.on('disconnect', listener),
    }
    relay.add(channel)
    figures.add(channel)
    worker.on('exit', (code, signal) => {
      if (shutdown.signal) {
        // The signal itself ends a worker that did not listen for it yet.
        if (code !== 0 && signal !== shutdown.signal) exitCode = 1
        if (living().length === 0) ended.resolve(exitCode)
        return
      }
      earlyDeaths = performance.now() - startedAt < SHORTEST_LIFE_MS ? earlyDeaths + 1 : 0
      logger.error({ worker: worker.process.pid, code, signal }, 'a worker died')
      if (earlyDeaths >= MOST_EARLY_DEATHS)
        throw new GatewayError('CONFIGURATION', 'The workers keep dying as they start: see the lines above.')
      setTimeout(start, 200 * earlyDeaths)
    })
  }
  const timeoutMs = config.server.drainMs + config.server.shutdownTimeoutMs + WORKER_GRACE_MS
  shutdown.stopBy({
    run: async (signal) => {
      if (living().length === 0) return exitCode
      for (const worker of living()) worker.process.kill(signal)
      systemEnv.setTimer(() => {
        logger.error('workers did not end in time')
        for (const worker of living()) worker.process.kill('SIGKILL')
      }, timeoutMs)
      return ended.promise
    },
    timeoutMs: timeoutMs + WORKER_GRACE_MS,
    onTimeout: () => 1,
  })
  for (let i = 0; i < config.server.workers; i++) start()
}

function living(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined && !worker.isDead()) as Worker[]
}

/** An IPv6 address stands in brackets. */
function addressOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

import cluster, { type Worker } from 'node:cluster'
import type { Config } from '../config/config.ts'
import { systemEnv } from '../engine/cache/model/env.ts'
import { GatewayError } from '../errors.ts'
import { createLogger } from '../operations/telemetry/logger.ts'
import type { FigureMessage } from './figure-messages.ts'
import { greet } from './greeting.ts'
import { openConfiguredDatabase, prepareDatabase } from './prepare-database.ts'
import { FigureRelay } from './relay-figures.ts'
import { WorkerRelay } from './relay-workers.ts'
import type { Shutdown } from './shutdown.ts'
import type { WorkerMessage } from './worker-messages.ts'

const MIN_LIFE_MS = 5000
const MAX_EARLY_DEATHS = 5
/** Time that the primary waits beyond its workers' shutdown time before it kills the workers that still run, ms. */
const WORKER_GRACE_MS = 1000
/**
 * Time that the primary waits for the metrics of a worker, ms. A worker that has not answered by then is counted with the metrics that it
 * sent last.
 */
const FIGURES_TIMEOUT_MS = 1000

/**
 * Migrates the database, then runs the server in several worker processes that share the port. A worker that dies is replaced. If workers
 * keep dying soon after their start, the whole program stops with exit code 1.
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
  const figures = new FigureRelay({ patienceMs: FIGURES_TIMEOUT_MS, setTimer: systemEnv.setTimer })
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
        // A worker that has not yet registered its signal handler is killed by the signal, which is no failure.
        if (code !== 0 && signal !== shutdown.signal) exitCode = 1
        if (living().length === 0) ended.resolve(exitCode)
        return
      }
      earlyDeaths = performance.now() - startedAt < MIN_LIFE_MS ? earlyDeaths + 1 : 0
      logger.error({ worker: worker.process.pid, code, signal }, 'worker process died')
      if (earlyDeaths >= MAX_EARLY_DEATHS)
        throw new GatewayError('CONFIGURATION', 'The workers keep dying as they start: see the lines above.')
      setTimeout(start, 200 * earlyDeaths)
    })
  }
  const timeoutMs = 2 * config.server.drainMs + config.server.shutdownTimeoutMs + WORKER_GRACE_MS
  shutdown.stopBy({
    run: async (signal) => {
      if (living().length === 0) return exitCode
      for (const worker of living()) worker.process.kill(signal)
      systemEnv.setTimer(() => {
        logger.error('workers did not stop within the shutdown timeout: killing them')
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

/** Returns the URL of a host and port; an IPv6 address is put in brackets. */
function addressOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

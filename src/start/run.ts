import cluster from 'node:cluster'
import { parseArgs } from 'node:util'
import { readConfig } from '../config/config.ts'
import { withDevelopmentSecrets } from './development-secrets.ts'
import { explainFailure } from './failure-line.ts'
import type { Shutdown } from './shutdown.ts'

/** Runs the process. Its exit code is 0 if it stopped because of a signal, and 1 if it could not start or ended unexpectedly. */
export async function run(shutdown: Shutdown): Promise<void> {
  // After a signal, the shutdown alone decides the exit code: work that was under way may fail because its resources are being closed.
  const failUnlessStopping = (error: unknown) => (shutdown.signal === undefined ? fail(error) : print(error))
  process.on('unhandledRejection', failUnlessStopping)
  process.on('uncaughtException', failUnlessStopping)
  try {
    const { values } = parseArgs({ options: { memory: { type: 'boolean', default: false } } })
    const config = await withDevelopmentSecrets(readConfig(process.env), { memory: values.memory })
    // These modules are imported only after the configuration was read, because the import takes a second, and only where they are needed.
    if (cluster.isPrimary && config.server.workers > 1) await (await import('./run-workers.ts')).runWorkers(config, shutdown)
    else {
      const { runServer } = await import('./run-server.ts')
      await runServer(config, { memory: values.memory, prepare: cluster.isPrimary, shutdown })
    }
  } catch (error) {
    // After a signal, opening a resource (such as the database) fails because the resource is being closed. That failure is expected.
    if (shutdown.signal === undefined) fail(error)
  }
}

function fail(error: unknown): void {
  print(error)
  process.exit(1)
}

function print(error: unknown): void {
  for (const line of explainFailure(error)) process.stderr.write(`tidegate: ${line}\n`)
}

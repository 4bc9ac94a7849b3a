import cluster from 'node:cluster'
import { parseArgs } from 'node:util'
import { readConfig } from './config/config.ts'
import { withDevelopmentSecrets } from './start/development-secrets.ts'
import { explainFailure } from './start/failure-line.ts'
import { runServer } from './start/run-server.ts'
import { runWorkers } from './start/run-workers.ts'

/** The process. Exit code 0: stopped as asked. 1: it could not start, or came to an end that nobody asked for. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { memory: { type: 'boolean', default: false } } })
  const config = await withDevelopmentSecrets(readConfig(process.env))
  if (cluster.isPrimary && config.server.workers > 1) await runWorkers(config)
  else await runServer(config, { memory: values.memory, prepare: cluster.isPrimary })
}

function fail(error: unknown): void {
  for (const line of explainFailure(error)) process.stderr.write(`tidegate: ${line}\n`)
  process.exit(1)
}

process.on('unhandledRejection', fail)
process.on('uncaughtException', fail)
main().catch(fail)

/**
 * Migrates the database to the newest version (`npm run db:migrate`). With `--down`, reverts the newest migration instead. Uses the
 * database at DATABASE_URL. If DATABASE_URL is not set, uses the embedded database.
 */
import { parseArgs } from 'node:util'
import { readConfig } from '#src/config/config.ts'
import { rollBackMarket } from '#src/market/tables/database.ts'
import { createLogger } from '#src/operations/telemetry/logger.ts'
import { explainFailure } from '#src/start/failure-line.ts'
import { migrateDatabase, openConfiguredDatabase } from '#src/start/prepare-database.ts'

try {
  const { values } = parseArgs({ options: { down: { type: 'boolean', default: false } } })
  const logger = createLogger('warn')
  const database = await openConfiguredDatabase(readConfig(process.env), { memory: false, logger })
  if (values.down) {
    const undone = await rollBackMarket(database)
    process.stdout.write(undone === undefined ? 'There is no migration to take back.\n' : `Took back ${undone}.\n`)
  } else await migrateDatabase(database, logger)
  await database.close()
} catch (error) {
  for (const line of explainFailure(error)) process.stderr.write(`db:migrate: ${line}\n`)
  process.exitCode = 1
}

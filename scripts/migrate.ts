/** Brings the database up to date: `npm run db:migrate`. Takes DATABASE_URL, by default the embedded database. */
import { readConfig } from '../src/config/config.ts'
import { explainFailure } from '../src/start/failure-line.ts'
import { migrateDatabase, openConfiguredDatabase } from '../src/start/prepare-database.ts'
import { createLogger } from '../src/telemetry/logger.ts'

try {
  const logger = createLogger('warn')
  const database = await openConfiguredDatabase(readConfig(process.env), { memory: false, logger })
  await migrateDatabase(database, logger)
  await database.close()
} catch (error) {
  for (const line of explainFailure(error)) process.stderr.write(`db:migrate: ${line}\n`)
  process.exitCode = 1
}

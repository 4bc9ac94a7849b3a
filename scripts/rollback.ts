/** Takes the newest migration back: `npm run db:rollback`. Takes DATABASE_URL, by default the embedded database. */
import { readConfig } from '../src/config/config.ts'
import { rollback } from '../src/postgres/migrations.ts'
import { explainFailure } from '../src/start/failure-line.ts'
import { openConfiguredDatabase } from '../src/start/prepare-database.ts'
import { createLogger } from '../src/telemetry/logger.ts'

try {
  const database = await openConfiguredDatabase(readConfig(process.env), { memory: false, logger: createLogger('warn') })
  const undone = await rollback(database)
  process.stdout.write(undone === undefined ? 'There is no migration to take back.\n' : `Took back ${undone}.\n`)
  await database.close()
} catch (error) {
  for (const line of explainFailure(error)) process.stderr.write(`db:rollback: ${line}\n`)
  process.exitCode = 1
}

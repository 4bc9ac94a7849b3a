import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { GatewayError } from '../errors.ts'
import { createModules } from '../modules/index.ts'
import { isUnavailable } from '../postgres/failure.ts'
import { migrate } from '../postgres/migrations.ts'
import { type DatabaseHandle, openDatabase } from '../postgres/open-database.ts'
import { installWatches } from '../postgres/watch.ts'
import { seedDatabase } from '../seed/seed-database.ts'
import { updateTopLevelDomains } from '../seed/top-level-domains.ts'

const START_DEADLINE_MS = 10_000
/** An address that begins with a slash, and none at all, name a socket of this machine. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[?::1\]?|(\/|%2[fF]).*|)$/

/** Whether the database is embedded or answers at a loopback address: only there sample data is added and tokens are printed. */
export function isOfThisMachine({ database }: Config): boolean {
  if (database.url === undefined) return true
  if (!URL.canParse(database.url)) return false
  const { hostname, searchParams } = new URL(database.url)
  return LOOPBACK.test(searchParams.get('host') ?? hostname)
}

/** The database that the configuration names. @throws GatewayError CONFIGURATION with the remedy. */
export async function openConfiguredDatabase(
  config: Config,
  options: { readonly memory: boolean; readonly logger: Logger },
): Promise<DatabaseHandle> {
  const { url, embeddedFolder, poolSize, statementTimeoutMs } = config.database
  const onError = (error: Error) => options.logger.warn({ error }, 'a database connection was lost')
  const where = url === undefined ? { dataDir: options.memory ? null : embeddedFolder } : { url }
  const database = await openDatabase({ ...where, poolSize, statementTimeoutMs, onError })
  try {
    await database.ping(5000)
  } catch (error) {
    await database.close().catch(() => undefined)
    if (url === undefined || error instanceof GatewayError) throw error
    const address = URL.canParse(url) ? ` at ${new URL(url).host}` : ''
    throw new GatewayError(
      'CONFIGURATION',
      `DATABASE_URL: the database${address} cannot be used (${reasonOf(error)}): start it, or correct the address.`,
      { cause: error },
    )
  }
  return database
}

/** What the server said, such as that there is no such database; of the system's own errors the code, which says more than they do. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && !('severity' in error) ? String(error.code) : error.message
}

/**
 * Brings the schema and the list of top-level domains up to date and puts every table that is cached from under watch. Where a newer
 * version has done so, nothing is changed.
 */
export async function migrateDatabase(database: DatabaseHandle, logger: Logger): Promise<void> {
  const { isNewer } = await migrate(database)
  if (isNewer) {
    logger.warn("the database's schema is of a newer version, which this one runs with")
    return
  }
  await installWatches(
    database,
    createModules().flatMap((module) => [...module.entities.map(({ entity }) => entity), ...(module.watched ?? [])]),
  )
  await updateTopLevelDomains(database.db)
  // A folder may have been copied or set back while nobody looked: each opening is a history of its own.
  if (database.embedded) await database.openLog().bump(START_DEADLINE_MS)
}

/** Migrates, and in development fills an empty database with something to look at. */
export async function prepareDatabase(config: Config, database: DatabaseHandle, logger: Logger): Promise<void> {
  try {
    await migrateDatabase(database, logger)
  } catch (error) {
    if (!isUnavailable(error)) throw error
    throw new GatewayError(
      'CONFIGURATION',
      'DATABASE_URL: the database stopped answering while it was migrated: see its log, then start again.',
      {
        cause: error,
      },
    )
  }
  if (config.production) return
  const { db } = database
  const { count } = await db
    .selectFrom('tenants')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (count > 0) return
  if (!isOfThisMachine(config)) {
    logger.warn('the database is empty, and on another machine: no sample data is added (npm run db:seed does)')
    return
  }
  logger.info('the database is empty: adding sample data')
  await seedDatabase(db, { now: Date.now() })
}

import type { Config } from '../config/config.ts'
import { DatabaseUnavailableError, isUnavailable } from '../engine/postgres/failure.ts'
import type { PostgresObserver } from '../engine/postgres/postgres-observer.ts'
import { installWatches } from '../engine/postgres/watch.ts'
import { GatewayError } from '../errors.ts'
import { claimHashKey } from '../market/modules/compliance/hash-key.ts'
import { marketEntities } from '../market/modules/index.ts'
import { seedDatabase } from '../market/seed/seed-database.ts'
import { updateTopLevelDomains } from '../market/seed/top-level-domains.ts'
import { type MarketDatabase, migrateMarket, openMarketDatabase } from '../market/tables/database.ts'
import type { Logger } from '../operations/telemetry/logger.ts'

const START_DEADLINE_MS = 10_000
/** Pattern of the host names and addresses of this machine. An empty host, or a host that begins with a slash, means a Unix socket. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[?::1\]?|(\/|%2[fF]).*|)$/

/**
 * Returns whether the database is embedded or at a loopback address. The gateway adds sample data to such a database only, and prints
 * tokens for such a database only.
 */
export function isOfThisMachine({ database }: Config): boolean {
  if (database.url === undefined) return true
  if (!URL.canParse(database.url)) return false
  const { hostname, searchParams } = new URL(database.url)
  return LOOPBACK.test(searchParams.get('host') ?? hostname)
}

/** Opens the database that the configuration names. @throws GatewayError CONFIGURATION with the cause and what to do. */
export async function openConfiguredDatabase(
  config: Config,
  options: { readonly memory: boolean; readonly logger: Logger; readonly observer?: PostgresObserver | undefined },
): Promise<MarketDatabase> {
  const { url, embeddedFolder, poolSize, statementTimeoutMs } = config.database
  const onError = (error: Error) => options.logger.warn({ error }, 'database connection lost')
  const where = url === undefined ? { dataDir: options.memory ? null : embeddedFolder } : { url }
  const database = await openMarketDatabase({ ...where, poolSize, statementTimeoutMs, onError, observer: options.observer })
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

/**
 * Returns the reason for an error. For an error of the database server, the reason is its message. For an error of the operating system,
 * the reason is its code, because the code says more than the message.
 */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof DatabaseUnavailableError && error.cause !== undefined) return reasonOf(error.cause)
  return 'code' in error && !('severity' in error) ? String(error.code) : error.message
}

/**
 * Migrates the database schema, updates the list of top-level domains and installs the invalidation triggers on every table whose rows are
 * cached. If a newer version of the gateway has already migrated the schema, nothing is changed.
 */
export async function migrateDatabase(database: MarketDatabase, logger: Logger): Promise<void> {
  const { isNewer } = await migrateMarket(database)
  if (isNewer) {
    logger.warn('database schema is newer than this version of the gateway, but compatible with it')
    return
  }
  await installWatches(database, marketEntities())
  await updateTopLevelDomains(database.db)
  // The folder of an embedded database may have been copied or restored between two runs. So each opening starts a new epoch of the
  // invalidation log, which makes all earlier cache entries invalid.
  if (database.embedded) await database.openLog().bump(START_DEADLINE_MS)
}

/**
 * Migrates the database and, in development, fills an empty one with sample data.
 * @throws GatewayError CONFIGURATION if the database cannot be used, or if its callers are hashed under another CALLER_HASH_KEY.
 */
export async function prepareDatabase(config: Config, database: MarketDatabase, logger: Logger): Promise<void> {
  try {
    await migrateDatabase(database, logger)
  } catch (error) {
    if (!isUnavailable(error)) throw error
    throw new GatewayError(
      'CONFIGURATION',
      'DATABASE_URL: the database stopped answering during the migration: read the log of the database, then start the gateway again.',
      {
        cause: error,
      },
    )
  }
  const { db } = database
  if (config.market.callerHashKey !== undefined) await claimHashKey(db, config.market.callerHashKey, true)
  if (config.production) return
  const { count } = await db
    .selectFrom('tenants')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (count > 0) return
  if (!isOfThisMachine(config)) {
    logger.warn('database on another machine is empty: run npm run db:seed to add sample data')
    return
  }
  logger.info('database is empty: adding sample data')
  await seedDatabase(db, { now: Date.now(), callerHashKey: config.market.callerHashKey })
}

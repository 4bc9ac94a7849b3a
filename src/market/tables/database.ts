import { migrate, rollback } from '../../engine/postgres/migrate.ts'
import { type DatabaseHandle, type OpenDatabaseOptions, openDatabase } from '../../engine/postgres/open-database.ts'
import { LOG_MIGRATIONS, readMigrations } from '../../engine/postgres/read-migrations.ts'
import type { Database } from './tables.ts'

/** Handle of a database that contains the market's tables. */
export type MarketDatabase = DatabaseHandle<Database>

/**
 * Folders with the migrations of the invalidation log and of the market's tables. The migrations of both folders are numbered in one
 * sequence.
 */
export const MIGRATIONS: readonly URL[] = [LOG_MIGRATIONS, new URL('./migrations/', import.meta.url)]

/** Opens the market's database. @throws GatewayError CONFIGURATION when another process uses the folder of the embedded database. */
export function openMarketDatabase(options: OpenDatabaseOptions): Promise<MarketDatabase> {
  return openDatabase<Database>(options)
}

/** Brings the market's tables and the invalidation log up to date. For the result and the errors, see `migrate`. */
export async function migrateMarket(handle: Pick<MarketDatabase, 'unhurried'>): ReturnType<typeof migrate> {
  return migrate(handle, await readMigrations(MIGRATIONS))
}

/** Reverts the newest migration. @returns its name, or undefined if no migration is left to revert. */
export async function rollBackMarket(handle: Pick<MarketDatabase, 'unhurried'>): Promise<string | undefined> {
  return rollback(handle, await readMigrations(MIGRATIONS))
}

import type { Kysely } from 'kysely'
import { type Migration, type MigrationResultSet, Migrator } from 'kysely/migration'
import { GatewayError } from '../errors.ts'
import { tables } from './migrations/0001-tables.ts'
import { listIndexes } from './migrations/0002-indexes.ts'
import { rollupTables } from './migrations/0003-rollups.ts'
import { invalidationLog } from './migrations/0004-invalidation-log.ts'
import { cacheRecords } from './migrations/0005-cache-records.ts'
import type { DatabaseHandle } from './open-database.ts'
import type { Database } from './tables.ts'

const migrations: Record<string, Migration> = {
  '0001-tables': tables,
  '0002-indexes': listIndexes,
  '0003-rollups': rollupTables,
  '0004-invalidation-log': invalidationLog,
  '0005-cache-records': cacheRecords,
}

/**
 * Brings the database up to date. Processes that start at once take turns.
 * @throws the error of the migration that failed; what it did is rolled back.
 */
export async function migrate({ db }: Pick<DatabaseHandle, 'db'>): Promise<void> {
  raise(await migrator(db).migrateToLatest())
}

/** Takes the newest migration back. @returns its name, undefined when there is none left. */
export async function rollback({ db }: Pick<DatabaseHandle, 'db'>): Promise<string | undefined> {
  const result = await migrator(db).migrateDown()
  raise(result)
  return result.results?.[0]?.migrationName
}

function migrator(db: Kysely<Database>): Migrator {
  return new Migrator({ db: db.withoutPlugins(), provider: { getMigrations: async () => migrations } })
}

function raise({ error }: MigrationResultSet): void {
  if (error instanceof Error) throw error
  if (error !== undefined) throw new GatewayError('INTERNAL_SERVER_ERROR', String(error))
}

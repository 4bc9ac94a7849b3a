import { sql } from 'kysely'
import { type MigrationResult, type MigrationResultSet, Migrator } from 'kysely/migration'
import { GatewayError } from '../errors.ts'
import { tables } from './migrations/0001-tables.ts'
import { listIndexes } from './migrations/0002-indexes.ts'
import { rollupTables } from './migrations/0003-rollups.ts'
import { invalidationLog } from './migrations/0004-invalidation-log.ts'
import { cacheRecords } from './migrations/0005-cache-records.ts'
import { logIdentity } from './migrations/0006-log-identity.ts'
import { alwaysTriggers } from './migrations/0007-always-triggers.ts'
import { timeDimensions } from './migrations/0008-time-dimensions.ts'
import { cheapWrites } from './migrations/0009-cheap-writes.ts'
import { tokenRevocation } from './migrations/0010-token-revocation.ts'
import type { DatabaseHandle } from './open-database.ts'
import { type CompatibleMigration, declareCompatibility, isNewerSchema } from './schema-compatibility.ts'

const migrations: Record<string, CompatibleMigration> = {
  '0001-tables': tables,
  '0002-indexes': listIndexes,
  '0003-rollups': rollupTables,
  '0004-invalidation-log': invalidationLog,
  '0005-cache-records': cacheRecords,
  '0006-log-identity': logIdentity,
  '0007-always-triggers': alwaysTriggers,
  '0008-time-dimensions': timeDimensions,
  '0009-cheap-writes': cheapWrites,
  '0010-token-revocation': tokenRevocation,
}

/** Advisory lock that only one migration at a time holds. */
const LOCK = 0x7469_6465_6d69

/**
 * Brings the database up to date. Processes that start at once take turns. A schema that a newer version changed is left as it is,
 * when this version runs on it.
 * @returns whether the schema is a newer one.
 * @throws GatewayError CONFIGURATION for a newer schema that this version does not run on, else the error of the migration that
 *   failed; everything is then as it was before the call.
 */
export async function migrate(handle: Pick<DatabaseHandle, 'unhurried'>): Promise<{ readonly isNewer: boolean }> {
  const results = await change(handle, (migrator) => migrator.migrateToLatest())
  return { isNewer: results === 'newer' }
}

/** Takes the newest migration back. @returns its name, undefined when there is none left. */
export async function rollback(handle: Pick<DatabaseHandle, 'unhurried'>): Promise<string | undefined> {
  const results = await change(handle, (migrator) => migrator.migrateDown())
  if (results === 'newer')
    throw new GatewayError('CONFIGURATION', 'The newest migration is of a newer version: take it back with that version.')
  return results[0]?.migrationName
}

/**
 * One transaction for all of it, and a lock that ends with it: nothing is left behind in a session, which may be another's a
 * moment later. What was cached before is void afterwards.
 */
function change(
  { unhurried }: Pick<DatabaseHandle, 'unhurried'>,
  move: (migrator: Migrator) => Promise<MigrationResultSet>,
): Promise<readonly MigrationResult[] | 'newer'> {
  return unhurried((db) =>
    db
      .withoutPlugins()
      .transaction()
      .execute(async (transaction) => {
        await sql`select set_config('statement_timeout', '0', true), set_config('search_path', 'public', true)`.execute(transaction)
        await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(transaction)
        if (await isNewerSchema(transaction, migrations)) return 'newer' as const
        const { results = [], error } = await move(new Migrator({ db: transaction, provider: { getMigrations: async () => migrations } }))
        if (error instanceof Error) throw error
        if (error !== undefined) throw new GatewayError('INTERNAL_SERVER_ERROR', String(error))
        await declareCompatibility(transaction, migrations)
        const { rows } = await sql<{ exists: boolean }>`select to_regclass('cache.pending') is not null as exists`.execute(transaction)
        if (results.length > 0 && rows[0]?.exists) await sql`insert into cache.pending (tags) values ('{*}')`.execute(transaction)
        return results
      }),
  )
}

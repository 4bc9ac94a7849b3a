import { sql } from 'kysely'
import { type MigrationResult, type MigrationResultSet, Migrator } from 'kysely/migration'
import { GatewayError } from '../../errors.ts'
import type { DatabaseHandle } from './open-database.ts'
import { declareCompatibility, isNewerSchema, type Migrations } from './schema-compatibility.ts'

type Patient<Tables> = Pick<DatabaseHandle<Tables>, 'unhurried'>

/** Key of the PostgreSQL advisory lock that lets only one process migrate at a time. */
const LOCK = 0x7469_6465_6d69

/**
 * Migrates the database to the newest schema version. Processes that start at the same time take turns. If a newer release has already
 * migrated the database, and this release is compatible with the result, nothing is changed.
 * @param migrations All migrations, in their order.
 * @returns whether the schema is newer than this release.
 * @throws GatewayError CONFIGURATION if the schema is newer and this release does not run on it. If a migration fails, its error is thrown.
 * In both cases the database is unchanged.
 */
export async function migrate<Tables>(handle: Patient<Tables>, migrations: Migrations): Promise<{ readonly isNewer: boolean }> {
  const results = await change(handle, migrations, (migrator) => migrator.migrateToLatest())
  return { isNewer: results === 'newer' }
}

/** Reverts the newest migration. @returns its name, undefined if none is left. */
export async function rollback<Tables>(handle: Patient<Tables>, migrations: Migrations): Promise<string | undefined> {
  const results = await change(handle, migrations, (migrator) => migrator.migrateDown())
  if (results === 'newer')
    throw new GatewayError('CONFIGURATION', 'The newest migration belongs to a newer version of the gateway: revert it with that version.')
  return results[0]?.migrationName
}

/**
 * Runs the migrations in one transaction, under an advisory lock that is released at the end of the transaction. So nothing remains in the
 * session, which a pooler may give to another client next. If a migration ran, everything cached before is invalidated.
 */
function change<Tables>(
  { unhurried }: Patient<Tables>,
  migrations: Migrations,
  move: (migrator: Migrator) => Promise<MigrationResultSet>,
): Promise<readonly MigrationResult[] | 'newer'> {
  return unhurried((db) =>
    db
      .withoutPlugins()
      .transaction()
      .execute(async (transaction) => {
        await sql`select set_config('statement_timeout', '0', true), set_config('search_path', 'public', true),
          set_config('tidegate.cause', 'system migration', true)`.execute(transaction)
        await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(transaction)
        if (await isNewerSchema(transaction, migrations)) return 'newer' as const
        const { results = [], error } = await move(
          new Migrator({ db: transaction, provider: { getMigrations: async () => ({ ...migrations }) } }),
        )
        if (error instanceof Error) throw error
        if (error !== undefined) throw new GatewayError('INTERNAL_SERVER_ERROR', String(error))
        await declareCompatibility(transaction, migrations)
        const { rows } = await sql<{ exists: boolean }>`select to_regclass('cache.pending') is not null as exists`.execute(transaction)
        if (results.length > 0 && rows[0]?.exists) await sql`insert into cache.pending (tags) values ('{*}')`.execute(transaction)
        return results
      }),
  )
}

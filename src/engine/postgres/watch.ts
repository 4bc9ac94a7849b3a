import { type QueryExecutorProvider, sql } from 'kysely'
import { GatewayError } from '../../errors.ts'
import type { Entity } from '../cache/model/entity.ts'
import { sqlState } from './failure.ts'
import type { DatabaseHandle } from './open-database.ts'

/**
 * Installs the invalidation triggers of the tables of the declared types: from now on every change of their rows reaches the invalidation
 * log. Tables whose triggers are already installed stay unchanged. An installation appends a row with the tag `*` to the log, which
 * invalidates everything, because earlier writes emitted no tags.
 * @throws GatewayError CONFIGURATION that names the type whose table or column does not exist or cannot be watched.
 */
export async function installWatches<Tables>(
  { unhurried }: Pick<DatabaseHandle<Tables>, 'unhurried'>,
  entities: readonly Entity[],
): Promise<void> {
  await unhurried(async (db) => {
    await db.transaction().execute(async (transaction) => {
      await sql`select set_config('statement_timeout', '0', true), set_config('tidegate.cause', 'system triggers installed', true)`.execute(
        transaction,
      )
      for (const entity of entities) await watch(transaction, entity)
    })
    await sql`select cache.publish()`.execute(db)
  })
}

/**
 * SQLSTATEs that cache.watch raises if the table does not match the declaration: a table or column is missing, or is of a wrong kind or
 * type.
 */
const MISMATCHES = ['42P01', '42703', '42809', '42P16', '42804']

async function watch(db: QueryExecutorProvider, { type, table, tenantColumn, idColumn, dimensions, listed }: Entity): Promise<void> {
  try {
    await sql`select cache.watch(${type}, ${table}, ${tenantColumn}::text, ${idColumn}::text, ${[...dimensions]}::text[], ${[...listed]}::text[])`.execute(
      db,
    )
  } catch (error) {
    if (!(error instanceof Error) || !MISMATCHES.includes(sqlState(error) ?? '')) throw error
    throw new GatewayError(
      'CONFIGURATION',
      `The entity ${type} does not match the database: ${error.message}. Correct declareEntity, or add a migration.`,
      { cause: error },
    )
  }
}

import { sql } from 'kysely'
import type { Entity } from '../cache/entity.ts'
import type { DatabaseHandle } from './open-database.ts'

/**
 * Puts the entities' tables under watch: from now on every change of their rows reaches the invalidation log. Changes nothing
 * where it is so already. The first row of the log carries `*` and is written after the triggers exist.
 */
export async function installWatches({ unhurried }: Pick<DatabaseHandle, 'unhurried'>, entities: readonly Entity[]): Promise<void> {
  await unhurried(async (db) => {
    await db.transaction().execute(async (transaction) => {
      await sql`select set_config('statement_timeout', '0', true)`.execute(transaction)
      for (const { type, table, tenantColumn, idColumn, dimensions, listed } of entities) {
        await sql`select cache.watch(${type}, ${table}, ${tenantColumn}::text, ${idColumn}::text, ${[...dimensions]}::text[], ${[...listed]}::text[])`.execute(
          transaction,
        )
      }
    })
    await sql`select cache.publish()`.execute(db)
  })
}

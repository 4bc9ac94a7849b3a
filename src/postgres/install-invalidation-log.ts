import { sql } from 'kysely'
import { invalidationLog } from './migrations/0004-invalidation-log.ts'
import type { DatabaseHandle } from './open-database.ts'

/** Advisory lock that only one installation at a time holds. */
const LOCK = 0x7469_6465_6c67

/**
 * Makes the schema `cache` with the invalidation log in a database that has none; changes nothing in one that has. For those who
 * use the cache without the gateway, whose migrations do the same.
 */
export async function installInvalidationLog({ unhurried }: Pick<DatabaseHandle, 'unhurried'>): Promise<void> {
  await unhurried((db) =>
    db
      .withoutPlugins()
      .transaction()
      .execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(transaction)
        const { rows } = await sql<{ exists: boolean }>`select to_regclass('cache.log') is not null as exists`.execute(transaction)
        if (!rows[0]?.exists) await invalidationLog.up(transaction)
      }),
  )
}

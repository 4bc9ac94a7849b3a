import { sql } from 'kysely'
import { migration as invalidationLog } from './migrations/0004-invalidation-log.ts'
import { migration as logIdentity } from './migrations/0006-log-identity.ts'
import { migration as cheapWrites } from './migrations/0009-cheap-writes.ts'
import { migration as writeCauses } from './migrations/0013-write-causes.ts'
import { migration as writesByTransaction } from './migrations/0022-writes-by-transaction.ts'
import { migration as oneLook } from './migrations/0023-one-look-at-the-catalogue.ts'
import type { DatabaseHandle } from './open-database.ts'

/** Key of the PostgreSQL advisory lock that lets only one installation run at a time. */
const LOCK = 0x7469_6465_6c67

/**
 * Creates the schema `cache` with the invalidation log in a database, or migrates an older version of that schema. Applications that use
 * the cache without the gateway call this function; the gateway's own migrations do the same.
 */
export async function installInvalidationLog<Tables>({ unhurried }: Pick<DatabaseHandle<Tables>, 'unhurried'>): Promise<void> {
  await unhurried((db) =>
    db
      .withoutPlugins()
      .transaction()
      .execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(transaction)
        const { rows } = await sql<{ log: boolean; catalogue: boolean; lean: boolean; causes: boolean; counted: boolean; once: boolean }>`
          select to_regclass('cache.log') is not null as log, to_regproc('cache.catalogue') is not null as catalogue,
            to_regproc('cache.same_image') is not null as lean, to_regproc('cache.causes_of') is not null as causes,
            obj_description(to_regproc('cache.publish'), 'pg_proc') is not null as counted,
            obj_description(to_regproc('cache.publish'), 'pg_proc') <> 'A write is a transaction.' as once`.execute(transaction)
        if (!rows[0]?.log) await invalidationLog.up(transaction)
        if (!rows[0]?.catalogue) await logIdentity.up(transaction)
        if (!rows[0]?.lean) await cheapWrites.up(transaction)
        if (!rows[0]?.causes) await writeCauses.up(transaction)
        if (!rows[0]?.counted) await writesByTransaction.up(transaction)
        if (!rows[0]?.once) await oneLook.up(transaction)
      }),
  )
}

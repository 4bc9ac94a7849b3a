import type { Kysely } from 'kysely'
import type { Database } from '../../tables/tables.ts'

const ACTIVE_MS = 7 * 24 * 60 * 60 * 1000

/** Returns the ids of all tenants, in ascending order. */
export async function allTenants(db: Kysely<Database>): Promise<readonly string[]> {
  const rows = await db.selectFrom('tenants').select('id').orderBy('id').execute()
  return rows.map(({ id }) => id)
}

/**
 * Returns the ids of the tenants that had a call or a bid in the last seven days, in ascending order.
 * @param now Unix epoch, ms.
 */
export async function activeTenants(db: Kysely<Database>, now: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('tenants')
    .select('id')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('campaignHours')
          .select('hour')
          .whereRef('campaignHours.tenantId', '=', 'tenants.id')
          .where('hour', '>=', new Date(now - ACTIVE_MS).toISOString()),
      ),
    )
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

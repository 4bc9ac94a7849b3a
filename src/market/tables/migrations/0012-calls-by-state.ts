import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../../../engine/postgres/schema-compatibility.ts'

/**
 * Adds the index for lists and counts of calls by the state of the caller. Without the index, such a count reads all calls of the tenant.
 */
export const migration: CompatibleMigration = {
  // No statement depends on the index. So every version of the program that can run after the migration 0011-ended-tokens can also run
  // after this migration.
  runsWith: '0010-token-revocation',
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index calls_by_state on calls (tenant_id, caller_state, started_at, id)`.execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`drop index calls_by_state`.execute(db)
  },
}

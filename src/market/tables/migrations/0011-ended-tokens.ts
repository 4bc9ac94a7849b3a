import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../../../engine/postgres/schema-compatibility.ts'

/**
 * Adds the time at which a revoked token expires by itself. The column is nullable, because an operator who revokes a token by its id may
 * not know this time. A row without this time is never deleted.
 */
export const migration: CompatibleMigration = {
  // A version of the program that does not know the column still works: it reads and writes revoked tokens by their ids alone.
  runsWith: '0010-token-revocation',
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table revoked_tokens add column expires_at timestamptz(3)`.execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`alter table revoked_tokens drop column expires_at`.execute(db)
  },
}

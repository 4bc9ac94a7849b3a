import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../../../engine/postgres/schema-compatibility.ts'

/** Columns for what the advisor recommends for each operation. See docs/history.md. */
export const migration: CompatibleMigration = {
  // An older version works: it leaves the columns as they are.
  runsWith: '0010-token-revocation',
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table cached_query_patterns
      add column recommendation_code text,
      add column recommendation_subject text,
      add column recommendation text,
      add column recommendation_gain_points double precision,
      add column recommended_at timestamptz`.execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`alter table cached_query_patterns
      drop column recommendation_code, drop column recommendation_subject, drop column recommendation,
      drop column recommendation_gain_points, drop column recommended_at`.execute(db)
  },
}

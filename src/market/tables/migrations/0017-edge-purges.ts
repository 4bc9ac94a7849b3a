import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../../../engine/postgres/schema-compatibility.ts'

/**
 * Cursors of the purges of CDNs: the row of the invalidation log up to which an edge is purged, and the process that purges it. The table is
 * not watched, so writing to it invalidates nothing.
 */
const table = `create table cache_edge_purges (
    edge text primary key,
    holder uuid,
    held_until timestamptz(3) not null,
    epoch text,
    log_position bigint,
    row_at timestamptz(3),
    check ((epoch is null) = (log_position is null) and (epoch is null) = (row_at is null))
  )`

export const migration: CompatibleMigration = {
  // An older version of the program works: it purges nothing.
  runsWith: '0010-token-revocation',
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw(table).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`drop table cache_edge_purges`.execute(db)
  },
}

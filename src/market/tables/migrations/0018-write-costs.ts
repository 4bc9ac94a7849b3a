import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../../../engine/postgres/schema-compatibility.ts'
import { subjects } from './0016-dashboard.ts'

const SUBJECTS = ['field', 'operation', 'tenant', 'tag', 'latency', 'total']

/** Figures of the history with the subject `write`: what each kind of write cost. */
export const migration: CompatibleMigration = {
  // An older version works: it counts nothing by write.
  runsWith: '0010-token-revocation',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of subjects([...SUBJECTS, 'write'])) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`delete from cache_performance_metrics where subject = 'write'`.execute(db)
    for (const statement of subjects(SUBJECTS)) await sql.raw(statement).execute(db)
  },
}

import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../schema-compatibility.ts'
import { causesFunction, publishFunctionWith, replaceable } from './0013-write-causes.ts'

/** Summary of the pending rows: a single write is a single transaction with a single cause, whose time is that of its last statement. */
export const BY_TRANSACTION = `case when count(*) = 0 then 0 when min(xid) = max(xid) and min(cause collate "C") = max(cause collate "C") then 1 else 2 end,
        min(xid), max(at)`

/** Counts each transaction as one write, however many rows of the log's table it fills: a statement fills one for each declaration. */
export const migration: CompatibleMigration = {
  // An older version calls the same functions.
  runsWith: '0010-token-revocation',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [causesFunction('1'), publishFunctionWith(BY_TRANSACTION)]) await sql.raw(statement).execute(db)
    await sql`comment on function cache.publish() is 'A write is a transaction.'`.execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const statement of replaceable) await sql.raw(statement).execute(db)
    await sql`comment on function cache.publish() is null`.execute(db)
  },
}

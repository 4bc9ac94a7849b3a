import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const TABLES = ['revoked_tokens', 'token_cutoffs']

const statements = [
  // Access tokens are stored by their jti claim, never by their text, so that a reader of the table cannot use the tokens.
  `create table revoked_tokens (
    id text primary key check (id ~ '^[\\x21-\\x7e]{1,128}$'),
    revoked_at timestamptz(3) not null default now()
  )`,
  // The user_id is the sub claim of tokens. It need not be the id of a row of `users`, because a service account has no such row.
  `create table token_cutoffs (
    tenant_id text not null references tenants on delete cascade,
    user_id text not null check (user_id ~ '^[\\x21-\\x7e]{1,128}$'),
    valid_after timestamptz(3) not null,
    primary key (tenant_id, user_id)
  )`,
]

/**
 * Creates the tables of revoked tokens. The migration has no `runsWith`, so no older version of the program may run with it. An older
 * version would not know the tables and would go on accepting revoked tokens.
 */
export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`select cache.unwatch(type) from cache.watched where table_name = any(${TABLES})`.execute(db)
    for (const table of TABLES) await sql`drop table ${sql.table(table)}`.execute(db)
  },
}

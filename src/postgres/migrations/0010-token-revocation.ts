import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const TABLES = ['revoked_tokens', 'token_cutoffs']

const statements = [
  // By the claim jti, never by the token's text: whoever reads the table cannot use what is in it.
  `create table revoked_tokens (
    id text primary key check (id ~ '^[\\x21-\\x7e]{1,128}$'),
    revoked_at timestamptz(3) not null default now()
  )`,
  // The user is the claim sub. It need not be a row of users: a service account has none.
  `create table token_cutoffs (
    tenant_id text not null references tenants on delete cascade,
    user_id text not null check (user_id ~ '^[\\x21-\\x7e]{1,128}$'),
    valid_after timestamptz(3) not null,
    primary key (tenant_id, user_id)
  )`,
]

export const tokenRevocation: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`select cache.unwatch(type) from cache.watched where table_name = any(${TABLES})`.execute(db)
    for (const table of TABLES) await sql`drop table ${sql.table(table)}`.execute(db)
  },
}

import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../../../engine/postgres/schema-compatibility.ts'

/**
 * Tables of the management API: the processes that share the database, the log of all calls of the API, and the cache policies that an
 * operator changed. None of them is watched, so writing to them invalidates nothing.
 */
const statements = [
  `create table cache_instances (
    id uuid primary key,
    version text not null,
    host text not null,
    pid integer not null,
    started_at timestamptz(3) not null default clock_timestamp(),
    seen_at timestamptz(3) not null,
    epoch text not null,
    clock bigint not null,
    lag_ms double precision,
    staleness_bound_ms integer not null,
    memory_entries integer not null,
    memory_bytes bigint not null,
    heap_bytes bigint not null,
    redis text not null check (redis in ('up', 'down', 'none')),
    policies integer not null
  )`,
  `create table cache_audit_log (
    id bigint generated always as identity primary key,
    at timestamptz(3) not null default clock_timestamp(),
    tenant text,
    user_id text,
    role text,
    endpoint text not null,
    arguments jsonb not null,
    outcome text not null,
    duration_ms double precision,
    address text not null,
    request_id text not null,
    instance uuid not null
  )`,
  'create index cache_audit_log_at on cache_audit_log (at)',
  'create index cache_audit_log_tenant on cache_audit_log (tenant, id)',
  `create table cache_policy_overrides (
    coordinate text primary key,
    policy jsonb not null,
    set_by text not null,
    set_at timestamptz(3) not null default clock_timestamp(),
    reason text
  )`,
  // The only row holds the number of changes, by which processes notice a change. It is also the lock of a change.
  'create table cache_policy_version (changes integer not null)',
  'create unique index cache_policy_version_one on cache_policy_version ((true))',
  'insert into cache_policy_version values (0)',
]

export const migration: CompatibleMigration = {
  // An older version of the program works: it does not report its processes, and ignores the policies of operators.
  runsWith: '0010-token-revocation',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`drop table cache_policy_version, cache_policy_overrides, cache_audit_log, cache_instances`.execute(db)
  },
}

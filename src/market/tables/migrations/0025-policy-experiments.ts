import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../../../engine/postgres/schema-compatibility.ts'

/** Tables of the experiments with cache policies. None of them is watched, so writing to them invalidates nothing. */
const statements = [
  `create table cache_experiments (
    id integer generated always as identity primary key,
    coordinate text not null,
    control jsonb not null,
    trial jsonb not null,
    trial_buckets integer not null check (trial_buckets between 1 and 255),
    lead_in_hours integer not null check (lead_in_hours >= 0),
    started_by text not null,
    started_at timestamptz(3) not null default clock_timestamp(),
    reason text,
    ended_by text,
    ended_at timestamptz(3),
    end_reason text
  )`,
  'create unique index cache_experiments_running on cache_experiments (coordinate) where ended_at is null',
  // Every process adds to the row of the current hour. An item of the arrays belongs to one bucket.
  `create table cache_experiment_sums (
    experiment integer not null references cache_experiments on delete cascade,
    hour integer not null,
    reads bigint[] not null,
    hits bigint[] not null,
    primary key (experiment, hour)
  )`,
  // Number of the last batch of each process. If the reply to a batch is lost, the process sends the same batch again, and it is not
  // counted twice.
  `create table cache_experiment_writers (
    experiment integer not null references cache_experiments on delete cascade,
    writer text not null,
    batch bigint not null,
    primary key (experiment, writer)
  )`,
]

export const migration: CompatibleMigration = {
  // An older version takes no part in experiments: it reads all keys by the policy of the control, and counts nothing.
  runsWith: '0022-writes-by-transaction',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`drop table cache_experiment_writers, cache_experiment_sums, cache_experiments`.execute(db)
  },
}

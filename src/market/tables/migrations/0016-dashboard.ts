import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../../../engine/postgres/schema-compatibility.ts'
import { FIGURES, recordCacheMetrics } from './0014-cache-history.ts'

/** Returns the statements that allow these subjects of figures, and no others. */
export const subjects = (names: readonly string[]) => [
  'alter table cache_performance_metrics drop constraint cache_performance_metrics_subject_check',
  // The rows that are there satisfy the constraint, so they need not be read while the table is locked.
  `alter table cache_performance_metrics add constraint cache_performance_metrics_subject_check
    check (subject in (${names.map((name) => `'${name}'`).join(', ')})) not valid`,
]

const SUBJECTS = ['field', 'operation', 'tenant', 'tag']

/** The figures, and their sums over all fields and over all operations. */
const FIGURES_AND_TOTALS = `(
        with figures as (select * from ${FIGURES})
        select * from figures
        union all
        select 'total', subject, layer, operation, cause, count, ms, saved, bytes from figures where subject in ('field', 'operation')
      ) as figures (subject, key, layer, operation, cause, count, ms, saved, bytes)`

/** Columns, tables and indexes for dashboards: details of each process, deploys, durations of answers, broad invalidations. */
const statements = [
  // Facts that a process reports about itself and that no statement searches for.
  `alter table cache_instances add column details jsonb not null default '{}'`,
  // One row for each start of a version other than that of the start before it.
  `create table cache_deploys (
    id bigint generated always as identity primary key,
    at timestamptz(3) not null default clock_timestamp(),
    version text not null,
    host text not null
  )`,
  'create index cache_deploys_at on cache_deploys (at)',
  // Whether a tag of the row covers everything, a tenant, or a type. An older version leaves it false.
  'alter table cache_invalidation_log add column is_broad boolean not null default false',
  'create index cache_invalidation_log_broad on cache_invalidation_log (created_at) where is_broad',
  // The series of one operation or field, or of all of them.
  'create index cache_performance_metrics_by_key on cache_performance_metrics (subject, cache_key, period, recorded_at)',
  // Whoever follows the log asks for the rows after a position.
  'create index cache_invalidation_log_by_position on cache_invalidation_log (log_position)',
  'create index cache_audit_log_user on cache_audit_log (user_id, id)',
  // Nearly all calls are reads. The marks of a time range are changes.
  `create index cache_audit_log_changes on cache_audit_log (at) where endpoint like 'POST %'`,
  ...subjects([...SUBJECTS, 'latency', 'total']),
  // A chart of a day reads a few rows for each minute instead of those of all fields and operations. The function adds the rows, so they are
  // complete although processes of an older version call it, too.
  recordCacheMetrics(FIGURES_AND_TOTALS),
  `insert into cache_performance_metrics (period, recorded_at, subject, cache_key, cache_layer, operation, cause, operation_count,
      response_time_ms, saved_ms, data_size_bytes)
    select period, recorded_at, 'total', subject, cache_layer, operation, cause, sum(operation_count), sum(response_time_ms), sum(saved_ms),
      sum(data_size_bytes)
    from cache_performance_metrics where subject in ('field', 'operation') group by 1, 2, 4, 5, 6, 7`,
]

export const migration: CompatibleMigration = {
  // An older version works: it reports no details, and marks no row of the history as broad.
  runsWith: '0010-token-revocation',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql.raw(recordCacheMetrics(FIGURES)).execute(db)
    await sql`delete from cache_performance_metrics where subject in ('latency', 'total')`.execute(db)
    for (const statement of subjects(SUBJECTS)) await sql.raw(statement).execute(db)
    await sql`drop index cache_audit_log_changes, cache_audit_log_user, cache_invalidation_log_by_position,
      cache_performance_metrics_by_key`.execute(db)
    await sql`alter table cache_invalidation_log drop column is_broad`.execute(db)
    await sql`drop table cache_deploys`.execute(db)
    await sql`alter table cache_instances drop column details`.execute(db)
  },
}

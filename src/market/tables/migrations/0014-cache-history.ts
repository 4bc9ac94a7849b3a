import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../../../engine/postgres/schema-compatibility.ts'
import { cacheRecords } from './0005-cache-records.ts'

const drop = 'drop table cached_query_patterns, cache_invalidation_log, cache_performance_metrics'

/** Rows of the table of figures that a call of the function contains. */
export const FIGURES = `jsonb_to_recordset(p_figures) as figures (
        subject text, key text, layer text, operation text, cause text, count bigint, ms float8, saved float8, bytes bigint
      )`

/**
 * Returns the statement that creates the function that adds one batch of figures of a process to the minute and the hour of p_at. The rows
 * are locked in one order, so that processes never wait for each other in a circle. The function returns false if the batch was already
 * added.
 * @param figures Rows that are added, as an item of a `from` clause.
 */
export function recordCacheMetrics(figures: string): string {
  return `create or replace function record_cache_metrics(p_writer text, p_batch bigint, p_at timestamptz, p_figures jsonb, p_patterns jsonb) returns boolean
    language plpgsql volatile set search_path = public, pg_catalog, pg_temp
    as $$
    begin
      insert into cache_history_writers as known values (p_writer, p_batch, p_at)
      on conflict (writer) do update set batch = excluded.batch, written_at = excluded.written_at where known.batch < excluded.batch;
      if not found then return false; end if;

      insert into cache_performance_metrics as known
        (period, recorded_at, subject, cache_key, cache_layer, operation, cause, operation_count, response_time_ms, saved_ms, data_size_bytes)
      select period, date_trunc(period, p_at, 'UTC'), subject, key, layer, operation, cause, sum(count), sum(ms), sum(saved), sum(bytes)
      from (values ('minute'), ('hour')) as periods (period) cross join ${figures}
      group by 1, 2, 3, 4, 5, 6, 7
      order by 1, 2, 3, 4, 5, 6, 7
      on conflict (period, recorded_at, subject, cache_key, operation, cache_layer, cause) do update set
        operation_count = known.operation_count + excluded.operation_count,
        response_time_ms = known.response_time_ms + excluded.response_time_ms,
        saved_ms = known.saved_ms + excluded.saved_ms,
        data_size_bytes = known.data_size_bytes + excluded.data_size_bytes;

      insert into cached_query_patterns as known
        (query_pattern_hash, cache_key_template, kind, requests, cached_answers, response_time_ms, saved_ms, created_at, last_seen_at)
      select hash, min(name), min(kind), sum(requests), sum(cached), sum(ms), sum(saved), p_at, p_at
      from jsonb_to_recordset(p_patterns) as patterns (
        hash text, name text, kind text, requests bigint, cached bigint, ms float8, saved float8
      )
      group by hash
      order by hash
      on conflict (query_pattern_hash) do update set
        cache_key_template = excluded.cache_key_template,
        kind = excluded.kind,
        requests = known.requests + excluded.requests,
        cached_answers = known.cached_answers + excluded.cached_answers,
        response_time_ms = known.response_time_ms + excluded.response_time_ms,
        saved_ms = known.saved_ms + excluded.saved_ms,
        last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at);
      return true;
    end
    $$`
}

const statements = [
  'drop function record_cache_metrics(varchar, varchar, varchar, numeric, integer, integer, bigint)',
  drop,
  // Every process adds its figures to the rows of the current minute and hour. The rows are updated often, and no index contains what
  // changes, so the free space in each page keeps updates cheap.
  `create table cache_performance_metrics (
    period text not null check (period in ('minute', 'hour')),
    recorded_at timestamptz not null,
    subject text not null check (subject in ('field', 'operation', 'tenant', 'tag')),
    cache_key text not null,
    cache_layer text not null default '',
    operation text not null,
    cause text not null default '',
    operation_count bigint not null default 0,
    response_time_ms double precision not null default 0,
    saved_ms double precision not null default 0,
    data_size_bytes bigint not null default 0,
    primary key (period, recorded_at, subject, cache_key, operation, cache_layer, cause)
  ) with (fillfactor = 70)`,
  `create table cached_query_patterns (
    query_pattern_hash text primary key,
    cache_key_template text not null,
    kind text not null,
    requests bigint not null default 0,
    cached_answers bigint not null default 0,
    response_time_ms double precision not null default 0,
    saved_ms double precision not null default 0,
    hit_rate_pct double precision generated always as (case when requests > 0 then 100.0 * cached_answers / requests else 0 end) stored,
    performance_improvement_pct double precision generated always as
      (case when saved_ms + response_time_ms > 0 then 100.0 * saved_ms / (saved_ms + response_time_ms) else 0 end) stored,
    created_at timestamptz not null,
    last_seen_at timestamptz not null
  ) with (fillfactor = 70)`,
  'create index cached_query_patterns_by_last_use on cached_query_patterns (last_seen_at)',
  `create table cache_invalidation_log (
    epoch text not null,
    log_position bigint not null,
    created_at timestamptz not null,
    invalidation_reason text not null,
    causes jsonb not null,
    trigger_entity_type text,
    trigger_entity_id text,
    entity_types text[] not null,
    tenants text[] not null,
    cache_keys text[] not null,
    invalidated_count integer not null,
    processing_time_ms double precision,
    primary key (epoch, log_position)
  )`,
  'create index cache_invalidation_log_by_time on cache_invalidation_log (created_at, log_position)',
  // Number of the last batch of each process. If the reply to a batch is lost, the process sends the same batch again, and it is not
  // counted twice.
  `create table cache_history_writers (
    writer text primary key,
    batch bigint not null,
    written_at timestamptz not null
  )`,
  recordCacheMetrics(FIGURES),
]

/**
 * Gives the tables of migration 0005 the form in which the gateway writes its history: sums per minute and hour, and one row for each
 * applied row of the invalidation log. No earlier release writes to these tables. See docs/history.md.
 */
export const migration: CompatibleMigration = {
  runsWith: '0010-token-revocation',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`drop function record_cache_metrics(text, bigint, timestamptz, jsonb, jsonb)`.execute(db)
    await sql`drop table cache_history_writers`.execute(db)
    for (const statement of [drop, ...cacheRecords]) await sql.raw(statement).execute(db)
  },
}

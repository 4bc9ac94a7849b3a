import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Tables that tell operators how the cache works. They contain aggregated figures of the cache operations (one row stands for many hits),
 * the invalidations, and the patterns of cached queries.
 */
export const cacheRecords = [
  `create table cache_performance_metrics (
    id uuid primary key default gen_random_uuid(),
    cache_layer varchar(50) not null,
    cache_key varchar(255) not null,
    operation varchar(20) not null check (operation in ('hit', 'miss', 'set', 'delete', 'expire')),
    operation_count bigint not null default 1 check (operation_count > 0),
    response_time_ms numeric(10, 3) not null check (response_time_ms >= 0),
    data_size_bytes integer not null default 0 check (data_size_bytes >= 0),
    ttl_seconds integer,
    hit_rate_pct numeric(5, 2) not null default 0 check (hit_rate_pct between 0 and 100),
    recorded_at timestamptz(3) not null default now()
  )`,
  'create index idx_cache_metrics_layer_operation on cache_performance_metrics (cache_layer, operation)',
  'create index idx_cache_metrics_key_recorded on cache_performance_metrics (cache_key, recorded_at)',
  'create index idx_cache_metrics_recorded on cache_performance_metrics (recorded_at)',
  `create table cache_invalidation_log (
    id uuid primary key default gen_random_uuid(),
    cache_keys varchar[] not null,
    invalidation_reason varchar(100) not null,
    trigger_entity_type varchar(50) not null,
    trigger_entity_id text,
    invalidated_count integer not null check (invalidated_count >= 0),
    processing_time_ms numeric(10, 3) not null check (processing_time_ms >= 0),
    created_at timestamptz(3) not null default now()
  )`,
  'create index idx_cache_invalidation_reason on cache_invalidation_log (invalidation_reason)',
  'create index idx_cache_invalidation_created on cache_invalidation_log (created_at)',
  `create table cached_query_patterns (
    id uuid primary key default gen_random_uuid(),
    query_pattern_hash varchar(64) not null unique,
    cache_key_template varchar(255) not null,
    ttl_seconds integer not null check (ttl_seconds >= 0),
    invalidation_triggers varchar[] not null,
    hit_rate_pct numeric(5, 2) not null default 0 check (hit_rate_pct between 0 and 100),
    performance_improvement_pct numeric(8, 2) not null default 0,
    enabled boolean not null default true,
    created_at timestamptz(3) not null default now()
  )`,
  'create index idx_cached_query_patterns_hash on cached_query_patterns (query_pattern_hash)',
  // The hit rate that is stored in a row is computed from all rows of the same key and layer in the last hour, including the new row.
  `create function record_cache_metrics(
      p_cache_layer varchar, p_cache_key varchar, p_operation varchar, p_response_time_ms numeric,
      p_data_size_bytes integer default 0, p_ttl_seconds integer default null, p_operation_count bigint default 1
    ) returns uuid
    language sql volatile set search_path = public, pg_catalog, pg_temp
    as $$
      with recent as (
        select operation, operation_count from cache_performance_metrics
        where cache_key = p_cache_key and cache_layer = p_cache_layer and recorded_at > now() - interval '1 hour'
        union all select p_operation, p_operation_count
      )
      insert into cache_performance_metrics
        (cache_layer, cache_key, operation, operation_count, response_time_ms, data_size_bytes, ttl_seconds, hit_rate_pct)
      select p_cache_layer, p_cache_key, p_operation, p_operation_count, p_response_time_ms, p_data_size_bytes, p_ttl_seconds,
        coalesce(100.0 * sum(operation_count) filter (where operation = 'hit')
          / nullif(sum(operation_count) filter (where operation in ('hit', 'miss')), 0), 0)
      from recent
      returning id
    $$`,
]

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of cacheRecords) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`drop function record_cache_metrics(varchar, varchar, varchar, numeric, integer, integer, bigint)`.execute(db)
    for (const table of ['cached_query_patterns', 'cache_invalidation_log', 'cache_performance_metrics'])
      await sql`drop table ${sql.table(table)}`.execute(db)
  },
}

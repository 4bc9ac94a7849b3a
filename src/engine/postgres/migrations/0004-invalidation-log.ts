import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { watchFunctions } from '../watch-functions.ts'

/** Class of the invalidation log's advisory locks: lock 1 is held while publishing, lock 2 while trimming. */
const LOCK_CLASS = 0x7469_6465

const tables = [
  'create schema cache',
  // Random part of the epoch. The other parts of the epoch (system identifier and timeline) are the same for two databases of one cluster,
  // and for a database that was dropped and created again.
  `create table cache.identity (
    single boolean primary key default true check (single),
    random text not null default gen_random_uuid()::text
  )`,
  'insert into cache.identity default values',
  `create table cache.pending (
    id bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    tags text[] not null
  )`,
  'create index pending_by_transaction on cache.pending (xid)',
  `create table cache.log (
    seq bigint primary key,
    epoch text not null,
    snap pg_snapshot not null,
    at timestamptz(3) not null default clock_timestamp(),
    tags text[] not null
  )`,
  `create table cache.watched (
    type text primary key check (type ~ '^[A-Z][A-Za-z0-9]*$'),
    table_name text not null,
    tenant_column text,
    id_column text,
    dimensions text[] not null,
    listed text[] not null,
    fingerprint text not null
  )`,
]

/**
 * Functions of the log as of this migration. Migration 0006-log-identity replaces some of them, and restores these versions when it is
 * reverted.
 */
export const logFunctions = [
  // The function fails on a standby, as intended: only the primary publishes a log. When a standby is promoted, its timeline changes
  // immediately.
  `create function cache.epoch() returns text
    language sql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
      select (select system_identifier from pg_control_system())
        || ':' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
        || ':' || (select random from cache.identity)
    $$`,
  `create function cache.bump() returns void
    language sql volatile security definer set search_path = pg_catalog, pg_temp
    as $$ update cache.identity set random = gen_random_uuid()::text $$`,
  // Sequential scans are off, because the statistics of the log table are always outdated: the table grows at one end and is trimmed at the
  // other end. For a table of one row, the planner uses a sequential scan even so, and assigns a very high cost to the scan. Such a cost
  // would trigger JIT compilation, which takes 100 ms. So JIT compilation is off, too.
  `create function cache.publish() returns void
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off
    as $$
    declare
      newest cache.log;
      current_epoch text := cache.epoch();
      first_unseen xid8;
      running xid8[];
      seen pg_snapshot;
      news text[];
    begin
      if pg_current_xact_id_if_assigned() is not null then
        raise exception 'cache.publish() must not run in a transaction that has written: its own changes would be missed'
          using errcode = 'active_sql_transaction';
      end if;
      if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'cache.publish() needs READ COMMITTED, got %', current_setting('transaction_isolation')
          using errcode = 'invalid_transaction_state';
      end if;

      select * into newest from cache.log order by seq desc limit 1;
      if newest.epoch = current_epoch then
        first_unseen := pg_snapshot_xmax(newest.snap);
        running := array(select pg_snapshot_xip(newest.snap));
        if not exists (select from cache.pending where xid >= first_unseen)
          and not exists (select from cache.pending where xid = any (running))
        then return;
        end if;
      end if;

      perform pg_advisory_xact_lock(${LOCK_CLASS}, 1);
      current_epoch := cache.epoch();
      select * into newest from cache.log order by seq desc limit 1;
      first_unseen := coalesce(pg_snapshot_xmax(newest.snap), '0');
      running := array(select pg_snapshot_xip(newest.snap));
      -- The snapshot and the rows that it sees come from one statement: what it does not see is left for the next row.
      select pg_current_snapshot(), array(
        select distinct tag from (
          select tags from cache.pending where xid >= first_unseen
          union all
          select tags from cache.pending where xid = any (running)
        ) as unpublished cross join lateral unnest(tags) as tag
      ) into seen, news;
      news := cache.collapse(news, 10000);
      if newest.epoch is distinct from current_epoch then
        news := array_append(array_remove(news, '*'), '*');
      end if;
      if cardinality(news) = 0 then return; end if;
      -- What a cache has seen must survive a crash, whatever this session's default is.
      if current_setting('synchronous_commit') = 'off' then perform set_config('synchronous_commit', 'on', true); end if;
      insert into cache.log (seq, epoch, snap, tags) values (coalesce(newest.seq, 0) + 1, current_epoch, seen, news);
    end
    $$`,
  `create function cache.collapse(tags text[], most integer) returns text[]
    language plpgsql immutable set search_path = pg_catalog, pg_temp
    as $$
    declare
      coarse text[];
    begin
      if cardinality(tags) <= most then return tags; end if;
      coarse := array(
        select distinct case when parts is null then tag else parts[1] || kind end
        from unnest(tags) as tag
        cross join lateral (select regexp_match(tag, '^([^:]*:[A-Za-z0-9]+)')) as matched (parts)
        cross join (values ('*'), ('~')) as kinds (kind)
      );
      if cardinality(coarse) <= most then return coarse; end if;
      return array['*'];
    end
    $$`,
  `create function cache.sync(last bigint, lim integer) returns table (seq bigint, epoch text, tags text[])
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
      perform cache.publish();
      return query select log.seq, log.epoch, log.tags from cache.log where log.seq >= last order by log.seq limit lim;
    end
    $$`,
  `create function cache.recent(lim integer) returns table (seq bigint, epoch text, tags text[])
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
      perform cache.publish();
      return query
        select * from (select log.seq, log.epoch, log.tags from cache.log order by log.seq desc limit lim) as newest order by 1;
    end
    $$`,
  // Trims one small batch of log rows per call; returns 0 if nothing is left to do or another session is trimming.
  `create function cache.trim(keep bigint, batch integer default 1000) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off
    as $$
    declare
      newest cache.log;
      last_visible xid8;
      removed bigint;
      removed_pending bigint;
    begin
      if not pg_try_advisory_xact_lock(${LOCK_CLASS}, 2) then return 0; end if;
      select * into newest from cache.log order by seq desc limit 1;
      if not found then return 0; end if;
      delete from cache.log where seq in (
        select seq from cache.log where seq <= newest.seq - greatest(keep, 1) order by seq limit batch
      );
      get diagnostics removed = row_count;
      -- After a restore the snapshot is of another history, and says nothing about this one's transactions.
      if newest.epoch <> cache.epoch() then return removed; end if;
      last_visible := pg_snapshot_xmax(newest.snap);
      delete from cache.pending where id in (
        select id from cache.pending where xid < last_visible and pg_visible_in_snapshot(xid, newest.snap) order by xid limit batch
      );
      get diagnostics removed_pending = row_count;
      return removed + removed_pending;
    end
    $$`,
]

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...tables, ...logFunctions, ...watchFunctions]) await sql.raw(statement).execute(db)
    // The triggers run with their owner's rights for every role; no other role needs to call these functions.
    await sql`revoke all on all functions in schema cache from public`.execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`select cache.unwatch(type) from cache.watched`.execute(db)
    await sql`drop schema cache cascade`.execute(db)
  },
}

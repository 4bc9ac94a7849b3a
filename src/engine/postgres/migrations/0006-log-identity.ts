import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { logFunctions } from './0004-invalidation-log.ts'

/** Class of the invalidation log's advisory locks: lock 1 is held while publishing. */
const LOCK_CLASS = 0x7469_6465

/** Origin of a row of cache.identity: database, table, and the transaction that wrote it. */
const HOME = `format('%s:%s:%s', (select oid from pg_database where datname = current_database()), tableoid, xmin)`

const tables = [
  'drop table cache.identity',
  // A crash, a promotion and a base backup empty an unlogged table. A clean stop preserves its row. The row is also in a dump, and in a
  // database that was created from this database as a template. There the column `home` is wrong, because it still names the database and
  // table from which the row was copied, and the transaction that wrote the row there.
  `create unlogged table cache.identity (
    single boolean primary key default true check (single),
    random text not null default gen_random_uuid()::text,
    home text
  )`,
  // A crash empties this unlogged table of the tags that are not yet published. It also starts a new epoch, which invalidates everything
  // that the lost tags would have invalidated.
  'alter table cache.pending set unlogged',
  'alter table cache.log add column catalogue bigint',
]

/**
 * Functions of migration 0004 whose result columns are different in this migration. The old functions are dropped, because `create or
 * replace` cannot change result columns.
 */
const replaced = ['cache.sync(bigint, integer)', 'cache.recent(integer)']

// Fingerprint of the system catalogue. It shows changes that bypass the triggers. If a trigger was disabled and enabled again, the xmin of
// the trigger is different. If a table was rewritten, the relfilenode of the table is different. If another table now has the name of a
// watched table, the oid is different. Vacuum and analyze change none of these values. Each sync of the log runs the function. It has no
// SET clauses, because SET clauses would cost as much as the query. The function relies on the SET clauses of publish(), which calls it.
export const catalogueFunction = `create or replace function cache.catalogue() returns bigint
    language plpgsql stable
    as $$
    begin
      return (
        select bit_xor(hash_record_extended(row(watched.xmin, class.oid, class.xmin, class.relfilenode, (
          select bit_xor(hash_record_extended(row(pg_trigger.oid, pg_trigger.xmin, tgenabled), 0))
          from pg_trigger where tgrelid = class.oid and tgname >= 'cache_' and tgname < 'cache\`'
        )), 0))
        from cache.watched
        left join pg_class as class on relname = table_name::name and relnamespace = 'public'::regnamespace
      );
    end
    $$`

// Trims one small batch of log rows per call; returns 0 if nothing is left to do or another session is trimming.
export const trimFunction = `create or replace function cache.trim(keep bigint, batch integer default 1000) returns bigint
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
      if newest.epoch is distinct from cache.epoch() then return removed; end if;
      last_visible := pg_snapshot_xmax(newest.snap);
      delete from cache.pending where id in (
        select id from cache.pending where xid < last_visible and pg_visible_in_snapshot(xid, newest.snap) order by xid limit batch
      );
      get diagnostics removed_pending = row_count;
      return removed + removed_pending;
    end
    $$`

// Sequential scans are off, because the statistics of the log table are always outdated: the table grows at one end and is trimmed at the
// other end. For a table of one row, the planner uses a sequential scan even so, and assigns a very high cost to the scan. Such a cost
// would trigger JIT compilation, which takes 100 ms. So JIT compilation is off, too.
export const publishFunction = `create or replace function cache.publish() returns void
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off
    as $$
    declare
      newest cache.log;
      current_epoch text := cache.epoch();
      current_catalogue bigint := cache.catalogue();
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
      if newest.epoch = current_epoch and newest.catalogue is not distinct from current_catalogue then
        first_unseen := pg_snapshot_xmax(newest.snap);
        running := array(select pg_snapshot_xip(newest.snap));
        if not exists (select from cache.pending where xid >= first_unseen)
          and not exists (select from cache.pending where xid = any (running))
        then return;
        end if;
      end if;

      perform pg_advisory_xact_lock(${LOCK_CLASS}, 1);
      -- A restore makes the tables first, then fills them, then adds their keys. A row written before that would take the number
      -- of one that is still to come.
      if to_regclass('cache.log_pkey') is null then
        raise exception 'the invalidation log is being restored: it has no primary key yet'
          using errcode = 'object_not_in_prerequisite_state';
      end if;
      current_epoch := cache.epoch();
      if current_epoch is null then
        perform cache.draw_identity();
        current_epoch := cache.epoch();
      end if;
      -- Read before the row is written: a change that commits in between differs from what the row notes, and makes the next one.
      current_catalogue := cache.catalogue();
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
      if newest.epoch is distinct from current_epoch or newest.catalogue is distinct from current_catalogue then
        news := array_append(array_remove(news, '*'), '*');
      end if;
      if cardinality(news) = 0 then return; end if;
      -- What a cache has seen must survive a crash, whatever this session's default is.
      if current_setting('synchronous_commit') = 'off' then perform set_config('synchronous_commit', 'on', true); end if;
      insert into cache.log (seq, epoch, snap, tags, catalogue)
      values (coalesce(newest.seq, 0) + 1, current_epoch, seen, news, current_catalogue);
    end
    $$`

const functions = [
  // Returns null if the random part of the epoch is missing or has another origin (`home`): publish() then generates a new one. The
  // function fails on a standby, as intended: only the primary publishes a log. When a standby is promoted, its timeline changes
  // immediately.
  `create or replace function cache.epoch() returns text
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
      return (select system_identifier from pg_control_system())
        || ':' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
        || ':' || (select random from cache.identity where home = ${HOME});
    end
    $$`,
  // Takes the lock of publish(). If a concurrent publish() is generating an identity, bump() waits for it and then deletes the new
  // identity, too.
  `create or replace function cache.bump() returns void
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
      perform pg_advisory_xact_lock(${LOCK_CLASS}, 1);
      delete from cache.identity;
    end
    $$`,
  `create function cache.draw_identity() returns void
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
      delete from cache.identity;
      insert into cache.identity default values;
      -- The new version of the row has the same xmin, also within a savepoint.
      update cache.identity set home = ${HOME};
      -- What is visible here is covered by the row that voids everything. Rows that a dump brought name transactions of another
      -- history: they could count as unpublished for ever.
      delete from cache.pending;
    end
    $$`,
  catalogueFunction,
  publishFunction,
  `create function cache.sync(last bigint, lim integer) returns table (seq bigint, epoch text, tags text[], at timestamptz)
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
      perform cache.publish();
      return query select log.seq, log.epoch, log.tags, log.at from cache.log where log.seq >= last order by log.seq limit lim;
    end
    $$`,
  `create function cache.recent(lim integer) returns table (seq bigint, epoch text, tags text[], at timestamptz)
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
      perform cache.publish();
      return query
        select * from (select log.seq, log.epoch, log.tags, log.at from cache.log order by log.seq desc limit lim) as newest order by 1;
    end
    $$`,
  trimFunction,
]

const undo = [
  'drop function cache.catalogue(), cache.draw_identity()',
  `drop function cache.epoch(), cache.bump(), cache.publish(), cache.collapse(text[], integer), cache.trim(bigint, integer)`,
  ...replaced.map((name) => `drop function ${name}`),
  'alter table cache.log drop column catalogue',
  'alter table cache.pending set logged',
  'drop table cache.identity',
  `create table cache.identity (
    single boolean primary key default true check (single),
    random text not null default gen_random_uuid()::text
  )`,
  'insert into cache.identity default values',
  ...logFunctions,
]

/**
 * Starts a new epoch of the log after a crash, a promotion, a restore or a copy, and invalidates everything after changes that bypass the
 * triggers.
 */
export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...tables, ...replaced.map((name) => `drop function ${name}`), ...functions])
      await sql.raw(statement).execute(db)
    await sql`revoke all on all functions in schema cache from public`.execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const statement of undo) await sql.raw(statement).execute(db)
    await sql`revoke all on all functions in schema cache from public`.execute(db)
  },
}

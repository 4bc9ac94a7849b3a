import { type Kysely, sql } from 'kysely'
import { MAX_CAUSE_LENGTH, MAX_CAUSES, MAX_TAGS_OF_CAUSE, OTHER_CAUSES } from '../../cache/model/write-cause.ts'
import type { CompatibleMigration } from '../schema-compatibility.ts'
import { publishFunction } from './0006-log-identity.ts'

/** Class of the invalidation log's advisory locks: lock 1 is held while publishing. */
const LOCK_CLASS = 0x7469_6465

const tables = [
  // Defaults fill both columns, so the trigger functions stay as they are, and an older release still inserts rows. Adding a column together
  // with its default would rewrite the table.
  'alter table cache.pending add column at timestamptz, add column cause text',
  `alter table cache.pending
    alter column at set default clock_timestamp(),
    alter column cause set default coalesce(nullif(current_setting('tidegate.cause', true), ''), 'program ' || current_setting('application_name'))`,
  `alter table cache.log add column causes jsonb not null default '[]'`,
]

/** Summary of the pending rows that `publish()` writes to the log: writes, a transaction, and the time of a single write. */
const PENDING_ROWS = 'count(*), min(xid), min(at)'

/**
 * Returns the function that summarises the pending rows that `publish()` writes to the log. The lists of tags are bounded; a single cause needs
 * no list, because all tags of the log row are its own.
 * @param writes SQL expression for the number of writes of one cause in one transaction.
 */
export function causesFunction(writes: string): string {
  return `create or replace function cache.causes_of(first_unseen xid8, running xid8[], seen pg_snapshot) returns jsonb
  language plpgsql volatile
  as $$
  begin
    return (
      with unpublished as materialized (
        select xid, cache.cause_name(cause) as cause, at, tags from cache.pending
        where xid >= first_unseen and pg_visible_in_snapshot(xid, seen)
        union all
        select xid, cache.cause_name(cause), at, tags from cache.pending
        where xid = any (running) and pg_visible_in_snapshot(xid, seen)
      ), ranked as (
        select cause, sum(writes)::bigint as writes, min(at) as first_at, max(at) as last_at,
          row_number() over (order by sum(writes) desc, cause) as place
        from (
          select cause, ${writes} as writes, cache.written_at(xid, max(at)) as at from unpublished group by cause, xid
        ) as transactions
        group by cause
      ), named as (
        select *, case when place < ${MAX_CAUSES} then cause else '${OTHER_CAUSES}' end as name from ranked
      ), emitted as (
        select name, count(distinct tag) as tag_count, (array_agg(distinct tag))[1:${MAX_TAGS_OF_CAUSE}] as tags
        from unpublished join named using (cause) cross join lateral unnest(unpublished.tags) as tag
        group by name
      ), summed as (
        select name, sum(writes)::bigint as writes, min(first_at) as first_at, max(last_at) as last_at, min(place) as place,
          count(*) over () as causes
        from named group by name
      )
      select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('cause', name, 'writes', writes,
        'firstAt', date_part('epoch', first_at) * 1000, 'lastAt', date_part('epoch', last_at) * 1000,
        'tags', case when causes > 1 then tags end, 'tagCount', coalesce(tag_count, 0))) order by place)
      from summed left join emitted using (name)
    );
  end
  $$`
}

/**
 * Returns the function that publishes, as in migration 0006. Each row of the log also tells what caused its writes.
 * @param summary SQL expressions for the number of writes (1 for a single one), a transaction, and the time of a single write.
 * @param looks `twice`: the function reads the catalogue before its lock and under it, although it needs it once.
 */
export function publishFunctionWith(summary: string, looks: 'once' | 'twice' = 'twice'): string {
  return `create or replace function cache.publish() returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off set jit = off
  as $$
  declare
    newest cache.log;
    current_epoch text := cache.epoch();
    current_catalogue bigint${looks === 'twice' ? ' := cache.catalogue()' : ''};
    first_unseen xid8;
    running xid8[];
    seen pg_snapshot;
    news text[];
    writes bigint;
    writer xid8;
    written_at timestamptz;
    written_ms float8;
    reason text;
    reasons jsonb := '[]';
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
    if newest.epoch = current_epoch${looks === 'twice' ? ' and newest.catalogue is not distinct from current_catalogue' : ''} then
      first_unseen := pg_snapshot_xmax(newest.snap);
      running := array(select pg_snapshot_xip(newest.snap));
      if not exists (select from cache.pending where xid >= first_unseen)
        and not exists (select from cache.pending where xid = any (running))
        ${looks === 'once' ? 'and newest.catalogue is not distinct from cache.catalogue()' : ''}
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
    with unpublished as materialized (
      select xid, at, cause, tags from cache.pending where xid >= first_unseen
      union all
      select xid, at, cause, tags from cache.pending where xid = any (running)
    )
    select pg_current_snapshot(), array(select distinct tag from unpublished cross join lateral unnest(tags) as tag),
      ${summary}, min(cause collate "C")
    into seen, news, writes, writer, written_at, reason
    from unpublished;
    -- Most rows of the log stand for a single write, which needs neither a second query nor a call of a function.
    if writes = 1 then
      if current_setting('track_commit_timestamp') = 'on' then written_at := cache.written_at(writer, written_at); end if;
      written_ms := date_part('epoch', coalesce(written_at, clock_timestamp())) * 1000;
      reasons := jsonb_build_array(jsonb_build_object(
        'cause', coalesce(nullif(left(reason, ${MAX_CAUSE_LENGTH}), 'program '), 'program without a name'), 'writes', 1,
        'firstAt', written_ms, 'lastAt', written_ms, 'tagCount', cardinality(news)
      ));
    elsif writes > 1 then
      reasons := coalesce(cache.causes_of(first_unseen, running, seen), '[]');
    end if;
    news := cache.collapse(news, 10000);
    if newest.epoch is distinct from current_epoch or newest.catalogue is distinct from current_catalogue then
      news := array_append(array_remove(news, '*'), '*');
      reason := case when newest.epoch is distinct from current_epoch then 'system new epoch' else 'system tables or triggers changed' end;
      written_ms := date_part('epoch', clock_timestamp()) * 1000;
      reasons := jsonb_build_array(jsonb_build_object(
        'cause', reason, 'writes', 0, 'firstAt', written_ms, 'lastAt', written_ms, 'tagCount', 1
      )) || reasons;
    end if;
    if cardinality(news) = 0 then return; end if;
    -- What a cache has seen must survive a crash, whatever this session's default is.
    if current_setting('synchronous_commit') = 'off' then perform set_config('synchronous_commit', 'on', true); end if;
    insert into cache.log (seq, epoch, snap, tags, catalogue, causes)
    values (coalesce(newest.seq, 0) + 1, current_epoch, seen, news, current_catalogue, reasons);
  end
  $$`
}

/** The functions as this migration makes them. A later migration that replaces them restores these. */
export const replaceable = [causesFunction('count(*)'), publishFunctionWith(PENDING_ROWS)]

const functions = [
  // The functions have no SET clauses, which would take longer than the functions themselves. They rely on the SET clauses of publish().
  `create function cache.cause_name(cause text) returns text
    language plpgsql immutable
    as $$ begin return coalesce(nullif(left(cause, ${MAX_CAUSE_LENGTH}), 'program '), 'program without a name'); end $$`,
  // Returns the time of the commit if the database records it, else the time of the transaction's last statement.
  `create function cache.written_at(xid xid8, statement timestamptz) returns timestamptz
    language plpgsql volatile
    as $$
    begin
      if current_setting('track_commit_timestamp') = 'on' then
        return coalesce(pg_xact_commit_timestamp(xid::xid), statement, clock_timestamp());
      end if;
      return coalesce(statement, clock_timestamp());
    end
    $$`,
  ...replaceable,
  // Older releases call sync() and recent(), which return no causes. A function cannot get another result column in place.
  `create function cache.follow(last bigint, lim integer)
      returns table (seq bigint, epoch text, tags text[], at timestamptz, causes jsonb)
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
      perform cache.publish();
      return query
        select log.seq, log.epoch, log.tags, log.at, log.causes from cache.log where log.seq >= last order by log.seq limit lim;
    end
    $$`,
  `create function cache.newest(lim integer) returns table (seq bigint, epoch text, tags text[], at timestamptz, causes jsonb)
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
      perform cache.publish();
      return query select * from (
        select log.seq, log.epoch, log.tags, log.at, log.causes from cache.log order by log.seq desc limit lim
      ) as newest order by 1;
    end
    $$`,
]

const undo = [
  'drop function cache.follow(bigint, integer), cache.newest(integer)',
  publishFunction,
  'drop function cache.causes_of(xid8, xid8[], pg_snapshot), cache.written_at(xid8, timestamptz), cache.cause_name(text)',
  'alter table cache.log drop column causes',
  'alter table cache.pending drop column cause, drop column at',
]

/** Stores in each row of the invalidation log which writes caused it, and when they were made: see docs/decisions/0054. */
export const migration: CompatibleMigration = {
  // Older releases use none of the new columns, and the functions that they call stay.
  runsWith: '0010-token-revocation',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...tables, ...functions]) await sql.raw(statement).execute(db)
    await sql`revoke all on all functions in schema cache from public`.execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const statement of undo) await sql.raw(statement).execute(db)
    await sql`revoke all on all functions in schema cache from public`.execute(db)
  },
}

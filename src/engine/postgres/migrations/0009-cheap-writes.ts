import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { emitSource } from '../emit-source.ts'
import { emitParts, leanEmitSource } from '../lean-emit-source.ts'
import { watchFunction } from '../watch-function.ts'
import { catalogueFunction, trimFunction } from './0006-log-identity.ts'

const statements = [
  // The column `id` is unused, and it cost a sequence number and an entry in a second index per row.
  'alter table cache.pending drop column id',
  ...emitParts,
  leanEmitSource,
  // The source text of the installed trigger function is compared as well: a new version replaces the installed function at the next start.
  watchFunction({
    settings: '',
    unchanged: `exists (select from pg_proc where oid = to_regprocedure(trigger_function)
            and prosrc = cache.emit_source(known.type, known.tenant_column, known.id_column, known.dimensions, known.listed))`,
  }),
  // Fingerprint of the system catalogue, as in migration 0006. This version needs a fixed number of lookups. The earlier version needs
  // several lookups for each table. If a trigger changes, the row of the trigger in the system catalogue gets a new xmin. If a trigger is
  // deleted, the xmin of its row is missing from the fingerprint. So the state of a trigger need not be part of the fingerprint.
  `create or replace function cache.catalogue() returns bigint
    language plpgsql stable
    as $$
    declare
      tables oid[];
      files oid[];
      versions xid[];
    begin
      select array_agg(oid order by relname), array_agg(relfilenode order by relname), array_agg(xmin order by relname)
      into tables, files, versions
      from pg_class
      where relname = any (array(select table_name::name from cache.watched)) and relnamespace = 'public'::regnamespace;
      return hash_array_extended(tables || files, 0) # hash_array_extended(
        versions
          || array(select xmin from cache.watched order by type)
          || array(
            select xmin from pg_trigger where tgrelid = any (tables) and tgname >= 'cache_' and tgname < 'cache\`' order by tgrelid, tgname
          ), 1);
    end
    $$`,
  trimFunction.replace(
    /delete from cache\.pending where id in \(\s*select id from/,
    'delete from cache.pending where ctid in (\n        select ctid from',
  ),
]

const undo = [
  catalogueFunction,
  trimFunction,
  emitSource,
  watchFunction({ settings: 'set search_path = pg_catalog, pg_temp', unchanged: 'true' }),
  'drop function cache.same_image(text[]), cache.tag_expressions(text, text, text, text, text, text[])',
  'alter table cache.pending add column id bigint generated always as identity primary key',
]

/** Installs the triggers of all watched tables again from their declarations. */
const reinstall = `do $$
  declare
    known cache.watched;
  begin
    for known in select * from cache.watched order by type loop
      perform cache.unwatch(known.type);
      perform cache.watch(known.type, known.table_name, known.tenant_column, known.id_column, known.dimensions, known.listed);
    end loop;
  end
  $$`

/** Reduces the cost of emitting the tags of a write: see docs/decisions/0024. */
export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...statements, reinstall]) await sql.raw(statement).execute(db)
    await sql`revoke all on all functions in schema cache from public`.execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...undo, reinstall]) await sql.raw(statement).execute(db)
    await sql`revoke all on all functions in schema cache from public`.execute(db)
  },
}

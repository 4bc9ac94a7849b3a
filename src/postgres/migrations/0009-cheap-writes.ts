import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { emitSource } from '../emit-source.ts'
import { emitParts, leanEmitSource } from '../lean-emit-source.ts'
import { watchFunction } from '../watch-function.ts'
import { catalogueFunction, trimFunction } from './0006-log-identity.ts'

const statements = [
  // Nothing needs it, and it cost each row a number and an entry in a second index.
  'alter table cache.pending drop column id',
  ...emitParts,
  leanEmitSource,
  // The function that would be made now is compared as well: a new version of it replaces the old one at the next start.
  watchFunction({
    settings: '',
    unchanged: `exists (select from pg_proc where oid = to_regprocedure(trigger_function)
            and prosrc = cache.emit_source(known.type, known.tenant_column, known.id_column, known.dimensions, known.listed))`,
  }),
  // As before, but with few lookups instead of some for each table. Each change of a row of the catalogue gives it an xmin that none
  // had before, and a row that goes leaves its place in the array: the state of a trigger need not be part of it.
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

/** The triggers of watched tables are installed again from their declarations. */
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

/** What a write pays for its tags is less: see docs/decisions/0024. */
export const cheapWrites: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...statements, reinstall]) await sql.raw(statement).execute(db)
    await sql`revoke all on all functions in schema cache from public`.execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...undo, reinstall]) await sql.raw(statement).execute(db)
    await sql`revoke all on all functions in schema cache from public`.execute(db)
  },
}

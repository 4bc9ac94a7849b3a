import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { rollups } from '../rollups.ts'

const eventTrigger = [
  // Names of enumerations, functions behind columns and views, and policies change what is read without touching a table's entry
  // in the catalogue. A restore may have made the trigger and not the table: then no statement may fail because of it.
  `create function cache.note_definition() returns event_trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
      if to_regclass('cache.pending') is null then return; end if;
      if tg_tag like 'DROP %' or exists (select from pg_event_trigger_ddl_commands() where schema_name is distinct from 'pg_temp') then
        insert into cache.pending (tags) values (array['*']);
      end if;
    end
    $$`,
  'revoke all on function cache.note_definition() from public',
  // Hosted databases keep event triggers to themselves: publish() notices what happens to watched tables without one.
  `do $$
    begin
      create event trigger cache_definitions on ddl_command_end
        when tag in ('ALTER TABLE', 'ALTER TYPE', 'ALTER DOMAIN', 'CREATE FUNCTION', 'ALTER FUNCTION', 'CREATE VIEW', 'ALTER VIEW',
          'CREATE POLICY', 'ALTER POLICY', 'DROP POLICY')
        execute function cache.note_definition();
      alter event trigger cache_definitions enable always;
    exception when insufficient_privilege then null;
    end
    $$`,
]

/** Rollups count the writes of sessions that fire no ordinary trigger, as the log does, and definitions are noticed where allowed. */
export const alwaysTriggers: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...rollups.enable('always'), ...eventTrigger]) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`drop function cache.note_definition() cascade`.execute(db)
    for (const statement of rollups.enable('')) await sql.raw(statement).execute(db)
  },
}

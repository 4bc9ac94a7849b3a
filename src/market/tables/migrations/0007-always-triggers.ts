import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { marketRollups } from '../rollups.ts'

const eventTrigger = [
  // The result of a query on a table also depends on definitions outside the catalogue entry of the table. Examples are the names of
  // enumeration values, policies, and functions that columns and views use. The event trigger notices changes of such definitions. During a
  // restore, the event trigger may exist before the table `cache.pending` exists. The function then does nothing, so that the statements of
  // the restore succeed.
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
  // Hosted databases may forbid event triggers. Without an event trigger, cache.publish() still notices changes of the watched tables
  // themselves.
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

/**
 * Makes the triggers of the rollups fire in all sessions (`enable always`), as the triggers of the invalidation log do. Adds an event
 * trigger that notices changed definitions, if the database role may create an event trigger.
 */
export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...marketRollups.enable('always'), ...eventTrigger]) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`drop function cache.note_definition() cascade`.execute(db)
    for (const statement of marketRollups.enable('')) await sql.raw(statement).execute(db)
  },
}

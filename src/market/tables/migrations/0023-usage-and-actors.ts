import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../../../engine/postgres/schema-compatibility.ts'

/**
 * SQL for what a buyer has used of its caps in a new time zone. A reservation stores the starts of the periods in which it counts. So the
 * current periods of the new zone get the reservations that were made in them, and the rollup `buyer_usage` follows.
 */
const timeZones = [
  'create index reservations_of_buyer on reservations (buyer_id, reserved_at)',
  `create function recount_usage(buyer bigint, hour timestamptz, day timestamptz, month timestamptz) returns void
    language sql set search_path = pg_catalog, public, pg_temp
    as $$
      update reservations set hour_start = moved.hour_start, day_start = moved.day_start, month_start = month
      from (
        select id, case when reserved_at >= hour then hour else hour_start end as hour_start,
          case when reserved_at >= day then day else day_start end as day_start
        from reservations where buyer_id = buyer and reserved_at >= month
      ) as moved
      where reservations.id = moved.id and (reservations.hour_start, reservations.day_start, reservations.month_start)
        is distinct from (moved.hour_start, moved.day_start, month)
    $$`,
  // For updates by SQL. The gateway recounts by its own clocks after this, as it may know other rules of a zone than the database.
  `create function recount_usage_in_zone() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
    as $$
    declare
      starts timestamptz[];
    begin
      begin
        starts := array(select date_trunc(field, clock_timestamp(), new.time_zone) from unnest(array['hour', 'day', 'month']) as field);
      exception when invalid_parameter_value then
        return null;
      end;
      perform recount_usage(new.id, starts[1], starts[2], starts[3]);
      return null;
    end
    $$`,
  `create trigger usage_follows_zone after update of time_zone on buyers
    for each row when (old.time_zone <> new.time_zone) execute function recount_usage_in_zone()`,
  'alter table buyers enable always trigger usage_follows_zone',
]

export const migration: CompatibleMigration = {
  // An older version changes the same columns.
  runsWith: '0022-writes-by-transaction',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of timeZones) await sql.raw(statement).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`drop trigger usage_follows_zone on buyers`.execute(db)
    await sql`drop function recount_usage_in_zone(), recount_usage(bigint, timestamptz, timestamptz, timestamptz)`.execute(db)
    await sql`drop index reservations_of_buyer`.execute(db)
  },
}

import { type Kysely, sql } from 'kysely'
import type { CompatibleMigration } from '../../../engine/postgres/schema-compatibility.ts'
import { domainRollups, keptUsageFunctions } from '../rollups.ts'

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

/**
 * SQL that lets old reservations be deleted. What they have added to the sums of their buyer stays there, and a call keeps the id of its
 * reservation, by which its decision is found.
 */
const retention = [
  'alter table calls drop constraint calls_tenant_id_reservation_id_fkey',
  `create table removed_usage (
    tenant_id text not null,
    buyer_id bigint not null,
    attempts bigint not null default 0,
    connections bigint not null default 0,
    conversions bigint not null default 0,
    money_minor bigint not null default 0,
    primary key (tenant_id, buyer_id),
    foreign key (tenant_id, buyer_id) references buyers (tenant_id, id) on delete cascade
  )`,
  ...keptUsageFunctions,
  `create trigger removed_usage_is_kept after delete on reservations referencing old table as old_rows
    for each statement execute function keep_removed_usage()`,
  'create trigger removed_usage_is_cleared after truncate on reservations for each statement execute function keep_removed_usage()',
  ...['kept', 'cleared'].map((what) => `alter table reservations enable always trigger removed_usage_is_${what}`),
]

/** Columns for the subject of the token that suppressed or revoked: the id of a user, or the name of a service. Null: SQL, or an older version. */
const actors = {
  suppressions: 'made_by',
  consents: 'revoked_by',
  consent_revocations: 'revoked_by',
}

export const migration: CompatibleMigration = {
  // An older version changes the same columns.
  runsWith: '0022-writes-by-transaction',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...timeZones, ...retention]) await sql.raw(statement).execute(db)
    for (const [table, column] of Object.entries(actors)) await sql.raw(`alter table ${table} add column ${column} text`).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const [table, column] of Object.entries(actors)) await sql.raw(`alter table ${table} drop column ${column}`).execute(db)
    for (const what of ['kept', 'cleared']) await sql.raw(`drop trigger removed_usage_is_${what} on reservations`).execute(db)
    await sql`drop function keep_removed_usage()`.execute(db)
    for (const statement of domainRollups.functions) await sql.raw(statement).execute(db)
    await sql`drop table removed_usage`.execute(db)
    await sql`update calls set reservation_id = null
      where reservation_id is not null and not exists (select from reservations where reservations.id = calls.reservation_id)`.execute(db)
    await sql`alter table calls add foreign key (tenant_id, reservation_id) references reservations (tenant_id, id)`.execute(db)
    await sql`drop trigger usage_follows_zone on buyers`.execute(db)
    await sql`drop function recount_usage_in_zone(), recount_usage(bigint, timestamptz, timestamptz, timestamptz)`.execute(db)
    await sql`drop index reservations_of_buyer`.execute(db)
  },
}

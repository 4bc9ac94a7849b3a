import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** SQL expression for the time of a row, by rollup table. */
const TIMES = { campaign_hours: "hour at time zone 'UTC'", event_hours: "hour at time zone 'UTC'", buyer_days: 'day' }

/**
 * Returns SQL that adds the day and the month of each row as text columns. The text does not depend on session settings, so it can be part
 * of an invalidation tag. With such day and month tags, changes of today's rows do not invalidate cached values over a past range. The
 * columns are computed with extract, because to_char depends on the locale.
 */
export function addDayAndMonth([table, time]: readonly [string, string]): string {
  const part = (unit: string, digits: number) => `lpad(extract(${unit} from ${time})::text, ${digits}, '0')`
  const month = `${part('year', 4)} || '-' || ${part('month', 2)}`
  return `alter table ${table}
    add column in_month text not null generated always as (${month}) stored,
    add column on_day text not null generated always as (${month} || '-' || ${part('day', 2)}) stored`
}

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const time of Object.entries(TIMES)) await sql.raw(addDayAndMonth(time)).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    // The watches (invalidation triggers) of these tables name the two columns, so the watches are removed before the columns are dropped.
    // The version of the program that starts next installs its own watches.
    await sql`select cache.unwatch(type) from cache.watched where table_name = any(${Object.keys(TIMES)})`.execute(db)
    for (const table of Object.keys(TIMES)) await sql`alter table ${sql.table(table)} drop column on_day, drop column in_month`.execute(db)
  },
}

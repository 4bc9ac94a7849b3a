import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The column with the time of each rollup. */
const TIMES = { campaign_hours: "hour at time zone 'UTC'", event_hours: "hour at time zone 'UTC'", buyer_days: 'day' }

/**
 * The day and the month of each row, as texts that no setting of a session changes, so that they can be part of a tag: what covers a
 * range that has ended is not touched by the rows of today. They are computed with extract, because to_char depends on the locale.
 */
function addColumns([table, time]: readonly [string, string]): string {
  const part = (unit: string, digits: number) => `lpad(extract(${unit} from ${time})::text, ${digits}, '0')`
  const month = `${part('year', 4)} || '-' || ${part('month', 2)}`
  return `alter table ${table}
    add column in_month text not null generated always as (${month}) stored,
    add column on_day text not null generated always as (${month} || '-' || ${part('day', 2)}) stored`
}

export const timeDimensions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const time of Object.entries(TIMES)) await sql.raw(addColumns(time)).execute(db)
  },
  async down(db: Kysely<unknown>): Promise<void> {
    // The watches name the columns. They are installed again by whatever version starts next.
    await sql`select cache.unwatch(type) from cache.watched where table_name = any(${Object.keys(TIMES)})`.execute(db)
    for (const table of Object.keys(TIMES)) await sql`alter table ${sql.table(table)} drop column on_day, drop column in_month`.execute(db)
  },
}

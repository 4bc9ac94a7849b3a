import { type Kysely, sql } from 'kysely'
import { insertEvents } from '#src/market/modules/analytics/insert-events.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { median } from '../cache/measure.ts'
import { drawEvents, type EventMarket, TENANT } from './market.ts'

const EVENTS = 5000
const STORED = [100_000, 500_000]

const VIEW = `create materialized view event_hours_view as
  select tenant_id, campaign_id, kind, date_trunc('hour', occurred_at, 'UTC') as hour, count(*) from events group by 1, 2, 3, 4`

/**
 * Measures the insertion of 5,000 events with and without the triggers that count the events per hour in the table `event_hours`. For
 * comparison, measures the refresh of a materialised view with the same counts. Returns a Markdown table.
 */
export async function measureRollups({ database, campaigns }: EventMarket, rounds: number): Promise<string> {
  const { db } = database
  const trigger = (table: string, names: string, state: 'disable' | 'enable always') =>
    sql.raw(`do $$ declare name text; begin
      for name in select tgname from pg_trigger where tgrelid = '${table}'::regclass and tgname like '${names}' loop
        execute format('alter table ${table} ${state} trigger %I', name);
      end loop; end $$`)
  const modes = [
    { name: 'no rollup', off: [trigger('events', 'rollup_%', 'disable')] },
    { name: 'rollup, no invalidation', off: [trigger('event_hours', 'cache_%', 'disable')] },
    { name: 'rollup and invalidation', off: [] },
  ]
  const times = new Map<string, number[]>(modes.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const { name, off } of modes) {
      for (const statement of off) await statement.execute(db)
      const events = drawEvents(campaigns, EVENTS)
      const startedAt = performance.now()
      await db.transaction().execute((transaction) => insertEvents(transaction, [{ tenant: TENANT, events }]))
      if (round >= 0) times.get(name)?.push(performance.now() - startedAt)
      for (const table of ['events', 'event_hours'])
        await trigger(table, table === 'events' ? 'rollup_%' : 'cache_%', 'enable always').execute(db)
    }
  }
  const lines = modes.map(({ name }) => `| ${EVENTS} events, ${name} | ${median(times.get(name) ?? []).toFixed(1)} |`)
  await sql.raw(VIEW).execute(db)
  await sql`create unique index on event_hours_view (tenant_id, campaign_id, kind, hour)`.execute(db)
  for (const stored of STORED) {
    await fill(db, campaigns, stored)
    await sql`analyze events`.execute(db)
    const refreshes: number[] = []
    for (let round = -1; round < Math.min(rounds, 5); round++) {
      await insertEvents(db, [{ tenant: TENANT, events: drawEvents(campaigns, EVENTS) }])
      const startedAt = performance.now()
      await sql`refresh materialized view concurrently event_hours_view`.execute(db)
      if (round >= 0) refreshes.push(performance.now() - startedAt)
    }
    lines.push(`| refresh of a materialised view over ${stored.toLocaleString('en')} events | ${median(refreshes).toFixed(1)} |`)
  }
  return ['| | ms, median |', '|---|---|', ...lines].join('\n')
}

/** Fills the table `events` with events of the last 30 days until it has `total` rows. */
async function fill(db: Kysely<Database>, campaigns: readonly string[], total: number): Promise<void> {
  await sql`alter table events disable trigger user`.execute(db)
  await sql`
    insert into events (tenant_id, event_id, campaign_id, kind, occurred_at)
    select ${TENANT}, 'filled-' || n, (${[...campaigns]}::int8[])[1 + n % ${campaigns.length}], 'CLICK', now() - (n % 720) * interval '1 hour'
    from generate_series((select count(*) from events), ${total}::int8) as n
    on conflict do nothing`.execute(db)
  await sql`alter table events enable trigger user`.execute(db)
}

/**
 * A rollup and the base table from which it is computed. Each row of the base table adds the values of `sums` to one row of the target
 * table. `key` determines which row that is.
 */
interface Feed {
  readonly base: string
  readonly target: string
  readonly key: Readonly<Record<string, string>>
  readonly sums: Readonly<Record<string, string>>
  /** Condition on the rows of the base table that count. Default: all rows count. */
  readonly where?: string
  /** SQL that joins several rows to each row of the base table, so that it counts in several rows of the target table. */
  readonly spread?: string
}

const callSums = {
  calls: '1',
  settled_calls: "(status = 'SETTLED')::int",
  duration_seconds: 'duration_seconds',
  spend_minor: 'cost_minor',
  revenue_minor: 'revenue_minor',
}
const bidSums = { bids: '1', won_bids: "(status = 'WON')::int" }
const campaign = { tenant_id: 'tenant_id', campaign_id: 'campaign_id' }

/** Returns SQL for the hour of a timestamp. Hours and days are in UTC, whatever time zone the writer's session has. */
function hourOf(column: string): string {
  return `date_trunc('hour', ${column}, 'UTC')`
}

const domainCounts: Feed = { base: 'domains', target: 'domain_counts', key: { ...campaign, status: 'status' }, sums: { count: '1' } }

/** The feeds from phone calls with the given sums. */
function callFeeds(sums: Feed['sums']): readonly Feed[] {
  return [
    { base: 'calls', target: 'campaign_totals', key: campaign, sums },
    { base: 'calls', target: 'campaign_hours', key: { ...campaign, hour: hourOf('started_at') }, sums },
  ]
}

const bidAndEventFeeds: readonly Feed[] = [
  { base: 'bids', target: 'campaign_totals', key: campaign, sums: bidSums },
  { base: 'bids', target: 'campaign_hours', key: { ...campaign, hour: hourOf('placed_at') }, sums: bidSums },
  {
    base: 'bids',
    target: 'buyer_days',
    key: { tenant_id: 'tenant_id', buyer_id: 'buyer_id', day: "(placed_at at time zone 'UTC')::date" },
    sums: { ...bidSums, revenue_minor: "case when status = 'WON' then amount_minor else 0 end" },
  },
  { base: 'events', target: 'event_hours', key: { ...campaign, kind: 'kind', hour: hourOf('occurred_at') }, sums: { count: '1' } },
]

const payoutSums = { ...callSums, payout_minor: 'payout_minor' }

/** The feeds for the payouts of publishers, and for what buyers have used of their caps. */
const routingFeeds: readonly Feed[] = [
  {
    base: 'calls',
    target: 'publisher_days',
    key: { tenant_id: 'tenant_id', publisher_id: 'publisher_id', day: "(started_at at time zone 'UTC')::date" },
    sums: payoutSums,
    where: 'publisher_id is not null',
  },
  {
    base: 'reservations',
    target: 'buyer_usage',
    key: { tenant_id: 'tenant_id', buyer_id: 'buyer_id', period: 'period', period_start: 'period_start' },
    sums: {
      attempts: '1',
      // A reservation that ends because its post was refused was never connected.
      connections: '(connected_at is not null)::int',
      conversions: "(state = 'CONVERTED')::int",
      money_minor: "case when state = 'CONVERTED' then price_minor else 0 end",
    },
    // A reservation counts in the periods in which it was made, in the time zone of its buyer.
    spread: `cross join lateral (
      values ('HOUR', hour_start), ('DAY', day_start), ('MONTH', month_start), ('TOTAL', 'epoch'::timestamptz(3))
    ) as counted (period, period_start)`,
  },
]

const events = ['insert', 'update', 'delete', 'truncate']
/** SQL that keeps rollups correct within the writer's own transaction, and SQL that recomputes them on demand. */
interface Rollups {
  /** Creates or replaces the functions. */
  readonly functions: readonly string[]
  /** Creates the triggers. */
  readonly triggers: readonly string[]
  /** Enables the triggers. @param when `always`: they also fire in sessions with session_replication_role = replica. */
  enable(when: 'always' | ''): readonly string[]
  /** Drops the triggers with their functions. */
  readonly drop: readonly string[]
}

/**
 * Returns the SQL for feeds.
 * @param feeds Every writer applies the feeds of one base table in this order, so that two writers cannot deadlock.
 * @param earlier Feeds of an earlier migration, whose triggers exist already.
 */
function rollupsOf(feeds: readonly Feed[], earlier: readonly Feed[] = []): Rollups {
  const bases = [...new Set(feeds.map((feed) => feed.base))]
  const added = bases.filter((base) => !earlier.some((feed) => feed.base === base))
  return {
    functions: [...bases.map((base) => triggerFunction(base, feeds)), refreshFunction(feeds)],
    triggers: added.flatMap(triggers),
    enable: (when) => added.flatMap((base) => events.map((event) => `alter table ${base} enable ${when} trigger rollup_${event}`)),
    drop: added.flatMap((base) => [...events.map((event) => `drop trigger rollup_${event} on ${base}`), `drop function rollup_${base}()`]),
  }
}

const domainDays: Feed = {
  base: 'calls',
  target: 'domain_days',
  key: { tenant_id: 'tenant_id', domain_id: 'domain_id', day: "(started_at at time zone 'UTC')::date" },
  sums: callSums,
  where: 'domain_id is not null',
}

const marketFeeds = [domainCounts, ...callFeeds(callSums), ...bidAndEventFeeds]

/** The rollups of the migration 0003-rollups. */
export const marketRollups = rollupsOf(marketFeeds)

const allFeeds = [domainCounts, ...callFeeds(payoutSums), ...bidAndEventFeeds, ...routingFeeds]

/** All rollups, which the migration 0019-routing creates in place of those of 0003-rollups. */
export const rollups = rollupsOf(allFeeds, marketFeeds)

/** All rollups with those of domains, which the migration 0021-front-end creates in place of those of 0019-routing. */
export const domainRollups = rollupsOf([...allFeeds, domainDays], allFeeds)

function triggers(base: string): string[] {
  const after = (event: string, transition: string) =>
    `create trigger rollup_${event} after ${event} on ${base} ${transition} for each statement execute function rollup_${base}()`
  return [
    after('insert', 'referencing new table as new_rows'),
    after('update', 'referencing old table as old_rows new table as new_rows'),
    after('delete', 'referencing old table as old_rows'),
    after('truncate', ''),
  ]
}

function triggerFunction(base: string, feeds: readonly Feed[]): string {
  const own = feeds.filter((feed) => feed.base === base)
  const added = 'select 1 as sign, * from new_rows'
  const removed = 'select -1 as sign, * from old_rows'
  const all = (statement: (feed: Feed) => string) => own.map((feed) => `${statement(feed)};`).join('\n')
  return `create or replace function rollup_${base}() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
    as $$
    begin
      case tg_op
        when 'INSERT' then ${all((feed) => addDeltas(feed, added))}
        when 'UPDATE' then ${all((feed) => addDeltas(feed, `${added} union all ${removed}`))}
        when 'DELETE' then ${all((feed) => addDeltas(feed, removed))}
        else ${all(clear)}
      end case;
      return null;
    end
    $$`
}

/**
 * Returns SQL that adds changes to the rows of a rollup, in the order of their keys. When a campaign is deleted, the cascade may delete the
 * rollup row before the rows of the base table. In this situation, the SQL does not create the rollup row again with negative sums.
 */
function addDeltas(feed: Feed, source: string): string {
  const { target, key, sums } = feed
  const keys = Object.keys(key)
  const names = Object.keys(sums)
  return `insert into ${target} (${[...keys, ...names].join(', ')})
    select ${[...keys, ...names].join(', ')} from (
      select ${Object.entries(key).map(as).join(', ')}, sum(sign) as row_delta,
        ${Object.entries(sums)
          .map(([name, value]) => `sum(sign * ${value})::bigint as ${name}`)
          .join(', ')}
      from (${source}) as changed ${feed.spread ?? ''} where ${feed.where ?? 'true'} group by ${keys.map((_, index) => index + 1).join(', ')}
    ) as delta
    where (${names.map((name) => `delta.${name} <> 0`).join(' or ')})
      and (row_delta > 0 or exists (select from ${target} where ${keys.map((name) => `${target}.${name} = delta.${name}`).join(' and ')}))
    order by ${keys.join(', ')}
    on conflict (${keys.join(', ')}) do update set ${addExcluded(target, names)}`
}

function clear({ target, sums }: Feed): string {
  const names = Object.keys(sums)
  return `update ${target} set ${names.map((name) => `${name} = 0`).join(', ')} where ${names.map((name) => `${name} <> 0`).join(' or ')}`
}

/**
 * Returns SQL that recomputes the rollups. It reads the stored sums and the expected sums in one snapshot and adds only the difference to
 * the stored sums. So writers that commit meanwhile need not be locked out.
 */
function refreshFunction(feeds: readonly Feed[]): string {
  const targets = [...new Set(feeds.map((feed) => feed.target))]
  return `create or replace function refresh_rollups(tenant text) returns bigint
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
    as $$
    declare
      corrected bigint := 0;
      rows bigint;
    begin
      ${targets.map((target) => `${correct(target, feeds)}; get diagnostics rows = row_count; corrected := corrected + rows;`).join('\n')}
      return corrected;
    end
    $$`
}

function correct(target: string, feeds: readonly Feed[]): string {
  const own = feeds.filter((feed) => feed.target === target)
  const keys = Object.keys(own[0]?.key ?? {})
  const names = [...new Set(own.flatMap((feed) => Object.keys(feed.sums)))]
  const ofTenant = '(refresh_rollups.tenant is null or tenant_id = refresh_rollups.tenant)'
  const expected = own.map(
    ({
      base,
      key,
      sums,
      spread = '',
      where = 'true',
    }) => `select ${Object.entries(key).map(as).join(', ')}, ${names.map((name) => `${sums[name] ?? '0'} as ${name}`).join(', ')}
      from ${base} ${spread} where ${where} and ${ofTenant}`,
  )
  return `insert into ${target} (${[...keys, ...names].join(', ')})
    select ${keys.join(', ')}, ${names.map((name) => `coalesce(expected.${name}, 0) - coalesce(stored.${name}, 0)`).join(', ')}
    from (
      select ${keys.join(', ')}, ${names.map((name) => `sum(${name})::bigint as ${name}`).join(', ')}
      from (${expected.join(' union all ')}) as contribution group by ${keys.join(', ')}
    ) as expected
    full join (select * from ${target} where ${ofTenant}) as stored using (${keys.join(', ')})
    where ${names.map((name) => `coalesce(expected.${name}, 0) <> coalesce(stored.${name}, 0)`).join(' or ')}
    order by ${keys.join(', ')}
    on conflict (${keys.join(', ')}) do update set ${addExcluded(target, names)}`
}

function as([name, value]: readonly [string, string]): string {
  return `${value} as ${name}`
}

function addExcluded(target: string, names: readonly string[]): string {
  return names.map((name) => `${name} = ${target}.${name} + excluded.${name}`).join(', ')
}

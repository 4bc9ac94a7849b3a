import { addExcluded, type Feed, refreshFunction, rollupsOf, triggerFunction } from './rollup-sql.ts'

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

/** Usage of the caps of buyers. */
const reservations: Feed = {
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
}

/** The feeds for the payouts of publishers, and for what buyers have used of their caps. */
const routingFeeds: readonly Feed[] = [
  {
    base: 'calls',
    target: 'publisher_days',
    key: { tenant_id: 'tenant_id', publisher_id: 'publisher_id', day: "(started_at at time zone 'UTC')::date" },
    sums: payoutSums,
    where: 'publisher_id is not null',
  },
  reservations,
]

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

/** No rule looks back as far as this: see the limits of duplicate windows and attempts. */
const LONG_AGO = "now() - interval '366 days'"
const usageSums = Object.keys(reservations.sums)

const keptFeeds = [...allFeeds, domainDays].map((feed) =>
  // Reservations of long ago go on counting after they are deleted.
  feed === reservations
    ? { ...feed, subtracted: `reserved_at >= ${LONG_AGO}`, settled: `period <> 'TOTAL' and period_start < ${LONG_AGO}` }
    : feed,
)

/** Part of the sums of all time that deleted reservations have added. Only a recomputation reads it, because the sums have it already. */
const removedUsage: Feed = {
  base: 'removed_usage',
  target: 'buyer_usage',
  key: { ...reservations.key, period: "'TOTAL'", period_start: "'epoch'::timestamptz(3)" },
  sums: Object.fromEntries(usageSums.map((name) => [name, name])),
}

/** Functions that the migration 0024-usage-and-actors creates in place of those of 0021-front-end, and one that keeps removed usage. */
export const keptUsageFunctions = [
  triggerFunction('reservations', keptFeeds),
  refreshFunction([...keptFeeds, removedUsage]),
  // If the buyer is deleted, too, nothing is kept.
  `create function keep_removed_usage() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
    as $$
    begin
      if tg_op = 'TRUNCATE' then
        delete from removed_usage;
        return null;
      end if;
      insert into removed_usage (tenant_id, buyer_id, ${usageSums.join(', ')})
      select tenant_id, buyer_id, ${Object.values(reservations.sums)
        .map((sum) => `sum(${sum})::bigint`)
        .join(', ')}
      from old_rows
      where reserved_at < ${LONG_AGO} and exists (select from buyers where buyers.tenant_id = old_rows.tenant_id and buyers.id = buyer_id)
      group by 1, 2 order by 1, 2
      on conflict (tenant_id, buyer_id) do update set ${addExcluded('removed_usage', usageSums)};
      return null;
    end
    $$`,
]

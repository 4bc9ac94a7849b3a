import { sql } from 'kysely'
import { GatewayError } from '../../../errors.ts'
import { rowIdOf } from '../../../gateway/contract/global-id.ts'
import { Expiring, type FieldLoad, type ReadContext } from '../../../gateway/contract/module.ts'
import { daysBetween } from '../../rules/local-days.ts'
import type { TimeZones } from '../../rules/time-zones.ts'
import type {
  AnalyticsCallsByDayArgs,
  AnalyticsCallsByHourArgs,
  AnalyticsDashboardArgs,
  AnalyticsPerformanceArgs,
  AnalyticsRevenueByBuyerArgs,
  DashboardPeriod,
} from '../schema-types.generated.ts'
import { DAY_MS, HOUR_MS, iso, periodRanges, requireWholeHours, type TimeRange, timeRange, whileTrue } from '../time-range.ts'
import type { EventRange } from './events.ts'
import { NO_TOTALS, type Totals } from './figures.ts'

/** The `analytics` object has no data of its own: it only groups fields. */
export type Analytics = Readonly<Record<string, never>>

export interface CallHour extends Totals {
  readonly hour: string
}

export interface CallDay extends Totals {
  /** YYYY-MM-DD on the clocks of the zone. */
  readonly date: string
  readonly from: string
  readonly to: string
}

/** Totals of a time range. They do not contain the number of events, which are counted in a field of their own. */
export interface Performance extends Totals, EventRange {
  /** Text that differs for each combination of range and campaign, so that the events of two combinations are never mixed up. */
  readonly identity: string
}

export interface BuyerRevenue {
  readonly buyerId: number
  readonly bids: number
  readonly wonBids: number
  readonly revenueMinor: number
}

export interface CampaignShare extends Totals {
  readonly campaignId: number
}

export interface Dashboard {
  readonly period: DashboardPeriod
  readonly current: Performance
  readonly previous: Performance
  readonly topCampaigns: readonly CampaignShare[]
}

const MAX_BUYERS = 100
const TOP_CAMPAIGNS = 5

/**
 * Totals of the rollup columns. Each sum is cast to int8: PostgreSQL's sum of an int8 column is a numeric, which no driver returns as a
 * number.
 */
const totals = [
  sql<number>`coalesce(sum(calls), 0)::int8`.as('calls'),
  sql<number>`coalesce(sum(settled_calls), 0)::int8`.as('settledCalls'),
  sql<number>`coalesce(sum(duration_seconds), 0)::int8`.as('durationSeconds'),
  sql<number>`coalesce(sum(spend_minor), 0)::int8`.as('spendMinor'),
  sql<number>`coalesce(sum(revenue_minor), 0)::int8`.as('revenueMinor'),
  sql<number>`coalesce(sum(payout_minor), 0)::int8`.as('payoutMinor'),
  sql<number>`coalesce(sum(bids), 0)::int8`.as('bids'),
  sql<number>`coalesce(sum(won_bids), 0)::int8`.as('wonBids'),
] as const

export const callsByHour: FieldLoad<unknown, AnalyticsCallsByHourArgs, readonly CallHour[]> = async (parents, args, read) => {
  const range = timeRange(args, HOUR_MS, read.now)
  const rows = await hoursIn(read, range, campaignOf(args))
    .select(['hour', ...totals])
    .groupBy('hour')
    .execute()
  const found = new Map(rows.map((row) => [Date.parse(row.hour), row]))
  const series: CallHour[] = []
  for (let hour = range.from; hour < range.to; hour += HOUR_MS) series.push({ ...NO_TOTALS, ...found.get(hour), hour: iso(hour) })
  return parents.map(() => whileTrue(series, range))
}

/** Adds up the hours of each day. The range consists of whole hours, so exactly the hours that the field declares in `depends` are read. */
export function callsByDay(zones: TimeZones): FieldLoad<unknown, AnalyticsCallsByDayArgs, readonly CallDay[]> {
  return async (parents, args, read) => {
    const range = timeRange(args, HOUR_MS, read.now)
    const days = daysBetween(zones, args.timeZone, range.from, range.to)
    const starts = days.map(({ from }) => from)
    requireWholeHours(args.timeZone, starts)
    const place = sql<number>`width_bucket(hour, ${starts.map(iso)}::timestamptz[])`
    const rows = await hoursIn(read, range, campaignOf(args))
      .select([place.as('place'), ...totals])
      .groupBy('place')
      .execute()
    const found = new Map(rows.map(({ place, ...sums }) => [place, sums]))
    const series = days.map(
      ({ date, from, to }, index): CallDay => ({
        ...NO_TOTALS,
        ...found.get(index + 1),
        date: dayOf(date * DAY_MS),
        from: iso(from),
        to: iso(to),
      }),
    )
    return parents.map(() => whileTrue(series, range))
  }
}

export const performance: FieldLoad<unknown, AnalyticsPerformanceArgs, Performance> = async (parents, args, read) => {
  const range = timeRange(args, HOUR_MS, read.now)
  const campaign = campaignOf(args)
  const sums = await hoursIn(read, range, campaign).select(totals).executeTakeFirst()
  const value = performanceOf(range, campaign, sums ?? NO_TOTALS)
  return parents.map(() => whileTrue(value, range))
}

export const revenueByBuyer: FieldLoad<unknown, AnalyticsRevenueByBuyerArgs, readonly BuyerRevenue[]> = async (parents, args, read) => {
  if (args.first < 1 || args.first > MAX_BUYERS) {
    throw new GatewayError('BAD_USER_INPUT', `first must be from 1 to ${MAX_BUYERS}, got ${args.first}.`)
  }
  const range = timeRange(args, DAY_MS, read.now)
  const rows = await read.db
    .selectFrom('buyerDays')
    .select([
      'buyerId',
      sql<number>`sum(bids)::int8`.as('bids'),
      sql<number>`sum(won_bids)::int8`.as('wonBids'),
      sql<number>`sum(revenue_minor)::int8`.as('revenueMinor'),
    ])
    .where('tenantId', '=', read.tenant)
    .where('day', '>=', dayOf(range.from))
    .where('day', '<', dayOf(range.to))
    .groupBy('buyerId')
    .having(sql`sum(bids)`, '>', 0)
    .orderBy('revenueMinor', 'desc')
    .orderBy('wonBids', 'desc')
    .orderBy('buyerId')
    .limit(args.first)
    .execute()
  return parents.map(() => whileTrue(rows, range))
}

/**
 * Loads the figures of the current and of the previous period, and the best campaigns, with one statement, so that all figures are
 * consistent.
 */
export function dashboard(zones: TimeZones): FieldLoad<unknown, AnalyticsDashboardArgs, Dashboard> {
  return async (parents, { period, timeZone }, read) => {
    const { current, previous } = periodRanges(zones, timeZone, period, read.now)
    const both: TimeRange = { from: previous.from, to: current.to, until: current.until }
    const isCurrent = sql<boolean>`hour >= ${iso(current.from)}::timestamptz`
    const campaigns = await hoursIn(read, both, undefined)
      .where((where) => where.or([where('hour', '<', iso(previous.to)), where('hour', '>=', iso(current.from))]))
      .select(['campaignId', isCurrent.as('isCurrent'), ...totals])
      .groupBy(['campaignId', 'isCurrent'])
      .execute()
    const figures = (range: TimeRange, ofCurrent: boolean): Performance =>
      performanceOf(range, undefined, campaigns.filter((row) => row.isCurrent === ofCurrent).reduce(add, NO_TOTALS))
    const value: Dashboard = {
      period,
      current: figures(current, true),
      previous: figures(previous, false),
      topCampaigns: campaigns
        .filter((row) => row.isCurrent && row.calls > 0)
        .toSorted((a, b) => b.calls - a.calls || b.settledCalls - a.settledCalls || a.campaignId - b.campaignId)
        .slice(0, TOP_CAMPAIGNS)
        .map(({ campaignId, isCurrent: _, ...sums }) => ({ campaignId, ...sums })),
    }
    return parents.map(() => (current.until === null ? value : new Expiring(value, current.until)))
  }
}

/**
 * Selects the rows of the rollup `campaign_hours` in a time range.
 * @param campaign Id of a campaign; null for an id that no campaign can have, undefined for all campaigns.
 */
function hoursIn(read: ReadContext, range: TimeRange, campaign: number | null | undefined) {
  const rows = read.db
    .selectFrom('campaignHours')
    .where('tenantId', '=', read.tenant)
    .where('hour', '>=', iso(range.from))
    .where('hour', '<', iso(range.to))
  return campaign === undefined ? rows : rows.where('campaignId', '=', campaign ?? 0)
}

/** Combines the sums of a range with the range itself. @param campaign As in {@link hoursIn}. */
function performanceOf(range: TimeRange, campaign: number | null | undefined, sums: Totals): Performance {
  const events: EventRange = { from: iso(range.from), to: iso(range.to), campaignId: campaign === undefined ? null : (campaign ?? 0) }
  return { identity: `${events.from}/${events.to}/${events.campaignId ?? ''}`, ...events, ...sums }
}

function campaignOf({ campaignId }: Pick<AnalyticsPerformanceArgs, 'campaignId'>): number | null | undefined {
  return campaignId == null ? undefined : rowIdOf('Campaign', campaignId)
}

function add(one: Totals, other: Totals): Totals {
  return {
    calls: one.calls + other.calls,
    settledCalls: one.settledCalls + other.settledCalls,
    durationSeconds: one.durationSeconds + other.durationSeconds,
    spendMinor: one.spendMinor + other.spendMinor,
    revenueMinor: one.revenueMinor + other.revenueMinor,
    payoutMinor: one.payoutMinor + other.payoutMinor,
    bids: one.bids + other.bids,
    wonBids: one.wonBids + other.wonBids,
  }
}

function dayOf(time: number): string {
  return iso(time).slice(0, 10)
}

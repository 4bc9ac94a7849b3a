import { PreparedStatement } from '../../../engine/postgres/prepared-statement.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import type { Period } from '../../rules/routing/candidate.ts'
import type { RankedBuyer } from '../../rules/routing/decide.ts'
import { periodStarts } from '../../rules/routing/period.ts'
import { type BuyerUsage, GRACE_MS, type Held, MAX_CALL_MS, type PeriodUsage } from '../../rules/routing/usage.ts'
import type { TimeZones } from '../../rules/time-zones.ts'
import { type Current, type CurrentValues, currentColumns, currentParameters } from './versions.ts'

/** A buyer whose usage is read, with the starts of the current periods in its time zone. */
export interface CountedBuyer {
  readonly buyerId: number
  /** Periods that the buyer's caps name. The usage of other periods is not read. */
  readonly periods: readonly Period[]
  readonly starts: Starts
}

/** Starts of the current periods in a time zone, as ISO times. TOTAL starts at 1970. */
export type Starts = Readonly<Record<Period, string>>

/** Returns a function that says for a buyer what of its usage is read. */
export function countedAt(zones: TimeZones, now: number): (buyer: RankedBuyer) => CountedBuyer {
  const known = new Map<string, Starts>()
  return ({ candidate: { buyerId, timeZone, caps } }) => {
    let starts = known.get(timeZone)
    if (!starts) {
      const { HOUR, DAY, MONTH, TOTAL } = periodStarts(zones, timeZone, now)
      starts = { HOUR: isoTime(HOUR), DAY: isoTime(DAY), MONTH: isoTime(MONTH), TOTAL: isoTime(TOTAL) }
      known.set(timeZone, starts)
    }
    return { buyerId, periods: [...new Set(caps.map(({ period }) => period))], starts }
  }
}

/** Row of `buyer_usage`: buyer, period, attempts, connections, conversions and money. */
type UsedRow = readonly [number, Period, number, number, number, number]

/**
 * Reservations of a buyer that are open, or those that are connected: for the current hour, day and month, and for all time, their number and
 * the sum of their prices.
 */
type HeldRow = readonly [buyerId: number, isConnected: boolean, sums: readonly number[]]

/** Columns of {@link usageColumns}. */
export interface UsageRow {
  readonly used: readonly UsedRow[]
  readonly held: readonly HeldRow[]
}

/** Parameters of {@link usageColumns} besides the tenant. */
export const usageParameters = {
  buyers: 'int8[]',
  hourStarts: 'timestamptz[]',
  dayStarts: 'timestamptz[]',
  monthStarts: 'timestamptz[]',
  cappedBuyers: 'int8[]',
  cappedPeriods: 'text[]',
  cappedStarts: 'timestamptz[]',
  heldAt: 'timestamptz',
  callsSince: 'timestamptz',
} as const

export type UsageValues = Readonly<Record<keyof typeof usageParameters, string>>

/** Returns the values of {@link usageParameters}. */
export function usageValues(buyers: readonly CountedBuyer[], now: number): UsageValues {
  const capped = buyers.flatMap(({ buyerId, periods, starts }) => periods.map((period) => ({ buyerId, period, start: starts[period] })))
  const starts = (period: Period) => arrayOf(buyers.map((buyer) => buyer.starts[period]))
  return {
    buyers: arrayOf(buyers.map(({ buyerId }) => buyerId)),
    hourStarts: starts('HOUR'),
    dayStarts: starts('DAY'),
    monthStarts: starts('MONTH'),
    cappedBuyers: arrayOf(capped.map(({ buyerId }) => buyerId)),
    cappedPeriods: arrayOf(capped.map(({ period }) => period)),
    cappedStarts: arrayOf(capped.map(({ start }) => start)),
    ...usageTimes(now),
  }
}

/** Returns the times after which an open reservation ends that is held, and a call was connected that is one of the concurrent calls. */
export function usageTimes(now: number): { readonly heldAt: string; readonly callsSince: string } {
  return { heldAt: isoTime(now - GRACE_MS), callsSince: isoTime(now - MAX_CALL_MS) }
}

/** Returns SQL for what buyers have used of their caps, and hold. */
export function usageColumns(given: UsageValues & { readonly tenant: string }): string {
  const starts = `${given.hourStarts}, ${given.dayStarts}, ${given.monthStarts}`
  return `(select coalesce(json_agg(json_build_array(buyer_id, buyer_usage.period, attempts, connections, conversions, money_minor)), '[]')
        from unnest(${given.cappedBuyers}, ${given.cappedPeriods}, ${given.cappedStarts}) as capped (id, period, start)
        join buyer_usage on tenant_id = ${given.tenant} and buyer_id = capped.id and buyer_usage.period = capped.period
          and period_start = capped.start) as used,
      (select coalesce(json_agg(json_build_array(id, is_connected, json_build_array(${HELD_SUMS.join(', ')}))), '[]')
        from unnest(${given.buyers}, ${starts}) as buyer (id, hour_start, day_start, month_start) cross join lateral (
          ${heldBy(`state = 'OPEN' and expires_at > ${given.heldAt}`, given.callsSince)}
          union all ${heldBy(`state = 'CONNECTED'`, given.callsSince)}) as held
      ) as held`
}

const HELD_SUMS = ['hour', 'hour_price', 'day', 'day_price', 'month', 'month_price', 'total', 'total_price', 'running']

/**
 * SQL for the reservations of a buyer that are held, in its current periods and in all. They are counted by the index of the buyer, because
 * a join may read those of all tenants.
 * @param callsSince SQL for the time after which a call was connected that is one of the concurrent calls.
 */
function heldBy(condition: string, callsSince: string): string {
  const inPeriods = ['hour', 'day', 'month'].map(
    (period) => `count(*) filter (where reservations.${period}_start = buyer.${period}_start) as ${period},
            coalesce(sum(price_minor) filter (where reservations.${period}_start = buyer.${period}_start), 0) as ${period}_price`,
  )
  return `select min(state) = 'CONNECTED' as is_connected, ${inPeriods.join(', ')}, count(*) as total, sum(price_minor) as total_price,
            count(*) filter (where connected_at > ${callsSince}) as running
          from reservations where buyer_id = buyer.id and ${condition} having count(*) > 0`
}

/** The state of some buyers at one moment. */
export interface Standing extends Current {
  readonly usage: ReadonlyMap<number, BuyerUsage>
}

const USAGE = new PreparedStatement<CurrentValues & UsageValues, Current & UsageRow>(
  { ...currentParameters, ...usageParameters },
  (given) => `select ${currentColumns(given)},
      ${usageColumns(given)}`,
)

/** Reads the usage of buyers, and what is current with it, from one snapshot. */
export async function readUsage(
  { db, tenant, now }: Pick<WriteContext, 'db' | 'tenant' | 'now'>,
  call: Omit<CurrentValues, 'tenant'>,
  buyers: readonly CountedBuyer[],
): Promise<Standing> {
  const [row] = await USAGE.run(db, { ...call, tenant, ...usageValues(buyers, now) })
  if (!row) throw new Error('Expected one row of usage, got none.')
  return { ...row, usage: usageOf(buyers, row) }
}

/** Returns the usage of each buyer from a row of {@link usageColumns}. */
export function usageOf(buyers: readonly CountedBuyer[], { used, held }: UsageRow): ReadonlyMap<number, BuyerUsage> {
  const heldOf = Map.groupBy(held, ([buyerId]) => buyerId)
  const usedOf = new Map(used.map((row) => [`${row[0]} ${row[1]}`, row]))
  return new Map(
    buyers.map(({ buyerId, periods }) => {
      const own = heldOf.get(buyerId) ?? []
      const concurrent = own.reduce((sum, [, isConnected, sums]) => sum + (sums[isConnected ? RUNNING : PLACES.TOTAL] ?? 0), 0)
      const usage = periods.map((period) => [period, periodUsage(period, usedOf.get(`${buyerId} ${period}`), own)] as const)
      return [buyerId, { concurrent, periods: Object.fromEntries(usage) }]
    }),
  )
}

/** Place of the number of a period's reservations in a row of held ones. The sum of their prices follows it. */
const PLACES: Readonly<Record<Period, number>> = { HOUR: 0, DAY: 2, MONTH: 4, TOTAL: 6 }

/** Place of the number of calls that are one of the concurrent calls. */
const RUNNING = 8

function periodUsage(period: Period, used: UsedRow | undefined, held: readonly HeldRow[]): PeriodUsage {
  const [, , attempts, connections, conversions, moneyMinor] = used ?? [0, period, 0, 0, 0, 0]
  const heldAs = (connected: boolean): Held => {
    const [, , sums = []] = held.find(([, isConnected]) => isConnected === connected) ?? []
    return { count: sums[PLACES[period]] ?? 0, priceMinor: sums[PLACES[period] + 1] ?? 0 }
  }
  return { attempts, connections, conversions, moneyMinor, open: heldAs(false), connected: heldAs(true) }
}

/** Returns an array as a literal of PostgreSQL. The items need no quotes. */
export function arrayOf(items: readonly (string | number)[]): string {
  return `{${items.join(',')}}`
}

function isoTime(time: number): string {
  return new Date(time).toISOString()
}

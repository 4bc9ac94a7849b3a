import { sql } from 'kysely'
import { Expiring, type FieldLoad, type ReadContext } from '../../../gateway/contract/module.ts'
import type { Cap, Period } from '../../rules/routing/candidate.ts'
import { periodStarts } from '../../rules/routing/period.ts'
import { GRACE_MS, MAX_CALL_MS, type PeriodUsage, usedOf } from '../../rules/routing/usage.ts'
import type { TimeZones } from '../../rules/time-zones.ts'
import { committedBids } from '../committed-bids.ts'
import { DAY_MS, HOUR_MS, iso } from '../time-range.ts'
import type { Buyer } from './entity.ts'
import type { BuyerUsage, CapUsage } from './queries.ts'

interface UsageRow {
  readonly used: Readonly<Partial<Record<Period, readonly [attempts: number, connections: number, conversions: number, money: number]>>>
  readonly held: readonly HeldGroup[]
  /** Time at which the first open reservation or connected call ceases to count, Unix epoch ms; null if there is none. */
  readonly nextExpiry: number | null
}

/** Held reservations that were made in the same of the current periods. */
interface HeldGroup {
  readonly state: 'OPEN' | 'CONNECTED'
  readonly inHour: boolean
  readonly inDay: boolean
  readonly inMonth: boolean
  readonly count: number
  /** Number of them that count as concurrent calls. */
  readonly running: number
  readonly priceMinor: number
}

/** Returns the loader of the usage of buyers, which reads the usage of all of them in one statement. */
export function usageOfBuyers(zones: TimeZones): FieldLoad<Buyer, unknown, BuyerUsage> {
  return async (buyers, _args, read) => {
    const starts = buyers.map(({ timeZone }) => periodStarts(zones, timeZone, read.now))
    const rows = await usageRows(read, buyers, starts)
    return buyers.map((buyer, index) => {
      const { used, held, nextExpiry } = rows[index] ?? { used: {}, held: [], nextExpiry: null }
      const concurrentCalls = held.reduce((sum, { running }) => sum + running, 0)
      const usageOf = (cap: Cap): CapUsage => {
        const amount = usedOf(cap.counts, periodUsage(cap.period, used[cap.period], held))
        return { cap, used: amount, remaining: Math.max(0, cap.maximum - amount) }
      }
      const value: BuyerUsage = {
        id: buyer.id,
        asOf: iso(read.now),
        concurrentCalls,
        remainingConcurrentCalls: Math.max(0, buyer.maxConcurrentCalls - concurrentCalls),
        caps: buyer.caps.filter(({ counts }) => counts !== 'MONEY').map(usageOf),
        moneyCaps: buyer.caps.filter(({ counts }) => counts === 'MONEY').map(usageOf),
      }
      // Days and months begin with an hour. A reservation expires without a write.
      const nextHour = Math.max((starts[index]?.HOUR ?? 0) + HOUR_MS, read.now + 1)
      return new Expiring(value, Math.min(nextHour, nextExpiry ?? Number.POSITIVE_INFINITY))
    })
  }
}

/** Loads for each buyer the total amount of the bids that count for its daily cap, minor units. */
export const dailyCapUsedOfBuyers: FieldLoad<{ readonly id: number }, unknown, number> = async (buyers, _args, read) => {
  const committed = await committedBids(
    read,
    buyers.map(({ id }) => id),
  )
  const tomorrow = (Math.floor(read.now / DAY_MS) + 1) * DAY_MS
  return buyers.map(({ id }) => {
    const { amountMinor, changesAt } = committed.get(id) ?? { amountMinor: 0, changesAt: null }
    return new Expiring(amountMinor, Math.min(tomorrow, changesAt ?? tomorrow))
  })
}

async function usageRows(
  { db, tenant, now }: ReadContext,
  buyers: readonly Buyer[],
  starts: readonly Readonly<Record<Period, number>>[],
): Promise<readonly UsageRow[]> {
  const [held, callsSince] = [now - GRACE_MS, now - MAX_CALL_MS].map((time) => sql`${iso(time)}::timestamptz`)
  const startsOf = (period: Period) => sql`${starts.map((start) => iso(start[period]))}::timestamptz[]`
  const { rows } = await sql<UsageRow>`
    select
      (select coalesce(json_object_agg(period, json_build_array(attempts, connections, conversions, money_minor)), '{}')
        from buyer_usage where tenant_id = ${tenant} and buyer_id = buyer.id and (period, period_start) in (
          ('HOUR', buyer.hour_start), ('DAY', buyer.day_start), ('MONTH', buyer.month_start), ('TOTAL', 'epoch'))) as used,
      (select coalesce(json_agg(json_build_object('state', state, 'inHour', in_hour, 'inDay', in_day, 'inMonth', in_month,
          'count', count, 'running', running, 'priceMinor', price_minor)), '[]')
        from (
          select state, hour_start = buyer.hour_start as in_hour, day_start = buyer.day_start as in_day,
            month_start = buyer.month_start as in_month, count(*), sum(price_minor) as price_minor,
            count(*) filter (where state = 'OPEN' or connected_at > ${callsSince}) as running
          from reservations where tenant_id = ${tenant} and buyer_id = buyer.id
            and (state = 'CONNECTED' or (state = 'OPEN' and expires_at > ${held}))
          group by 1, 2, 3, 4) as held) as held,
      (select least((extract(epoch from min(expires_at) filter (where state = 'OPEN')) * 1000)::int8 + ${sql.lit(GRACE_MS)},
          (extract(epoch from min(connected_at)) * 1000)::int8 + ${sql.lit(MAX_CALL_MS)})
        from reservations where tenant_id = ${tenant} and buyer_id = buyer.id
          and ((state = 'CONNECTED' and connected_at > ${callsSince}) or (state = 'OPEN' and expires_at > ${held}))) as next_expiry
    from unnest(${buyers.map(({ id }) => String(id))}::int8[], ${startsOf('HOUR')}, ${startsOf('DAY')}, ${startsOf('MONTH')})
      with ordinality as buyer (id, hour_start, day_start, month_start, place)
    order by buyer.place
  `.execute(db)
  return rows
}

function periodUsage(period: Period, used: UsageRow['used'][Period], held: readonly HeldGroup[]): PeriodUsage {
  const isIn = ({ inHour, inDay, inMonth }: HeldGroup) => ({ HOUR: inHour, DAY: inDay, MONTH: inMonth, TOTAL: true })[period]
  const heldIn = (state: HeldGroup['state']) => {
    const groups = held.filter((group) => group.state === state && isIn(group))
    const sum = (key: 'count' | 'priceMinor') => groups.reduce((total, group) => total + group[key], 0)
    return { count: sum('count'), priceMinor: sum('priceMinor') }
  }
  const [attempts, connections, conversions, moneyMinor] = used ?? [0, 0, 0, 0]
  return { attempts, connections, conversions, moneyMinor, open: heldIn('OPEN'), connected: heldIn('CONNECTED') }
}

import type { Cap } from '../../rules/routing/candidate.ts'
import { arrayOf, type Starts } from './buyer-usage.ts'

/** Parameters of {@link hasRoom}. */
export const roomParameters = {
  maxConcurrentCalls: 'int8',
  capPeriods: 'text[]',
  capCounts: 'text[]',
  capStarts: 'timestamptz[]',
  capMaximums: 'int8[]',
} as const

export type RoomValues = Readonly<Record<keyof typeof roomParameters, string>>

/** Returns the values of {@link roomParameters} for the limits of a buyer. @param starts Starts of the current periods in its time zone. */
export function roomValues(limits: { readonly maxConcurrentCalls: number; readonly caps: readonly Cap[] }, starts: Starts): RoomValues {
  return {
    maxConcurrentCalls: String(limits.maxConcurrentCalls),
    capPeriods: arrayOf(limits.caps.map(({ period }) => period)),
    capCounts: arrayOf(limits.caps.map(({ counts }) => counts)),
    capStarts: arrayOf(limits.caps.map(({ period }) => starts[period])),
    capMaximums: arrayOf(limits.caps.map(({ maximum }) => maximum)),
  }
}

/** SQL of parameters that say which buyer, at which price, and which reservations are held. */
interface RoomOf {
  readonly tenantId: string
  readonly buyerId: string
  readonly priceMinor: string
  readonly heldAt: string
  readonly callsSince: string
}

/** Returns SQL for the reservations of a buyer that are held, for {@link hasRoom}. */
export function heldReservations({ buyerId, heldAt }: RoomOf): string {
  const columns = 'state, price_minor, hour_start, day_start, month_start, connected_at'
  return `select ${columns} from reservations where buyer_id = ${buyerId} and state = 'OPEN' and expires_at > ${heldAt}
      union all select ${columns} from reservations where buyer_id = ${buyerId} and state = 'CONNECTED'`
}

/**
 * Returns SQL for whether a buyer has room for one more reservation, given its held reservations as `held`. It counts as `usedOf` and
 * `hasRoom` of the rules do. The database counts in the statement that reserves, because the buyer is locked until that is committed.
 */
export function hasRoom({ tenantId, buyerId, priceMinor, callsSince, ...given }: RoomOf & RoomValues): string {
  const inPeriod = `(cap.period = 'TOTAL' or cap.start = case cap.period when 'HOUR' then hour_start when 'DAY' then day_start else month_start end)`
  return `(select count(*) from held where state = 'OPEN' or connected_at > ${callsSince}) < ${given.maxConcurrentCalls}
      and not exists (
        select from unnest(${given.capPeriods}, ${given.capCounts}, ${given.capStarts}, ${given.capMaximums})
          as cap (period, counts, start, maximum)
        left join buyer_usage on tenant_id = ${tenantId} and buyer_id = ${buyerId} and buyer_usage.period = cap.period
          and period_start = cap.start
        where case counts
          when 'ATTEMPTS' then coalesce(attempts, 0) + 1
          when 'CONNECTIONS' then coalesce(connections, 0) + (select count(*) from held where state = 'OPEN' and ${inPeriod}) + 1
          when 'CONVERSIONS' then coalesce(conversions, 0) + (select count(*) from held where ${inPeriod}) + 1
          else coalesce(money_minor, 0) + coalesce((select sum(price_minor) from held where ${inPeriod}), 0) + ${priceMinor}
        end > maximum)`
}

import { sql } from 'kysely'
import { Expiring, type FieldLoad } from '../../../gateway/contract/module.ts'
import { recentUntil } from '../time-range.ts'
import type { EventRow } from './entity.ts'
import { eventCounts } from './figures.ts'

/** Time range and campaign whose events are counted. */
export interface EventRange {
  /** Start of the first hour of the range, ISO 8601. */
  readonly from: string
  /** End of the last hour of the range, ISO 8601. */
  readonly to: string
  /** Id of the campaign; null for all campaigns. */
  readonly campaignId: number | null
}

export interface EventCount {
  readonly kind: EventRow['kind']
  readonly count: number
}

interface Counted extends EventCount {
  readonly place: number
}

/**
 * Counts the events of all ranges in one statement. Phone calls are counted in a different field. Events arrive far more often than calls,
 * and a new event must not invalidate the cached figures of calls.
 */
export const countEvents: FieldLoad<EventRange, unknown, readonly EventCount[]> = async (ranges, _args, read) => {
  const { rows } = await sql<Counted>`
    select asked.place, kind, sum(count)::int8 as count
    from unnest(
      ${ranges.map(({ from }) => from)}::timestamptz[], ${ranges.map(({ to }) => to)}::timestamptz[],
      ${ranges.map(({ campaignId }) => campaignId)}::int8[]
    ) with ordinality as asked ("from", "to", campaign_id, place)
    join event_hours on hour >= asked."from" and hour < asked."to" and (asked.campaign_id is null or event_hours.campaign_id = asked.campaign_id)
    where tenant_id = ${read.tenant}
    group by asked.place, kind
  `.execute(read.db)
  return ranges.map(({ to }, index) => {
    const counts = eventCounts(rows.filter(({ place }) => place === index + 1))
    const until = recentUntil(Date.parse(to), read.now)
    return until === null ? counts : new Expiring(counts, until)
  })
}

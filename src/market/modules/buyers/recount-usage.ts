import { sql } from 'kysely'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { periodStarts } from '../../rules/routing/period.ts'
import type { TimeZones } from '../../rules/time-zones.ts'
import { iso } from '../time-range.ts'

/**
 * Counts what a buyer has used of its caps anew, in the current hour, day and month of its new time zone. So no cap is exceeded in the day
 * of the new zone. The transaction has locked the buyer, so no reservation is made meanwhile, and a ping that waits for the lock decides
 * again in the new zone. A trigger has done the same by the clocks of the database, which may know other rules of the zone.
 */
export async function recountUsage(
  { db, now }: Pick<WriteContext, 'db' | 'now'>,
  zones: TimeZones,
  id: number,
  zone: string,
): Promise<void> {
  const { HOUR, DAY, MONTH } = periodStarts(zones, zone, now)
  await sql`select recount_usage(${id}::int8, ${iso(HOUR)}::timestamptz, ${iso(DAY)}::timestamptz, ${iso(MONTH)}::timestamptz)`.execute(db)
}

import { sql } from 'kysely'
import type { ReadContext } from '../../../gateway/contract/module.ts'
import type { ValuableRoute } from './entity.ts'

/** Decisions that are read, at most: the newest of the last seven days. */
const MAX_DECISIONS = 5000
const WITHIN_MS = 7 * 86_400_000

/** Lists the routes whose offers were worth most. @param hour Hour for which their buyers are asked. */
export async function listValuableRoutes({ db, tenant, now }: ReadContext, limit: number, hour: number): Promise<readonly ValuableRoute[]> {
  const since = new Date(now - WITHIN_MS).toISOString()
  const { rows } = await sql<Omit<ValuableRoute, 'hour'>>`
    select campaign_id, caller_state as state, count(*)::int as offers, sum(price_minor)::int8 as offered_minor
    from (
      select campaign_id, caller_state, outcome, price_minor from routing_decisions
      where tenant_id = ${tenant} and decided_at >= ${since}::timestamptz
      order by decided_at desc, id desc limit ${MAX_DECISIONS}
    ) as newest
    where outcome = 'OFFERED'
    group by campaign_id, caller_state
    order by offered_minor desc, campaign_id, state
    limit ${limit}
  `.execute(db)
  return rows.map((row) => ({ ...row, hour }))
}

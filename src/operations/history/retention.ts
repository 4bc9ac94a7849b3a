import type { RunStatement } from './run-statement.ts'

export interface RetentionOptions {
  readonly run: RunStatement
  /** Returns the time of the database's clock, Unix epoch ms. */
  readonly now: () => number
  /** Time for which the history is kept, days. */
  readonly days: number
  /** Number of rows that one statement deletes. */
  readonly batchRows?: number
  /** Maximum number of rows of `cache_invalidation_log`. */
  readonly maxInvalidations?: number
}

const DAY_MS = 86_400_000
/** Time for which figures by minute are kept, days. Older figures are kept by hour. */
export const MINUTE_DAYS = 2
const MAX_BATCHES = 200
const MAX_PATTERNS = 10_000

/**
 * Deletes what is older than the retention time, in small batches. Processes that run it at the same time delete different rows. Returns
 * the number of deleted rows.
 */
export async function deleteOldHistory({
  run,
  now,
  days,
  batchRows = 2000,
  maxInvalidations = 500_000,
}: RetentionOptions): Promise<number> {
  const before = now() - days * DAY_MS
  const minutesBefore = now() - Math.min(days, MINUTE_DAYS) * DAY_MS
  let deleted = 0
  const deleteFrom = async (table: string, condition: string, moment: number) => {
    for (let batch = 0; batch < MAX_BATCHES; batch++) {
      const [row] = await run(
        `with old as (
           select ctid from ${table} where ${condition} limit $2 for update skip locked
         ), gone as (delete from ${table} where ctid = any (array(select ctid from old)) returning 1)
         select count(*)::int as deleted from gone`,
        [moment, batchRows],
      )
      const count = Number(row?.['deleted'] ?? 0)
      deleted += count
      if (count < batchRows) return
    }
  }
  await deleteFrom('cache_performance_metrics', `period = 'minute' and recorded_at < to_timestamp($1::float8 / 1000)`, minutesBefore)
  await deleteFrom('cache_performance_metrics', `period = 'hour' and recorded_at < to_timestamp($1::float8 / 1000)`, before)
  await deleteFrom('cache_invalidation_log', 'created_at < to_timestamp($1::float8 / 1000)', before)
  await deleteFrom('cached_query_patterns', 'last_seen_at < to_timestamp($1::float8 / 1000)', before)
  await deleteFrom('cache_experiments', 'ended_at < to_timestamp($1::float8 / 1000)', before)
  await deleteFrom('cache_history_writers', 'written_at < to_timestamp($1::float8 / 1000)', before)
  await deleteFrom('cache_invalidation_log', newerThan('created_at', 'cache_invalidation_log', maxInvalidations), 0)
  await deleteFrom('cached_query_patterns', newerThan('last_seen_at', 'cached_query_patterns', MAX_PATTERNS), 0)
  return deleted
}

/** Returns the condition for the rows that are older than the newest `keep` rows of the table. The parameter $1 is not used. */
function newerThan(column: string, table: string, keep: number): string {
  return `$1::float8 = 0 and ${column} < (select ${column} from ${table} order by ${column} desc offset ${keep - 1} limit 1)`
}

import { stored } from './metric-row.ts'
import type { RunStatement } from './run-statement.ts'

/** Recommendation of the advisor for an operation, as the table `cached_query_patterns` stores it. */
export interface PatternAdvice {
  /** Name of the operation; its hash if it has no name. */
  readonly operation: string
  /** Stable name of the kind of recommendation, such as `longer-ttl`. */
  readonly code: string
  /** Field that should be changed. */
  readonly subject: string
  /** Change that is recommended, in one sentence. */
  readonly change: string
  /** Points of the field hit rate that it gains; null if they are not known. */
  readonly points: number | null
}

/**
 * Replaces the recommendations of all operations by those that are given. An operation without one has none any more.
 * @param now Time of the database's clock, Unix epoch ms.
 */
export async function storePatternAdvice(run: RunStatement, advice: readonly PatternAdvice[], now: number): Promise<void> {
  const rows = advice.map((one) => ({ ...one, operation: stored(one.operation) }))
  await run(UPDATE, [JSON.stringify(rows), now])
}

// The rows are locked in one order, so that two processes never wait for each other in a circle. A row whose recommendation stays is not written.
const UPDATE = `with advised as (
    select pattern.query_pattern_hash as hash, advice.code, advice.subject, advice.change, advice.points
    from cached_query_patterns as pattern
    left join jsonb_to_recordset($1::jsonb) as advice (operation text, code text, subject text, change text, points float8)
      on advice.operation = pattern.cache_key_template
    where (pattern.recommendation_code, pattern.recommendation_subject, pattern.recommendation, pattern.recommendation_gain_points)
      is distinct from (advice.code, advice.subject, advice.change, advice.points)
    order by pattern.query_pattern_hash
    for update of pattern
  )
  update cached_query_patterns as pattern set
    recommendation_code = advised.code,
    recommendation_subject = advised.subject,
    recommendation = advised.change,
    recommendation_gain_points = advised.points,
    recommended_at = case when advised.code is null then null else to_timestamp($2::float8 / 1000) end
  from advised where advised.hash = pattern.query_pattern_hash`

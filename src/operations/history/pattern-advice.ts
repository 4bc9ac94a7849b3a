import { stored } from './metric-row.ts'
import type { RunStatement } from './run-statement.ts'

/** Answer of the advisor about one operation. */
export interface PatternAdvice {
  /** Name of the operation; its hash if it has no name. */
  readonly operation: string
  /** It is undefined if there is nothing to recommend. */
  readonly recommendation: PatternRecommendation | undefined
}

/** Recommendation of the advisor, as the table `cached_query_patterns` stores it. */
export interface PatternRecommendation {
  /** Stable name of the kind of recommendation, such as `longer-ttl`. */
  readonly code: string
  /** Field that should be changed. */
  readonly subject: string
  /** Change that is recommended, in words. */
  readonly change: string
  /** Points of the field hit rate that it gains; null if they are not known. */
  readonly points: number | null
}

/** Time without an answer after which an operation has no recommendation any more, ms. */
const QUIET_MS = 3_600_000

/**
 * Replaces the recommendations of the given operations. All others keep theirs, because another process may know them. An operation that nobody
 * has asked for an hour has no recommendation.
 * @param now Time of the database's clock, Unix epoch ms.
 */
export async function storePatternAdvice(run: RunStatement, advice: readonly PatternAdvice[], now: number): Promise<void> {
  const rows = advice.map(({ operation, recommendation }) => ({ ...recommendation, operation: stored(operation) }))
  await run(UPDATE, [JSON.stringify(rows), now, now - QUIET_MS])
}

// The rows are locked in one order, so that two processes never wait for each other in a circle. A row whose recommendation stays is not written,
// although its gain differs a little each time.
const UPDATE = `with advised as (
    select pattern.query_pattern_hash as hash, advice.code, advice.subject, advice.change, advice.points
    from cached_query_patterns as pattern
    left join jsonb_to_recordset($1::jsonb) as advice (operation text, code text, subject text, change text, points float8)
      on advice.operation = pattern.cache_key_template and pattern.last_seen_at >= to_timestamp($3::float8 / 1000)
    where (advice.operation is not null or pattern.last_seen_at < to_timestamp($3::float8 / 1000))
      and (pattern.recommendation_code, pattern.recommendation_subject, pattern.recommendation)
        is distinct from (advice.code, advice.subject, advice.change)
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

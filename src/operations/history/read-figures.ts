import type { LatencyFigures, TagFigures, TenantFigures, UsageFigures } from '../telemetry/usage.ts'
import type { Subject } from './metric-row.ts'
import { MINUTE_DAYS } from './retention.ts'
import type { RunStatement } from './run-statement.ts'
import { answerFigures, fieldFigures, SUMS, sumOf, total } from './stored-sums.ts'

/** A time range: from `from` (included) to `to` (excluded), Unix epoch ms. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** Figures of a time range. Those by write are read apart, see read-write-costs.ts. */
export interface StoredFigures extends Omit<UsageFigures, 'writes'> {
  /** Range that the figures cover. It is the requested range, extended to whole minutes, or to whole hours if it is long or long ago. */
  readonly range: TimeRange
}

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
/** Maximum length of a range whose figures are read by minute, ms. The figures of a longer range are read by hour. */
const MAX_MINUTES_MS = 6 * HOUR_MS

/** Returns whether the figures by minute are kept for the whole range. */
export function hasMinutes({ from }: TimeRange, now: number): boolean {
  return from >= now - MINUTE_DAYS * DAY_MS
}

/** Returns the range, extended to whole steps. */
export function inSteps({ from, to }: TimeRange, stepMs: number): TimeRange {
  return { from: Math.floor(from / stepMs) * stepMs, to: Math.ceil(to / stepMs) * stepMs }
}

/** Length of time that a stored row of figures covers. */
export type Period = 'minute' | 'hour'

/** Returns whether figures of a range are read by minute or by hour, and the range, extended to whole minutes or hours. */
export function inPeriod(
  wanted: TimeRange,
  now: number,
  period: Period = hasMinutes(wanted, now) && wanted.to - wanted.from <= MAX_MINUTES_MS ? 'minute' : 'hour',
): { readonly period: Period; readonly range: TimeRange } {
  return { period, range: inSteps(wanted, period === 'minute' ? MINUTE_MS : HOUR_MS) }
}

/**
 * Reads the figures of all processes in a time range, summed up by field, operation, tenant and tag.
 * @param named Rows that are read. Default: minutes for a short and recent range, else hours.
 */
export async function readFigures(run: RunStatement, wanted: TimeRange, now: number, named?: Period): Promise<StoredFigures> {
  const { period, range } = inPeriod(wanted, now, named)
  const rows = await run(
    `select subject, cache_key as key, cache_layer as layer, operation, cause, ${SUMS}
     from cache_performance_metrics
     where subject not in ('total', 'write') and period = $1 and recorded_at >= to_timestamp($2::float8 / 1000) and recorded_at < to_timestamp($3::float8 / 1000)
     group by 1, 2, 3, 4, 5`,
    [period, range.from, range.to],
  )
  const sums = rows.map(sumOf)
  // An operation of the range was seen in it or later.
  const patterns = await run(
    `select query_pattern_hash as hash, cache_key_template as name, kind from cached_query_patterns
     where last_seen_at >= to_timestamp($1::float8 / 1000)`,
    [range.from],
  )
  const known = new Map(patterns.map((row) => [String(row['name']), row]))
  const of = (subject: Subject) => [
    ...Map.groupBy(
      sums.filter((sum) => sum.subject === subject),
      ({ key }) => key,
    ),
  ]
  return {
    range,
    fields: of('field').map(([field, rows], row) => ({ row, field, ...fieldFigures(rows) })),
    operations: of('operation').map(([operation, rows], row) => ({
      row,
      operation,
      hash: String(known.get(operation)?.['hash'] ?? ''),
      kind: String(known.get(operation)?.['kind'] ?? ''),
      notModified: total(rows, 'not modified').count,
      ...answerFigures(rows),
    })),
    tenants: of('tenant').map(([tenant, rows], row): TenantFigures => ({ row, tenant, ...answerFigures(rows) })),
    tags: of('tag')
      .flatMap(([field, rows]) => [...Map.groupBy(rows, ({ cause }) => cause)].map(([tag, counts]) => ({ field, tag, counts })))
      .map(
        ({ field, tag, counts }, row): TagFigures => ({
          row,
          field,
          tag,
          reloads: total(counts, 'reload').count,
          needlessReloads: total(counts, 'needless reload').count,
        }),
      ),
    latency: sums
      .filter(({ subject }) => subject === 'latency')
      .map(({ operation, cause, count }, row) => ({ row, outcome: operation as LatencyFigures['outcome'], upToMs: cause, count })),
  }
}

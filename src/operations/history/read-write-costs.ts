import { FULL_RESET, type WriteFigures } from '../telemetry/usage.ts'
import { inPeriod, type TimeRange } from './read-figures.ts'
import type { RunStatement } from './run-statement.ts'
import { SUMS, type Sum, sumOf, total } from './stored-sums.ts'

/** Reloads that a kind of write caused. */
export type Reloads = Pick<WriteFigures, 'reloads' | 'needlessReloads' | 'loadMs' | 'answers'>

/** Cost of all writes of one cause in a time range: what they invalidated, and the reloads that followed. */
export interface WriteCost extends Reloads {
  readonly cause: string
  /** Number of statements; 0 if only reloads are in the range, or if the cause stands for no single write. */
  readonly writes: number
  /** Number of rows of the invalidation log. One row holds what was committed together, or shortly after each other. */
  readonly rows: number
  /** Number of invalidated tags. A tag counts once for each row of the invalidation log. */
  readonly tags: number
  /** Median and greatest invalidation lag of the rows of the log, ms; null without a row whose lag is known. */
  readonly appliedMs: { readonly p50: number; readonly max: number } | null
  /** Time of the newest row of the log, Unix epoch ms; null without one. */
  readonly lastAt: number | null
  /** The same reloads by field, those that took most time first. */
  readonly fields: readonly (Reloads & { readonly field: string })[]
}

export interface WriteCosts {
  /** Range that the costs cover: the wanted one, extended to whole minutes or hours. */
  readonly range: TimeRange
  /** Costs by cause, those whose reloads took most time first. */
  readonly costs: readonly WriteCost[]
  /** Reloads of the range that belong to no write, because they were stored before reloads were counted by write; null without one. */
  readonly uncounted: UncountedReloads | null
}

export interface UncountedReloads {
  /** Beginning of the first minute or hour in which reloads were counted by write, Unix epoch ms; null if there is none in the range. */
  readonly before: number | null
  readonly reloads: number
}

interface LogSums extends Pick<WriteCost, 'writes' | 'rows' | 'tags' | 'appliedMs' | 'lastAt'> {
  /** Whether it voided everything, and no person or program did it. */
  readonly isReset: boolean
}

/** Maximum number of causes whose writes are read from the log. */
const MAX_CAUSES = 2000
const NO_ROWS: LogSums = { writes: 0, rows: 0, tags: 0, appliedMs: null, lastAt: null, isReset: false }

/**
 * Reads what each kind of write cost in a time range. The reloads are those of all processes. A reload counts in the minute in which the
 * value was loaded again, which may be later than the write.
 * @param cause Only this cause. Default: all causes.
 */
export async function readWriteCosts(run: RunStatement, wanted: TimeRange, now: number, cause?: string): Promise<WriteCosts> {
  const { period, range } = inPeriod(wanted, now)
  const rows = await run(
    `select subject, cache_key as key, '' as layer, operation, cause, ${SUMS}
     from cache_performance_metrics
     where subject = 'write' and period = $1 and recorded_at >= to_timestamp($2::float8 / 1000) and recorded_at < to_timestamp($3::float8 / 1000)
       and ($4::text is null or cache_key in ($4, $5))
     group by 1, 2, 4, 5`,
    [period, range.from, range.to, cause ?? null, FULL_RESET],
  )
  const reloads = Map.groupBy(rows.map(sumOf), ({ key }) => key)
  const written = await readLogSums(run, range, cause)
  const [reset, ...otherResets] = [...written].filter(([, { isReset }]) => isReset).map(([name]) => name)
  const ofResets = reloads.get(FULL_RESET)
  // Reloads after a full reset do not know which one it was. If there was one only, it caused them.
  if (ofResets && reset !== undefined && otherResets.length === 0) {
    reloads.delete(FULL_RESET)
    reloads.set(reset, [...(reloads.get(reset) ?? []), ...ofResets])
  }
  const uncounted = await readUncounted(run, period, range)
  const names = [...new Set([...written.keys(), ...reloads.keys()])].filter((name) => cause === undefined || name === cause)
  const costs = names.map((name): WriteCost => {
    const sums = reloads.get(name) ?? []
    const fields = [...Map.groupBy(sums, (sum) => sum.cause)].map(([field, its]) => ({ field, ...reloadsOf(its) }))
    const { isReset: _, ...log } = written.get(name) ?? NO_ROWS
    return { cause: name, ...log, ...reloadsOf(sums), fields: fields.toSorted(byCost) }
  })
  return { range, costs: costs.toSorted((a, b) => byCost(a, b) || b.tags - a.tags || (a.cause < b.cause ? -1 : 1)), uncounted }
}

function byCost(a: Reloads, b: Reloads): number {
  return b.loadMs - a.loadMs || b.reloads - a.reloads || b.answers - a.answers
}

function reloadsOf(sums: readonly Sum[]): Reloads {
  const { count, ms } = total(sums, 'reload')
  return {
    reloads: count,
    needlessReloads: total(sums, 'needless reload').count,
    loadMs: ms,
    answers: total(sums, 'answer').count,
  }
}

/**
 * Returns the reloads of fields before the first one that a write is charged with. Each reload is charged to a write, a known one or
 * `system unknown`, so reloads without any write come from a version that did not count by write.
 */
async function readUncounted(run: RunStatement, period: string, { from, to }: TimeRange): Promise<UncountedReloads | null> {
  const [row] = await run(
    `with reloads as (
       select subject, recorded_at, operation_count from cache_performance_metrics
       where (subject = 'write' or (subject = 'field' and operation = 'reload')) and period = $1
         and recorded_at >= to_timestamp($2::float8 / 1000) and recorded_at < to_timestamp($3::float8 / 1000)),
     counted as (select min(recorded_at) as begin from reloads where subject = 'write')
     select (extract(epoch from begin) * 1000)::float8 as before,
       (select coalesce(sum(operation_count), 0)::float8 from reloads where subject = 'field' and (begin is null or recorded_at < begin)) as reloads
     from counted`,
    [period, from, to],
  )
  const reloads = Number(row?.['reloads'] ?? 0)
  const before = row?.['before'] ?? null
  return reloads === 0 ? null : { before: before === null ? null : Number(before), reloads }
}

async function readLogSums(run: RunStatement, { from, to }: TimeRange, cause: string | undefined): Promise<ReadonlyMap<string, LogSums>> {
  const rows = await run(
    `select one ->> 'cause' as cause, count(*)::float8 as rows, sum((one ->> 'writes')::float8) as writes, sum((one ->> 'tagCount')::float8) as tags,
       percentile_cont(0.5) within group (order by processing_time_ms) as p50, max(processing_time_ms) as slowest,
       (extract(epoch from max(created_at)) * 1000)::float8 as last, bool_or(one ->> 'cause' like 'system %' and '*' = any (cache_keys)) as reset
     from cache_invalidation_log cross join lateral jsonb_array_elements(causes) as one
     where created_at >= to_timestamp($1::float8 / 1000) and created_at < to_timestamp($2::float8 / 1000)
       and ($3::text is null or one ->> 'cause' = $3 or (one ->> 'cause' like 'system %' and '*' = any (cache_keys)))
     group by 1 order by tags desc limit $4`,
    [from, to, cause ?? null, MAX_CAUSES],
  )
  return new Map(
    rows.map((row) => [
      String(row['cause']),
      {
        writes: Number(row['writes']),
        rows: Number(row['rows']),
        tags: Number(row['tags']),
        appliedMs: row['slowest'] === null ? null : { p50: Number(row['p50']), max: Number(row['slowest']) },
        lastAt: Number(row['last']),
        isReset: row['reset'] === true,
      },
    ]),
  )
}

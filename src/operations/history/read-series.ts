import type { FieldFigures, TenantFigures } from '../telemetry/usage.ts'
import { HOUR_MS, hasMinutes, inSteps, type TimeRange } from './read-figures.ts'
import type { RunStatement } from './run-statement.ts'
import { answerFigures, fieldFigures, SUMS, type Sum, sumOf } from './stored-sums.ts'

/** Figures of the reads of all fields, or of one field, in one step of a series. */
export interface SeriesPoint extends Pick<FieldFigures, 'reads' | 'misses' | 'loads' | 'loadMs' | 'savedMs'> {
  /** Beginning of the step, Unix epoch ms. */
  readonly at: number
}

/** Answers to operations in one step of a series. */
export interface AnswerPoint extends Pick<TenantFigures, 'answers' | 'requests' | 'durationMs' | 'savedMs'> {
  readonly at: number
}

export interface StepOptions {
  /** Length of a step, ms: whole minutes, or whole hours. Steps begin at multiples of it since the Unix epoch. */
  readonly stepMs: number
  readonly now: number
}

/** Maximum number of steps of a series. */
const MAX_POINTS = 3000

/**
 * Reads the reads of all fields, or of one field, in steps. Steps without reads are left out.
 * @throws RangeError for a range of more than {@link MAX_POINTS} steps, and for minutes that are older than two days.
 */
export async function readSeries(
  run: RunStatement,
  wanted: TimeRange,
  { field, ...options }: StepOptions & { readonly field?: string | undefined },
): Promise<readonly SeriesPoint[]> {
  const points = await readSteps(run, wanted, { ...options, subject: 'field', key: field })
  return points.map(([at, rows]) => {
    const { reads, misses, loads, loadMs, savedMs } = fieldFigures(rows)
    return { at, reads, misses, loads, loadMs, savedMs }
  })
}

/**
 * Reads the answers to all operations, to one operation or to one tenant, in steps. Steps without answers are left out.
 * @throws RangeError as {@link readSeries}.
 */
export async function readAnswers(
  run: RunStatement,
  wanted: TimeRange,
  { operation, tenant, ...options }: StepOptions & { readonly operation?: string | undefined; readonly tenant?: string | undefined },
): Promise<readonly AnswerPoint[]> {
  const subject = tenant === undefined ? 'operation' : 'tenant'
  const points = await readSteps(run, wanted, { ...options, subject, key: tenant ?? operation })
  return points.map(([at, rows]) => {
    const { answers, requests, durationMs, savedMs } = answerFigures(rows)
    return { at, answers, requests, durationMs, savedMs }
  })
}

/** Counts the applied rows of the invalidation log in steps, of a tenant or of all tenants. Steps without rows are left out. */
export async function readInvalidationCounts(
  run: RunStatement,
  wanted: TimeRange,
  { stepMs, tenant }: { readonly stepMs: number; readonly tenant: string | undefined },
): Promise<ReadonlyMap<number, number>> {
  const { from, to } = inSteps(wanted, stepMs)
  const rows = await run(
    `select floor(extract(epoch from created_at)::float8 * 1000 / $1::float8) * $1::float8 as at, count(*)::float8 as count
     from cache_invalidation_log
     where created_at >= to_timestamp($2::float8 / 1000) and created_at < to_timestamp($3::float8 / 1000)
       and ($4::text is null or tenants && array[$4, '*'])
     group by 1`,
    [stepMs, from, to, tenant ?? null],
  )
  return new Map(rows.map((row) => [Number(row['at']), Number(row['count'])]))
}

/** Figures of one operation or field in one step: those that its rate is computed from. */
export interface TrendPoint extends Pick<FieldFigures, 'reads' | 'misses'>, Pick<TenantFigures, 'answers'> {
  readonly at: number
}

/** Reads the figures of some operations or fields in steps, by their name. Steps in which nothing was counted are left out. */
export async function readTrends(
  run: RunStatement,
  wanted: TimeRange,
  { subject, keys, ...options }: StepOptions & { readonly subject: 'field' | 'operation'; readonly keys: readonly string[] },
): Promise<ReadonlyMap<string, readonly TrendPoint[]>> {
  const rows = await readRows(run, wanted, { ...options, subject, keys })
  return new Map(
    [...Map.groupBy(rows, ({ key }) => String(key))].map(([key, own]) => [
      key,
      inOrder(own).map(([at, sums]) => {
        const { reads, misses } = fieldFigures(sums)
        return { at, reads, misses, answers: answerFigures(sums).answers }
      }),
    ]),
  )
}

async function readSteps(
  run: RunStatement,
  wanted: TimeRange,
  { subject, key, ...options }: StepOptions & { readonly subject: 'field' | 'operation' | 'tenant'; readonly key: string | undefined },
): Promise<readonly (readonly [at: number, rows: readonly Sum[]])[]> {
  return inOrder(await readRows(run, wanted, { ...options, subject: key === undefined ? 'total' : subject, keys: [key ?? subject] }))
}

async function readRows(
  run: RunStatement,
  wanted: TimeRange,
  { stepMs, subject, keys, now }: StepOptions & { readonly subject: string; readonly keys: readonly string[] },
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const range = inSteps(wanted, stepMs)
  const isByHour = stepMs % HOUR_MS === 0
  if (!isByHour && !hasMinutes(wanted, now))
    throw new RangeError('Expected a range of the last two days for steps of minutes: use steps of an hour.')
  const steps = (range.to - range.from) / stepMs
  if (steps > MAX_POINTS) throw new RangeError(`Expected a range of at most ${MAX_POINTS} steps, got ${steps}: use longer steps.`)
  return run(
    `select floor(extract(epoch from recorded_at)::float8 * 1000 / $1::float8) * $1::float8 as at, subject, cache_key as key,
       cache_layer as layer, operation, cause, ${SUMS}
     from cache_performance_metrics
     where period = $2 and recorded_at >= to_timestamp($3::float8 / 1000) and recorded_at < to_timestamp($4::float8 / 1000)
       and subject = $5 and cache_key = any($6)
     group by 1, 2, 3, 4, 5, 6 order by 1`,
    [stepMs, isByHour ? 'hour' : 'minute', range.from, range.to, subject, keys],
  )
}

function inOrder(rows: readonly Readonly<Record<string, unknown>>[]): readonly (readonly [at: number, rows: readonly Sum[]])[] {
  return [...Map.groupBy(rows, ({ at }) => Number(at))].map(([at, sums]) => [at, sums.map(sumOf)])
}

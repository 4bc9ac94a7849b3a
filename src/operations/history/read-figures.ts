import type { AnswerLayer } from '../../gateway/graphql/endpoint/answer-layer.ts'
import type { FieldFigures, OperationFigures, TagFigures, TenantFigures, UsageFigures } from '../telemetry/usage.ts'
import type { Subject } from './metric-row.ts'
import { MINUTE_DAYS } from './retention.ts'
import type { RunStatement } from './run-statement.ts'

/** A time range: from `from` (included) to `to` (excluded), Unix epoch ms. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

export type Step = 'minute' | 'hour' | 'day'

/** Figures of the reads of all fields, or of one field, in one step of a series. */
export interface SeriesPoint {
  /** Beginning of the step, Unix epoch ms. */
  readonly at: number
  readonly reads: FieldFigures['reads']
  readonly misses: FieldFigures['misses']
  readonly loads: number
  readonly loadMs: number
  readonly savedMs: number
}

/** Answers to operations in one step of a series. */
export interface AnswerPoint {
  readonly at: number
  readonly answers: Readonly<Record<AnswerLayer, number>>
  readonly requests: number
  readonly durationMs: number
}

export interface StoredFigures extends UsageFigures {
  /** Range that the figures cover. It is the requested range, extended to whole minutes, or to whole hours if it is long or long ago. */
  readonly range: TimeRange
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Maximum length of a range whose figures are read by minute, ms. The figures of a longer range are read by hour. */
const MAX_MINUTES_MS = 6 * HOUR_MS
/** Maximum number of steps of a series. */
const MAX_POINTS = 3000

const READS: FieldFigures['reads'] = { l1: 0, l2: 0, coalesced: 0, stale: 0, origin: 0, failed: 0 }
const MISSES: FieldFigures['misses'] = {
  cold: 0,
  invalidated: 0,
  expired: 0,
  evicted: 0,
  'not cacheable': 0,
  bypassed: 0,
  shed: 0,
}
const ANSWERS: OperationFigures['answers'] = {
  'at hand': 0,
  l1: 0,
  l2: 0,
  coalesced: 0,
  stale: 0,
  parts: 0,
  origin: 0,
  bypassed: 0,
  shed: 0,
  refused: 0,
}

interface Sum {
  readonly subject: Subject
  readonly key: string
  readonly layer: string
  readonly operation: string
  readonly cause: string
  readonly count: number
  readonly ms: number
  readonly saved: number
  readonly bytes: number
}

/** Returns the length of the rows that contain a range, and the range in whole rows. */
function rowsFor({ from, to }: TimeRange, now: number, step?: Step): { readonly period: 'minute' | 'hour'; readonly range: TimeRange } {
  const isRecent = from >= now - MINUTE_DAYS * DAY_MS
  const period = isRecent && (step === 'minute' || (step === undefined && to - from <= MAX_MINUTES_MS)) ? 'minute' : 'hour'
  const length = period === 'minute' ? MINUTE_MS : HOUR_MS
  return { period, range: { from: Math.floor(from / length) * length, to: Math.ceil(to / length) * length } }
}

/** Reads the figures of all processes in a time range, summed up by field, operation, tenant and tag. */
export async function readFigures(run: RunStatement, wanted: TimeRange, now: number): Promise<StoredFigures> {
  const { period, range } = rowsFor(wanted, now)
  const rows = await run(
    `select subject, cache_key as key, cache_layer as layer, operation, cause, sum(operation_count)::float8 as count,
       sum(response_time_ms) as ms, sum(saved_ms) as saved, sum(data_size_bytes)::float8 as bytes
     from cache_performance_metrics
     where period = $1 and recorded_at >= to_timestamp($2::float8 / 1000) and recorded_at < to_timestamp($3::float8 / 1000)
     group by 1, 2, 3, 4, 5`,
    [period, range.from, range.to],
  )
  const sums = rows.map(sumOf)
  const patterns = await run('select query_pattern_hash as hash, cache_key_template as name, kind from cached_query_patterns', [])
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
  }
}

/**
 * Reads the reads of all fields, or of one field, in steps of a minute, an hour or a day (UTC). Steps without reads are left out.
 * @throws RangeError for a range of more than {@link MAX_POINTS} steps, and for minutes that are older than two days.
 */
export async function readSeries(
  run: RunStatement,
  wanted: TimeRange,
  { step, field, now }: { readonly step: Step; readonly field?: string | undefined; readonly now: number },
): Promise<readonly SeriesPoint[]> {
  const points = await readSteps(run, wanted, { step, subject: 'field', key: field, now })
  return points.map(([at, rows]) => {
    const { reads, misses, loads, loadMs, savedMs } = fieldFigures(rows)
    return { at, reads, misses, loads, loadMs, savedMs }
  })
}

/**
 * Reads the answers to all operations, or to one operation, in steps. Steps without answers are left out.
 * @throws RangeError as {@link readSeries}.
 */
export async function readAnswers(
  run: RunStatement,
  wanted: TimeRange,
  { step, operation, now }: { readonly step: Step; readonly operation?: string | undefined; readonly now: number },
): Promise<readonly AnswerPoint[]> {
  const points = await readSteps(run, wanted, { step, subject: 'operation', key: operation, now })
  return points.map(([at, rows]) => {
    const { answers, requests, durationMs } = answerFigures(rows)
    return { at, answers, requests, durationMs }
  })
}

async function readSteps(
  run: RunStatement,
  wanted: TimeRange,
  { step, subject, key, now }: { readonly step: Step; readonly subject: Subject; readonly key: string | undefined; readonly now: number },
): Promise<readonly (readonly [at: number, rows: readonly Sum[]])[]> {
  const { period, range } = rowsFor(wanted, now, step)
  if (step === 'minute' && period !== 'minute')
    throw new RangeError(`Expected a range of the last ${MINUTE_DAYS} days for steps of a minute: use steps of an hour.`)
  const length = step === 'day' ? DAY_MS : step === 'hour' ? HOUR_MS : MINUTE_MS
  const steps = Math.ceil((range.to - range.from) / length)
  if (steps > MAX_POINTS) throw new RangeError(`Expected a range of at most ${MAX_POINTS} steps, got ${steps}: use longer steps.`)
  const rows = await run(
    `select (extract(epoch from date_trunc($1, recorded_at, 'UTC')) * 1000)::float8 as at, subject, '' as key, cache_layer as layer, operation,
       cause, sum(operation_count)::float8 as count, sum(response_time_ms) as ms, sum(saved_ms) as saved,
       sum(data_size_bytes)::float8 as bytes
     from cache_performance_metrics
     where period = $2 and recorded_at >= to_timestamp($3::float8 / 1000) and recorded_at < to_timestamp($4::float8 / 1000)
       and subject = $5 and ($6::text is null or cache_key = $6)
     group by 1, 2, 4, 5, 6 order by 1`,
    [step, period, range.from, range.to, subject, key ?? null],
  )
  return [...Map.groupBy(rows, ({ at }) => Number(at))].map(([at, sums]) => [at, sums.map(sumOf)])
}

function sumOf(row: Readonly<Record<string, unknown>>): Sum {
  return {
    subject: row['subject'] as Subject,
    key: String(row['key']),
    layer: String(row['layer']),
    operation: String(row['operation']),
    cause: String(row['cause']),
    count: Number(row['count']),
    ms: Number(row['ms']),
    saved: Number(row['saved']),
    bytes: Number(row['bytes']),
  }
}

function fieldFigures(rows: readonly Sum[]): Omit<FieldFigures, 'row' | 'field'> {
  const load = total(rows, 'load')
  return {
    reads: filled(READS, rows, ({ operation, layer }) => (operation === 'hit' || operation === 'miss' ? layer : undefined)),
    misses: filled(MISSES, rows, ({ operation, cause }) => (operation === 'miss by cause' ? cause : undefined)),
    loads: load.count,
    loadMs: load.ms,
    savedMs: load.saved,
    failedLoads: total(rows, 'failed load').count,
    reloads: total(rows, 'reload').count,
    needlessReloads: total(rows, 'needless reload').count,
  }
}

function answerFigures(rows: readonly Sum[]): Omit<TenantFigures, 'row' | 'tenant'> {
  const request = total(rows, 'request')
  return {
    requests: request.count,
    answers: filled(ANSWERS, rows, ({ operation, layer }) => (operation === 'answer' ? layer : undefined)),
    errors: total(rows, 'error').count,
    durationMs: request.ms,
    savedMs: request.saved,
    bytes: request.bytes,
  }
}

/** Returns the record with the counts of the rows that `nameOf` assigns to its names. Names of a newer release are ignored. */
function filled<Name extends string>(
  empty: Readonly<Record<Name, number>>,
  rows: readonly Sum[],
  nameOf: (row: Sum) => string | undefined,
): Readonly<Record<Name, number>> {
  const counts: Record<string, number> = { ...empty }
  for (const row of rows) {
    const name = nameOf(row)
    if (name !== undefined && Object.hasOwn(empty, name)) counts[name] = (counts[name] ?? 0) + row.count
  }
  return counts as Record<Name, number>
}

function total(rows: readonly Sum[], operation: string): Pick<Sum, 'count' | 'ms' | 'saved' | 'bytes'> {
  const sum = { count: 0, ms: 0, saved: 0, bytes: 0 }
  for (const row of rows) {
    if (row.operation !== operation) continue
    sum.count += row.count
    sum.ms += row.ms
    sum.saved += row.saved
    sum.bytes += row.bytes
  }
  return sum
}

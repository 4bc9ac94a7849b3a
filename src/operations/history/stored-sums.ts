import type { FieldFigures, TenantFigures } from '../telemetry/usage.ts'
import { NO_ANSWERS, NO_MISSES, NO_READS } from '../telemetry/usage.ts'
import type { MetricRow, Subject } from './metric-row.ts'

/** Sum of rows of `cache_performance_metrics` that count the same thing. */
export type Sum = MetricRow

/** Columns of a statement that sums up, in the form that {@link sumOf} reads. */
export const SUMS = `sum(operation_count)::float8 as count, sum(response_time_ms) as ms, sum(saved_ms) as saved,
  sum(data_size_bytes)::float8 as bytes`

export function sumOf(row: Readonly<Record<string, unknown>>): Sum {
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

export function fieldFigures(rows: readonly Sum[]): Omit<FieldFigures, 'row' | 'field'> {
  const [load, store] = [total(rows, 'load'), total(rows, 'store')]
  return {
    reads: filled(NO_READS, rows, 'count', ({ operation, layer }) => (operation === 'hit' || operation === 'miss' ? layer : undefined)),
    misses: filled(NO_MISSES, rows, 'count', ({ operation, cause }) => (operation === 'miss by cause' ? cause : undefined)),
    loads: load.count,
    loadMs: load.ms,
    savedMs: load.saved,
    failedLoads: total(rows, 'failed load').count,
    reloads: total(rows, 'reload').count,
    needlessReloads: total(rows, 'needless reload').count,
    stored: store.count,
    storedBytes: store.bytes,
    reused: total(rows, 'reuse').count,
  }
}

export function answerFigures(rows: readonly Sum[]): Omit<TenantFigures, 'row' | 'tenant'> {
  const request = total(rows, 'request')
  const layerOf = ({ operation, layer }: Sum) => (operation === 'answer' ? layer : undefined)
  return {
    requests: request.count,
    answers: filled(NO_ANSWERS, rows, 'count', layerOf),
    layerMs: filled(NO_ANSWERS, rows, 'ms', layerOf),
    errors: total(rows, 'error').count,
    durationMs: request.ms,
    savedMs: request.saved,
    bytes: request.bytes,
  }
}

export function total(rows: readonly Sum[], operation: string): Pick<Sum, 'count' | 'ms' | 'saved' | 'bytes'> {
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

/** Returns the record with the numbers of the rows that `nameOf` assigns to its names. Names of a newer release are ignored. */
function filled<Name extends string>(
  empty: Readonly<Record<Name, number>>,
  rows: readonly Sum[],
  number: 'count' | 'ms',
  nameOf: (row: Sum) => string | undefined,
): Readonly<Record<Name, number>> {
  const numbers: Record<string, number> = { ...empty }
  for (const row of rows) {
    const name = nameOf(row)
    if (name !== undefined && Object.hasOwn(empty, name)) numbers[name] = (numbers[name] ?? 0) + row[number]
  }
  return numbers as Record<Name, number>
}

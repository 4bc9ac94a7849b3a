import type { AnswerLayer } from '../../gateway/graphql/endpoint/answer-layer.ts'
import type {
  FieldFigures,
  LatencyFigures,
  OperationFigures,
  TagFigures,
  TenantFigures,
  UsageFigures,
  WriteFigures,
} from '../telemetry/usage.ts'
import { OTHER } from '../telemetry/usage.ts'

export type Subject = 'field' | 'operation' | 'tenant' | 'tag' | 'write' | 'latency'

/**
 * Part of the figures of one subject, as the table `cache_performance_metrics` stores it. Together, the rows of a subject contain all its
 * figures: see docs/history.md.
 */
export interface MetricRow {
  readonly subject: Subject
  readonly key: string
  /** Layer that answered; empty if the row does not depend on a layer. */
  readonly layer: string
  readonly operation: string
  /** Cause of a miss, kind of a tag, field that a write made reload, or upper end of a range of durations, ms; empty for other rows. */
  readonly cause: string
  readonly count: number
  /** Sum of durations, ms. */
  readonly ms: number
  /** Sum of the durations that the cache saved, ms. */
  readonly saved: number
  readonly bytes: number
}

/** Figures of one operation, as the table `cached_query_patterns` stores them. */
export interface PatternRow {
  readonly hash: string
  readonly name: string
  readonly kind: string
  readonly requests: number
  /** Requests that were answered without an execution that read from the database. */
  readonly cached: number
  readonly ms: number
  readonly saved: number
}

const HITS = new Set(['l1', 'l2', 'stale'])
const CACHED_ANSWERS = new Set(['at hand', 'l1', 'l2', 'stale', 'parts'])

/** Returns whether reads that the layer answered are hits. */
function isHit(layer: string): boolean {
  return HITS.has(layer)
}

/** Returns whether answers of the layer needed no read of the database. */
function isCachedAnswer(layer: string): boolean {
  return CACHED_ANSWERS.has(layer)
}

/** Returns the rows that contain the figures. Rows without any figure are left out. */
export function rowsOf(figures: UsageFigures): readonly MetricRow[] {
  return [
    ...figures.fields.flatMap(rowsOfField),
    ...figures.operations.flatMap((row) => rowsOfAnswers('operation', row.operation, row)),
    ...figures.tenants.flatMap((row) => rowsOfAnswers('tenant', row.tenant, row)),
    ...figures.tags.flatMap(rowsOfTag),
    ...figures.writes.flatMap(rowsOfWrite),
    ...figures.latency.map(rowOfLatency),
  ].filter(({ count, ms, saved, bytes }) => count !== 0 || ms !== 0 || saved !== 0 || bytes !== 0)
}

/** Returns the rows of the operations that have a hash. */
export function patternsOf(operations: readonly OperationFigures[]): readonly PatternRow[] {
  return operations
    .filter(({ hash }) => hash !== '')
    .map(({ hash, operation, kind, requests, answers, durationMs, savedMs }) => ({
      hash,
      name: operation,
      kind,
      requests,
      cached: Object.entries(answers).reduce((sum, [layer, count]) => sum + (isCachedAnswer(layer) ? count : 0), 0),
      ms: durationMs,
      saved: savedMs,
    }))
}

const EMPTY = { layer: '', cause: '', count: 0, ms: 0, saved: 0, bytes: 0 }

function rowsOfField(figures: FieldFigures): readonly MetricRow[] {
  const row = (operation: string, values: Partial<MetricRow>): MetricRow => ({
    ...EMPTY,
    subject: 'field',
    key: figures.field,
    operation,
    ...values,
  })
  return [
    ...Object.entries(figures.reads).map(([layer, count]) => row(isHit(layer) ? 'hit' : 'miss', { layer, count })),
    ...Object.entries(figures.misses).map(([cause, count]) => row('miss by cause', { cause, count })),
    row('load', { count: figures.loads, ms: figures.loadMs, saved: figures.savedMs }),
    row('failed load', { count: figures.failedLoads }),
    row('reload', { count: figures.reloads }),
    row('needless reload', { count: figures.needlessReloads }),
    row('store', { count: figures.stored, bytes: figures.storedBytes }),
    row('reuse', { count: figures.reused }),
  ]
}

function rowsOfAnswers(
  subject: 'operation' | 'tenant',
  key: string,
  figures: TenantFigures | (OperationFigures & { readonly tenant?: never }),
): readonly MetricRow[] {
  const row = (operation: string, values: Partial<MetricRow>): MetricRow => ({ ...EMPTY, subject, key, operation, ...values })
  return [
    ...Object.entries(figures.answers).map(([layer, count]) => row('answer', { layer, count, ms: figures.layerMs[layer as AnswerLayer] })),
    row('request', { count: figures.requests, ms: figures.durationMs, saved: figures.savedMs, bytes: figures.bytes }),
    row('error', { count: figures.errors }),
    ...('notModified' in figures ? [row('not modified', { count: figures.notModified })] : []),
  ]
}

function rowsOfTag({ field, tag, reloads, needlessReloads }: TagFigures): readonly MetricRow[] {
  const row = { ...EMPTY, subject: 'tag' as const, key: field, cause: tag }
  return [
    { ...row, operation: 'reload', count: reloads },
    { ...row, operation: 'needless reload', count: needlessReloads },
  ]
}

function rowsOfWrite({ write, field, reloads, needlessReloads, loadMs, answers }: WriteFigures): readonly MetricRow[] {
  const row = { ...EMPTY, subject: 'write' as const, key: write, cause: field }
  return [
    { ...row, operation: 'reload', count: reloads, ms: loadMs },
    { ...row, operation: 'needless reload', count: needlessReloads },
    { ...row, operation: 'answer', count: answers },
  ]
}

function rowOfLatency({ outcome, upToMs, count }: LatencyFigures): MetricRow {
  return { ...EMPTY, subject: 'latency', key: 'all', operation: outcome, cause: upToMs, count }
}

const MAX_NAME_LENGTH = 255
const CONTROL_CHARACTERS = /\p{Cc}+/gu

/** Bounds the number of different names that one process adds to the history of an hour. Further names are counted as `other`. */
export class NameBudget {
  readonly #max: number
  #hour = 0
  #names = new Map<Subject, Set<string>>()

  constructor(max: number) {
    this.#max = max
  }

  bounded(rows: readonly MetricRow[], at: number): readonly MetricRow[] {
    const hour = Math.floor(at / 3_600_000)
    if (hour !== this.#hour) this.#names = new Map()
    this.#hour = hour
    return rows.map((row) => ({ ...row, key: this.#name(row), cause: stored(row.cause) }))
  }

  #name({ subject, key }: MetricRow): string {
    const names = this.#names.get(subject) ?? new Set()
    this.#names.set(subject, names)
    const name = stored(key)
    if (!names.has(name) && names.size >= this.#max) return OTHER
    names.add(name)
    return name
  }
}

/** Returns a text that PostgreSQL can store. */
export function stored(text: string): string {
  return text.replaceAll(CONTROL_CHARACTERS, ' ').slice(0, MAX_NAME_LENGTH).toWellFormed()
}

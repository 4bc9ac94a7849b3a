import type { CacheEvent } from '../../engine/cache/model/events.ts'
import { NO_FIGURES, type UsageFigures } from '../telemetry/usage.ts'
import { differenceOf } from '../telemetry/usage-difference.ts'
import { type InvalidationRow, invalidationRow } from './invalidation-row.ts'
import { type MetricRow, NameBudget, type PatternRow, patternsOf, rowsOf, stored } from './metric-row.ts'
import type { RunStatement } from './run-statement.ts'

export interface HistoryWriterOptions {
  readonly run: RunStatement
  /** Name of this process, which no other process has ever had. */
  readonly writer: string
  /** Returns the time of the database's clock, Unix epoch ms. */
  readonly now: () => number
  /** Returns the cumulative figures of this process. */
  readonly figures: () => UsageFigures
  /** Returns whether an error says that the database cannot store a value. Such an error would come again. */
  readonly isRefused: (error: unknown) => boolean
}

interface Batch {
  readonly number: number
  readonly at: number
  readonly figures: readonly MetricRow[]
  readonly patterns: readonly PatternRow[]
}

/** Maximum number of operations, fields, tenants, fields with tags and causes of writes that a process adds to one hour of the history, each. */
const MAX_NAMES = 600
/** Maximum number of applied log rows that wait to be stored. Older ones are dropped, for example while the database is away. */
const MAX_WAITING_ROWS = 5000
const ROWS_OF_STATEMENT = 500

/**
 * Adds the figures of one process to the history. The figures that were counted while the database was away are added as soon as it is
 * back. Nothing is counted twice: a batch whose reply was lost is sent again with the same number.
 */
export class HistoryWriter {
  readonly #options: HistoryWriterOptions
  readonly #names = new NameBudget(MAX_NAMES)
  #stored: UsageFigures = NO_FIGURES
  #unsent: Batch | undefined
  #number = 0
  #waiting: InvalidationRow[] = []
  #running: Promise<void> = Promise.resolve()

  constructor(options: HistoryWriterOptions) {
    this.#options = options
  }

  /** Notes an applied row of the invalidation log. Other events are ignored. */
  onCacheEvent(event: CacheEvent): void {
    if (event.type !== 'invalidated') return
    this.#waiting.push(invalidationRow(event))
    if (this.#waiting.length > MAX_WAITING_ROWS) this.#waiting.shift()
  }

  /**
   * Stores everything that was counted before this call. Calls run one after the other.
   * @throws the error of the database. The figures are then stored by a later call, unless the database refuses them.
   */
  store(): Promise<void> {
    const running = this.#running.catch(() => undefined).then(() => this.#store())
    this.#running = running
    return running
  }

  async #store(): Promise<void> {
    await this.#storeInvalidations()
    if (this.#unsent) await this.#send(this.#unsent)
    const figures = this.#options.figures()
    const difference = differenceOf(this.#stored, figures)
    const at = this.#options.now()
    const batch: Batch = {
      number: ++this.#number,
      at,
      figures: this.#names.bounded(rowsOf(difference), at),
      patterns: patternsOf(difference.operations).map((row) => ({ ...row, hash: stored(row.hash), name: stored(row.name) })),
    }
    this.#stored = figures
    if (batch.figures.length + batch.patterns.length > 0) await this.#send(batch)
  }

  async #send(batch: Batch): Promise<void> {
    this.#unsent = batch
    try {
      await this.#options.run('select record_cache_metrics($1, $2, to_timestamp($3::float8 / 1000), $4::jsonb, $5::jsonb)', [
        this.#options.writer,
        batch.number,
        batch.at,
        JSON.stringify(batch.figures),
        JSON.stringify(batch.patterns),
      ])
    } catch (error) {
      // A batch that the database refuses would be refused again, and would keep all later ones waiting.
      if (this.#options.isRefused(error)) this.#unsent = undefined
      throw error
    }
    this.#unsent = undefined
  }

  async #storeInvalidations(): Promise<void> {
    while (this.#waiting.length > 0) {
      const rows = this.#waiting.splice(0, ROWS_OF_STATEMENT)
      try {
        await this.#options.run(INSERT, [JSON.stringify(rows)])
      } catch (error) {
        if (!this.#options.isRefused(error)) this.#waiting = [...rows, ...this.#waiting].slice(-MAX_WAITING_ROWS)
        throw error
      }
    }
  }
}

// Every process applies every row of the log. The first one stores it. A later one only replaces the lag if its own was greater.
const INSERT = `insert into cache_invalidation_log as known
    (epoch, log_position, created_at, invalidation_reason, causes, trigger_entity_type, trigger_entity_id, entity_types, tenants, cache_keys,
     invalidated_count, processing_time_ms, is_broad)
  select epoch, seq, to_timestamp(at / 1000), reason, causes, "entityType", "entityId",
    array(select jsonb_array_elements_text("entityTypes")), array(select jsonb_array_elements_text(tenants)),
    array(select jsonb_array_elements_text(tags)), "tagCount", "lagMs", "isBroad"
  from jsonb_to_recordset($1::jsonb) as applied (
    epoch text, seq bigint, at float8, reason text, causes jsonb, "entityType" text, "entityId" text, "entityTypes" jsonb, tenants jsonb,
    tags jsonb, "tagCount" integer, "lagMs" float8, "isBroad" boolean
  )
  order by epoch, seq
  on conflict (epoch, log_position) do update set processing_time_ms = excluded.processing_time_ms
  where known.processing_time_ms < excluded.processing_time_ms`

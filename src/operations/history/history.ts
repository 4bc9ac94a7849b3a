import { randomUUID } from 'node:crypto'
import type { Env, Timer } from '../../engine/cache/model/env.ts'
import type { CacheEvent } from '../../engine/cache/model/events.ts'
import type { UsageFigures } from '../telemetry/usage.ts'
import { type Drop, type DropOptions, explainDrop } from './drop-analysis.ts'
import { HistoryWriter } from './history-writer.ts'
import type { InvalidationRow } from './invalidation-row.ts'
import { type PatternAdvice, storePatternAdvice } from './pattern-advice.ts'
import { readFigures, type StoredFigures, type TimeRange } from './read-figures.ts'
import { type InvalidationFilter, readInvalidations, readWorstLag } from './read-invalidations.ts'
import {
  type AnswerPoint,
  readAnswers,
  readInvalidationCounts,
  readSeries,
  readTrends,
  type SeriesPoint,
  type TrendPoint,
} from './read-series.ts'
import { readWriteCosts, type WriteCosts } from './read-write-costs.ts'
import { deleteOldHistory } from './retention.ts'
import type { RunStatement } from './run-statement.ts'

export interface HistoryOptions {
  /** Stores and deletes. */
  readonly run: RunStatement
  /** Reads. It may use another connection, so that long questions do not hold one that requests need. */
  readonly read: RunStatement
  readonly env: Pick<Env, 'setTimer'>
  /** Returns the time of the database's clock, Unix epoch ms. */
  readonly now: () => number
  /** Time for which the history is kept, days. */
  readonly days: number
  /** Returns the cumulative figures of this process. */
  readonly figures: () => UsageFigures
  /** Returns whether an error says that the database cannot store a value. */
  readonly isRefused: (error: unknown) => boolean
  /** Called with the first error of a series of failures to store or to delete figures. */
  readonly onFailure: (error: unknown) => void
  /** Called with the first error of a series of failures of the advisor, or to store its recommendations. */
  readonly onAdviceFailure: (error: unknown) => void
}

const STORE_MS = 10_000
/** Number of stores between two deletions of old rows: ten minutes. */
const STORES_PER_DELETION = 60
/** Number of stores between two runs of the advisor, and before the first one: ten minutes. Before that, the simulations know too little. */
const STORES_PER_ADVICE = 60

/** Returns what to recommend for operations, by the figures of the history. */
export type Advisor = (history: Pick<History, 'figures'>) => Promise<readonly PatternAdvice[]>

/**
 * History of all processes that share a database: their figures by minute and hour, and the applied rows of the invalidation log. Every
 * process stores its own part every ten seconds, apart from its requests. See docs/history.md.
 */
export class History {
  readonly #options: HistoryOptions
  readonly #writer: HistoryWriter
  #timer: Timer | undefined
  #stores = 0
  /** Handlers of the failures that were reported and have not ended. */
  readonly #reported = new Set<(error: unknown) => void>()
  #storing: Promise<void> = Promise.resolve()
  #isClosed = false
  #advisor: Advisor | undefined

  constructor(options: HistoryOptions) {
    this.#options = options
    this.#writer = new HistoryWriter({ ...options, writer: randomUUID() })
  }

  /** Notes an event of the cache. */
  onCacheEvent(event: CacheEvent): void {
    this.#writer.onCacheEvent(event)
  }

  /** Starts to store the figures of this process regularly. */
  begin(): void {
    this.#schedule()
  }

  /** Sets the advisor whose recommendations are stored every ten minutes with the operations that they are about. */
  adviseBy(advisor: Advisor): void {
    this.#advisor = advisor
  }

  /** Stores the last figures of this process. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#storing
    await this.#reporting(this.#options.onFailure, () => this.#writer.store())
  }

  /** Stores the figures of this process now, so that they are part of what is read next. @throws if the database does not store them. */
  store(): Promise<void> {
    return this.#writer.store()
  }

  /** Returns the figures of all processes in a time range. */
  figures(range: TimeRange): Promise<StoredFigures> {
    return readFigures(this.#options.read, range, this.#options.now())
  }

  /** Returns the reads of all fields, or of one, in steps. @throws RangeError for too many steps, and for minutes older than two days. */
  series(range: TimeRange, options: { readonly stepMs: number; readonly field?: string | undefined }): Promise<readonly SeriesPoint[]> {
    return readSeries(this.#options.read, range, { ...options, now: this.#options.now() })
  }

  /** Returns the answers to all operations, to one operation or to one tenant, in steps. @throws RangeError as {@link series}. */
  answers(
    range: TimeRange,
    options: { readonly stepMs: number; readonly operation?: string | undefined; readonly tenant?: string | undefined },
  ): Promise<readonly AnswerPoint[]> {
    return readAnswers(this.#options.read, range, { ...options, now: this.#options.now() })
  }

  /** Returns the figures of some operations or fields in steps, by their name. @throws RangeError as {@link series}. */
  trends(
    range: TimeRange,
    options: { readonly stepMs: number; readonly subject: 'field' | 'operation'; readonly keys: readonly string[] },
  ): Promise<ReadonlyMap<string, readonly TrendPoint[]>> {
    return readTrends(this.#options.read, range, { ...options, now: this.#options.now() })
  }

  /** Returns applied rows of the invalidation log. */
  invalidations(filter: InvalidationFilter): Promise<readonly InvalidationRow[]> {
    return readInvalidations(this.#options.read, filter)
  }

  /** Returns what each kind of write cost in a range, or one kind. */
  writeCosts(range: TimeRange, cause?: string): Promise<WriteCosts> {
    return readWriteCosts(this.#options.read, range, this.#options.now(), cause)
  }

  /** Returns the number of applied rows of the invalidation log in steps, by the beginning of the step. */
  invalidationCounts(range: TimeRange, options: { readonly stepMs: number; readonly tenant: string | undefined }) {
    return readInvalidationCounts(this.#options.read, range, options)
  }

  /** Returns the greatest invalidation lag in a range, ms; null if nothing was written. */
  worstLagMs(range: TimeRange): Promise<number | null> {
    return readWorstLag(this.#options.read, range)
  }

  /** Explains why the hit rate of fields fell from one range to another; null if it did not fall. */
  explainDrop(options: Omit<DropOptions, 'now'>): Promise<Drop | null> {
    return explainDrop(this.#options.read, { ...options, now: this.#options.now() })
  }

  #schedule(): void {
    if (this.#isClosed) return
    this.#timer = this.#options.env.setTimer(() => {
      this.#storing = this.#storeOrReport().finally(() => this.#schedule())
    }, STORE_MS)
  }

  #storeOrReport(): Promise<void> {
    const { run, now, days, onFailure, onAdviceFailure } = this.#options
    return this.#reporting(onFailure, async () => {
      await this.#writer.store()
      const stores = ++this.#stores
      const advisor = this.#advisor
      if (advisor && stores % STORES_PER_ADVICE === 0)
        await this.#reporting(onAdviceFailure, async () => storePatternAdvice(run, await advisor(this), now()))
      if (stores % STORES_PER_DELETION === 1) await deleteOldHistory({ run, now, days })
    })
  }

  /** Reports the first of several failures in a row. Never rejects. */
  async #reporting(onFailure: (error: unknown) => void, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#reported.delete(onFailure)
    } catch (error) {
      if (!this.#reported.has(onFailure)) onFailure(error)
      this.#reported.add(onFailure)
    }
  }
}

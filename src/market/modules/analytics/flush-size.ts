import type { NewEvent } from './insert-events.ts'

/** Limits of one flush (one statement that stores events). */
export interface FlushLimits {
  /** Maximum number of events in a flush, unless the first caller alone brings more. */
  readonly events: number
  /**
   * Maximum number of rollup rows that the events change. The number of invalidation tags that these changes emit has the same maximum. If
   * a statement exceeds this maximum, the triggers emit bulk tags (`tenant:Type*`) instead. A bulk tag invalidates all figures of the
   * tenant that depend on the rollup table, even figures of past days.
   */
  readonly changes: number
}

/** Number of tags that a change of a rollup table emits for the tenant: the tag for changes of any row, and the tag for all lists. */
const TAGS_OF_TENANT = 2
/** Number of tags that are emitted for each day: the day tag and the tag of its month. */
const TAGS_OF_DAY = 2

/** Counts the events, rollup rows and invalidation tags of one statement. The callers' events are added one caller after the other. */
export class FlushSize {
  readonly #limits: FlushLimits
  readonly #rollupRows = new Set<string>()
  readonly #tenants = new Set<string>()
  readonly #campaigns = new Set<string>()
  readonly #days = new Set<string>()
  #events = 0

  constructor(limits: FlushLimits) {
    this.#limits = limits
  }

  /**
   * Adds the events of a caller. Returns whether the events of all callers so far fit into one statement. The events of the first caller
   * always fit.
   */
  add(tenant: string, events: readonly NewEvent[]): boolean {
    const isFirst = this.#events === 0
    this.#events += events.length
    this.#tenants.add(tenant)
    for (const { campaignId, kind, occurredAt } of events) {
      // The text of the time is in UTC (see the scalar DateTime), like the hours of the rollup.
      const hour = occurredAt.slice(0, 'YYYY-MM-DDTHH'.length)
      this.#rollupRows.add(`${tenant}:${campaignId}:${kind}:${hour}`)
      this.#campaigns.add(`${tenant}:${campaignId}`)
      this.#days.add(`${tenant}:${hour.slice(0, 'YYYY-MM-DD'.length)}`)
    }
    return isFirst || (this.#events <= this.#limits.events && Math.max(this.#rollupRows.size, this.#tags) <= this.#limits.changes)
  }

  get #tags(): number {
    return this.#tenants.size * TAGS_OF_TENANT + this.#campaigns.size + this.#days.size * TAGS_OF_DAY
  }
}

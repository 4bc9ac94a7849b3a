import type { Entity } from './entity.ts'
import type { Env, Timer } from './env.ts'
import type { CacheListener } from './events.ts'
import type { InvalidationLog } from './invalidation-log.ts'

export interface MaintenanceOptions {
  readonly env: Env
  readonly log: InvalidationLog
  readonly entities: readonly Entity[]
  /** Rows of the log to keep. */
  readonly logRows: number
  readonly onEvent: CacheListener
  /** The set of types whose changes do not reach the log is another one: what was cached meanwhile may be wrong. */
  readonly onChange: () => void
}

const INTERVAL_MS = 60_000

/** The upkeep of the log: every minute it is trimmed, and each type is checked for being watched. */
export class Maintenance {
  /** Types whose changes do not reach the log. */
  readonly unwatched = new Set<string>()
  readonly #options: MaintenanceOptions
  #timer: Timer | undefined
  #closed = false

  constructor(options: MaintenanceOptions) {
    this.#options = options
  }

  /** @throws when the log cannot be asked. */
  async start(): Promise<void> {
    await this.#checkWatches()
    this.#schedule()
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  #schedule(): void {
    if (this.#closed) return
    this.#timer = this.#options.env.setTimer(() => {
      void this.#maintain().finally(() => this.#schedule())
    }, INTERVAL_MS)
  }

  async #maintain(): Promise<void> {
    const { log, logRows, onEvent } = this.#options
    try {
      await this.#checkWatches()
      await log.trim(logRows)
    } catch (error) {
      onEvent({ type: 'maintenance-failed', error })
    }
  }

  async #checkWatches(): Promise<void> {
    const { log, entities, onEvent, onChange } = this.#options
    const found = await log.unwatched(entities)
    const types = new Set(found.map(({ type }) => type))
    for (const { type, reason } of found) onEvent({ type: 'unwatched', entity: type, reason })
    if (types.size === this.unwatched.size && types.isSubsetOf(this.unwatched)) return
    this.unwatched.clear()
    for (const type of types) this.unwatched.add(type)
    onChange()
  }
}

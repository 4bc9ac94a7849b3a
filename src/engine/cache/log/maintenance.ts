import type { Entity } from '../model/entity.ts'
import type { Env, Timer } from '../model/env.ts'
import type { CacheListener } from '../model/events.ts'
import type { ProtocolStep } from '../model/protocol-step.ts'
import type { InvalidationLog } from './invalidation-log.ts'

export interface MaintenanceOptions {
  readonly env: Env
  readonly log: InvalidationLog
  readonly entities: readonly Entity[]
  /** Number of the newest log rows that are kept when the log is trimmed. */
  readonly logRows: number
  readonly omit: ReadonlySet<ProtocolStep>
  readonly onEvent: CacheListener
  /** Called when the changes of a type no longer reach the log, or reach the log again. Cached entries may then be outdated. */
  readonly onChange: () => void
}

const INTERVAL_MS = 60_000
const RETRY_MS = 250

/**
 * Maintains the invalidation log. Every minute it checks that the changes of each declared type reach the log, and trims the log. It also
 * makes this check whenever triggers may have changed.
 */
export class Maintenance {
  /** Types whose changes do not reach the log; all declared types while a check is pending. */
  readonly unwatched = new Set<string>()
  readonly #options: MaintenanceOptions
  #found: ReadonlySet<string> = new Set()
  #timer: Timer | undefined
  #retry: Timer | undefined
  #isStarted = false
  #doubts = 0
  #checking: Promise<void> | undefined
  #closed = false

  constructor(options: MaintenanceOptions) {
    this.#options = options
  }

  /** Checks the triggers of all types and starts the regular maintenance. @throws when the log cannot be queried. */
  async start(): Promise<void> {
    await this.#checkWatches()
    this.#isStarted = true
    this.#schedule()
    if (this.unwatched.size > this.#found.size) void this.#settleDoubt()
  }

  /**
   * Called when a log row that invalidates everything is applied, because the triggers may have changed. An entry in this process or in
   * Redis could then depend on tags that no trigger emits any more. So nothing is cached until a check of the triggers has succeeded.
   */
  doubt(): void {
    if (this.#options.omit.has('watches checked at once')) return
    this.#doubts++
    for (const { type } of this.#options.entities) this.unwatched.add(type)
    if (this.#isStarted) void this.#settleDoubt()
  }

  /** Whether a check is pending, so that nothing is cached. */
  get isInDoubt(): boolean {
    return this.#checking !== undefined
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#retry?.cancel()
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

  #settleDoubt(): Promise<void> {
    this.#checking ??= this.#checkUntilKnown().finally(() => {
      this.#checking = undefined
    })
    return this.#checking
  }

  async #checkUntilKnown(): Promise<void> {
    const { env, onEvent } = this.#options
    let hasReportedFailure = false
    for (let checked = -1; checked !== this.#doubts && !this.#closed; ) {
      const doubts = this.#doubts
      try {
        await this.#checkWatches()
        checked = doubts
      } catch (error) {
        if (!hasReportedFailure) onEvent({ type: 'maintenance-failed', error })
        hasReportedFailure = true
        await new Promise<void>((resolve) => {
          this.#retry = env.setTimer(resolve, RETRY_MS)
        })
      }
    }
  }

  async #checkWatches(): Promise<void> {
    const { log, entities, onEvent, onChange } = this.#options
    const doubts = this.#doubts
    const found = await log.unwatched(entities)
    const types = new Set(found.map(({ type }) => type))
    for (const { type, reason } of found) onEvent({ type: 'unwatched', entity: type, reason })
    // Another check was requested while this check ran, so the result of this check may be older than the change of the triggers.
    if (doubts !== this.#doubts) return
    const isSame = types.size === this.#found.size && types.isSubsetOf(this.#found)
    this.#found = types
    this.unwatched.clear()
    for (const type of types) this.unwatched.add(type)
    if (!isSame) onChange()
  }
}

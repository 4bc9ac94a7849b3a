import type { Entity } from './entity.ts'
import type { Env, Timer } from './env.ts'
import type { CacheListener } from './events.ts'
import type { InvalidationLog } from './invalidation-log.ts'
import type { ProtocolStep } from './protocol-step.ts'

export interface MaintenanceOptions {
  readonly env: Env
  readonly log: InvalidationLog
  readonly entities: readonly Entity[]
  /** Rows of the log to keep. */
  readonly logRows: number
  readonly omit: ReadonlySet<ProtocolStep>
  readonly onEvent: CacheListener
  /** The set of types whose changes do not reach the log is another one: what was cached meanwhile may be wrong. */
  readonly onChange: () => void
}

const INTERVAL_MS = 60_000
const RETRY_MS = 250

/** The upkeep of the log: every minute it is trimmed. Each type is checked for being watched then, and when triggers may have changed. */
export class Maintenance {
  /** Types whose changes do not reach the log; all types, while that is not known. */
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

  /** @throws when the log cannot be asked. */
  async start(): Promise<void> {
    await this.#checkWatches()
    this.#isStarted = true
    this.#schedule()
    if (this.unwatched.size > this.#found.size) void this.#settleDoubt()
  }

  /**
   * To be called with the row of the log that voids everything, before anything is stored after it: triggers may be others now.
   * Nothing is cached until the check has been answered. Otherwise what is stored in between, in Redis too, could depend on tags
   * that nobody emits any more.
   */
  doubt(): void {
    if (this.#options.omit.has('watches checked at once')) return
    this.#doubts++
    for (const { type } of this.#options.entities) this.unwatched.add(type)
    if (this.#isStarted) void this.#settleDoubt()
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
    let isToldOfFailure = false
    for (let checked = -1; checked !== this.#doubts && !this.#closed; ) {
      const doubts = this.#doubts
      try {
        await this.#checkWatches()
        checked = doubts
      } catch (error) {
        if (!isToldOfFailure) onEvent({ type: 'maintenance-failed', error })
        isToldOfFailure = true
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
    // Doubted meanwhile: the answer may be from before the change.
    if (doubts !== this.#doubts) return
    const isSame = types.size === this.#found.size && types.isSubsetOf(this.#found)
    this.#found = types
    this.unwatched.clear()
    for (const type of types) this.unwatched.add(type)
    if (!isSame) onChange()
  }
}

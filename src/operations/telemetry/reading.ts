import type { Env } from '../../engine/cache/model/env.ts'

export interface ReadingOptions<Value> {
  readonly env: Pick<Env, 'monotonic' | 'setTimer'>
  readonly read: () => Promise<Value>
  /** Time after which figures are read again, ms. A failure is not retried before, either. */
  readonly maxAgeMs: number
  /** Time for which earlier figures are returned while new ones cannot be read, ms. It bridges a server that is slow for a moment. */
  readonly keepMs: number
  /** Maximum time that a caller waits for figures, ms. */
  readonly patienceMs: number
  /** Called at the end of each reading. */
  readonly onRead: (outcome: 'read' | 'failed') => void
}

/**
 * Figures of another server that are read when somebody asks, at most once in a while and never twice at the same time. So neither many
 * scrapes nor a server that does not respond cost more than one request to it.
 */
export class Reading<Value> {
  readonly #options: ReadingOptions<Value>
  #last: { readonly value: Value; readonly at: number } | undefined
  #triedAt = Number.NEGATIVE_INFINITY
  #inFlight: Promise<void> | undefined

  constructor(options: ReadingOptions<Value>) {
    this.#options = options
  }

  /** Returns the latest figures; undefined if they could not be read for `keepMs`. Never rejects. */
  async latest(): Promise<Value | undefined> {
    const { env, maxAgeMs, keepMs, patienceMs } = this.#options
    if (this.#inFlight || env.monotonic() - this.#triedAt >= maxAgeMs) {
      this.#inFlight ??= this.#read().finally(() => {
        this.#inFlight = undefined
      })
      const { promise: timeout, resolve } = Promise.withResolvers<void>()
      const timer = env.setTimer(resolve, patienceMs)
      await Promise.race([this.#inFlight, timeout])
      timer.cancel()
    }
    return this.#last && env.monotonic() - this.#last.at < keepMs ? this.#last.value : undefined
  }

  async #read(): Promise<void> {
    const { env, read, onRead } = this.#options
    this.#triedAt = env.monotonic()
    try {
      this.#last = { value: await read(), at: env.monotonic() }
      onRead('read')
    } catch {
      onRead('failed')
    }
  }
}

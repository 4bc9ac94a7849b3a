import type { Env } from './env.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number
  /** How long it stays open before one call may probe. */
  readonly openMs: number
  readonly onChange?: (state: BreakerState) => void
}

/** Stops asking what keeps failing; after a while one call at a time probes whether it is back. (Nygard, Release It!) */
export class CircuitBreaker {
  readonly #env: Env
  readonly #options: BreakerOptions
  #state: BreakerState = 'closed'
  #failures = 0
  #openedAt = 0
  #probing = false

  constructor(env: Env, options: BreakerOptions) {
    this.#env = env
    this.#options = options
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Whether a call may be made now. One that may must report its outcome. */
  admits(): boolean {
    if (this.#state === 'closed') return true
    if (this.#state === 'open' && this.#env.monotonic() - this.#openedAt >= this.#options.openMs) this.#change('half-open')
    if (this.#state !== 'half-open' || this.#probing) return false
    this.#probing = true
    return true
  }

  succeeded(): void {
    this.#failures = 0
    this.#probing = false
    this.#change('closed')
  }

  failed(): void {
    this.#failures++
    this.#probing = false
    if (this.#state === 'closed' && this.#failures < this.#options.failures) return
    this.#openedAt = this.#env.monotonic()
    this.#change('open')
  }

  #change(state: BreakerState): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.onChange?.(state)
  }
}

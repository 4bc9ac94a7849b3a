import type { Env } from '../model/env.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface BreakerOptions {
  /** Number of consecutive failures that open the breaker. */
  readonly failures: number
  /** Time for which the breaker stays open before one call may probe the dependency, ms. */
  readonly openMs: number
  readonly onChange?: (state: BreakerState) => void
}

/**
 * Stops calls to a dependency that keeps failing. After a while one call at a time probes whether the dependency is back. (Nygard, Release
 * It!)
 */
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

  /** Whether the last call succeeded, or there was none yet. */
  get isSound(): boolean {
    return this.#state === 'closed' && this.#failures === 0
  }

  /** Whether a call may be made now. An admitted call must report its outcome. */
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

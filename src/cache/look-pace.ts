import type { CoherenceOptions } from './coherence-options.ts'

const SHORTEST_HINT_INTERVAL_MS = 20
/** Of the staleness bound: a look that comes a quarter late and one that takes as long as it may still end within the bound. */
const HINTED_TICK = 0.4

/** When an instance looks at the log the next time if nobody asks for it. */
export class LookPace {
  readonly #options: Pick<CoherenceOptions, 'env' | 'tickMs' | 'stalenessBoundMs' | 'isHinted'>
  #startedAt = Number.NEGATIVE_INFINITY
  #failed = false

  constructor(options: Pick<CoherenceOptions, 'env' | 'tickMs' | 'stalenessBoundMs' | 'isHinted'>) {
    this.#options = options
  }

  started(): void {
    this.#startedAt = this.#options.env.monotonic()
  }

  ended({ failed }: { readonly failed: boolean }): void {
    this.#failed = failed
  }

  /** Time until the next look without a hint, ms. */
  get tickMs(): number {
    const { env, tickMs, stalenessBoundMs, isHinted } = this.#options
    const isRestful = isHinted() && !this.#failed
    return (isRestful ? Math.max(tickMs, stalenessBoundMs * HINTED_TICK) : tickMs) * (0.75 + 0.5 * env.random())
  }

  /** Time until a look that a hint asks for, ms. */
  get hintMs(): number {
    return Math.max(0, this.#startedAt + SHORTEST_HINT_INTERVAL_MS - this.#options.env.monotonic())
  }
}

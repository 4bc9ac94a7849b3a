import type { CoherenceOptions } from './coherence-options.ts'

const SHORTEST_HINT_INTERVAL_MS = 20
/** Hinted looks take no more than this share of the time, so that many instances do not hurry a slow database into being slower. */
const HINTED_SHARE = 0.1
/** Of the staleness bound: a look that comes a quarter late and one that takes as long as it may still end within the bound. */
const HINTED_TICK = 0.4

/** When an instance looks at the log the next time if nobody asks for it. */
export class LookPace {
  readonly #options: Pick<CoherenceOptions, 'env' | 'tickMs' | 'stalenessBoundMs' | 'isHinted'>
  #startedAt = Number.NEGATIVE_INFINITY
  #tookMs = 0
  #failed = false

  constructor(options: Pick<CoherenceOptions, 'env' | 'tickMs' | 'stalenessBoundMs' | 'isHinted'>) {
    this.#options = options
  }

  started(): void {
    this.#startedAt = this.#options.env.monotonic()
  }

  ended({ failed }: { readonly failed: boolean }): void {
    this.#tookMs = this.#options.env.monotonic() - this.#startedAt
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
    const { env, tickMs } = this.#options
    const interval = Math.max(SHORTEST_HINT_INTERVAL_MS, Math.min(tickMs, this.#tookMs / HINTED_SHARE))
    return Math.max(0, this.#startedAt + interval - env.monotonic())
  }
}

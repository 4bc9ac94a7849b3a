import type { CoherenceOptions } from './coherence-options.ts'

const MIN_HINT_INTERVAL_MS = 20
/**
 * Interval between two syncs while hints can arrive, as a share of the staleness bound. With the random variation of the interval, the next
 * sync starts after at most half of the bound. A sync may take at most half of the bound, so the next sync ends within the bound.
 */
const HINTED_TICK = 0.4

/** Decides when an instance syncs with the invalidation log next. A barrier may cause an earlier sync. */
export class SyncPace {
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

  /** Time until the next sync if no hint arrives, ms. */
  get tickMs(): number {
    const { env, tickMs, stalenessBoundMs, isHinted } = this.#options
    const reliesOnHints = isHinted() && !this.#failed
    return (reliesOnHints ? Math.max(tickMs, stalenessBoundMs * HINTED_TICK) : tickMs) * (0.75 + 0.5 * env.random())
  }

  /** Delay of the sync that a hint requests, ms. Hints cause at most one sync per `MIN_HINT_INTERVAL_MS`. */
  get hintMs(): number {
    return Math.max(0, this.#startedAt + MIN_HINT_INTERVAL_MS - this.#options.env.monotonic())
  }
}

import { LRUCache } from 'lru-cache'
import type { Counts } from './counts.ts'

export interface LeasedBudgetOptions {
  readonly counts: Counts
  readonly perMinute: number
  /** A clock that never goes back, ms. */
  readonly monotonic: () => number
}

interface Lease {
  /** Requests that this process may still answer without asking; below 0 where it owes some. */
  left: number
  /** What is left then lapses: the budget is whole again. */
  endsAt: number
  /** Until then the budget has nothing left. */
  refusedUntil: number
  taking: Promise<void> | undefined
  waiting: number
}

/** A process holds at most this share of a budget that it has not used. */
const LEASED_SHARE = 0.01
/** Keys that a process remembers. One that is forgotten loses what it held, and asks again. */
const MAX_KEYS = 20_000

/**
 * Spends a shared budget without asking for each request: the process takes a hundredth of it ahead, and the next hundredth while
 * half of the last one is left. So several processes are together exact to a hundredth each.
 */
export class LeasedBudget {
  readonly perMinute: number
  readonly #options: LeasedBudgetOptions
  readonly #leases = new LRUCache<string, Lease>({ max: MAX_KEYS })
  readonly #ahead: number

  constructor(options: LeasedBudgetOptions) {
    this.#options = options
    this.perMinute = options.perMinute
    this.#ahead = Math.floor(options.perMinute * LEASED_SHARE)
  }

  /** Spends one request of what is at hand. @returns false where nothing is, or nothing is left. */
  spendAtHand(key: string): boolean {
    const lease = this.#leaseOf(key)
    if (lease.left < 1) return false
    lease.left--
    if (lease.left <= this.#ahead / 2 && this.#ahead > 0 && !this.#isSpent(lease)) void this.#take(key, lease)
    return true
  }

  /** Spends one request. @returns 0, or how long the budget has nothing left, ms. */
  async spend(key: string): Promise<number> {
    for (;;) {
      if (this.spendAtHand(key)) return 0
      const lease = this.#leaseOf(key)
      if (this.#isSpent(lease)) return lease.refusedUntil - this.#options.monotonic()
      lease.waiting++
      await this.#take(key, lease).finally(() => lease.waiting--)
    }
  }

  /** Counts requests that were answered already; with a negative number, gives some back. */
  charge(key: string, requests: number): void {
    this.#leaseOf(key).left -= requests
  }

  #isSpent({ refusedUntil }: Lease): boolean {
    return this.#options.monotonic() < refusedUntil
  }

  #leaseOf(key: string): Lease {
    let lease = this.#leases.get(key)
    if (!lease) {
      lease = { left: 0, endsAt: Number.POSITIVE_INFINITY, refusedUntil: Number.NEGATIVE_INFINITY, taking: undefined, waiting: 0 }
      this.#leases.set(key, lease)
    }
    if (this.#options.monotonic() >= lease.endsAt) {
      lease.left = Math.min(lease.left, 0)
      lease.endsAt = Number.POSITIVE_INFINITY
    }
    return lease
  }

  /** One at a time for each key: whoever comes meanwhile waits for the same. */
  #take(key: string, lease: Lease): Promise<void> {
    lease.taking ??= this.#takeOnce(key, lease).finally(() => {
      lease.taking = undefined
    })
    return lease.taking
  }

  async #takeOnce(key: string, lease: Lease): Promise<void> {
    const { counts, monotonic } = this.#options
    // Those who wait in this turn are known in the next one.
    await Promise.resolve()
    const asked = Math.max(1, this.#ahead, lease.waiting) + Math.max(0, -lease.left)
    const { granted, resetMs } = await counts.take(key, asked)
    const current = this.#leaseOf(key)
    const end = monotonic() + resetMs
    current.left += granted
    current.endsAt = end
    if (granted < asked) current.refusedUntil = end
  }
}

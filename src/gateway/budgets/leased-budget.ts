import { LRUCache } from 'lru-cache'
import type { Counts } from './counts.ts'

export interface LeasedBudgetOptions {
  readonly counts: Counts
  readonly perMinute: number
  /** Monotonic clock, ms. */
  readonly monotonic: () => number
}

interface Lease {
  /**
   * Number of requests that this process may still answer without asking the shared counts; negative if it answered more than it leased.
   */
  left: number
  /** End of the window, by the monotonic clock, ms: the lease expires, because the budget is full again. */
  endsAt: number
  /** Time of the monotonic clock until which the budget is used up, ms; -Infinity if the budget was never used up. */
  refusedUntil: number
  taking: Promise<void> | undefined
  waiting: number
}

/** Maximum share of a budget that a process leases in advance. */
const LEASED_SHARE = 0.01
/** Maximum number of keys that a process remembers. If a key is evicted, its lease is lost, and its next request asks the shared counts. */
const MAX_KEYS = 20_000

/**
 * Spends a shared budget without a round trip for each request: the process leases a hundredth of the budget in advance, and leases the
 * next hundredth when half of the last lease is spent. So each process can allow more or fewer requests than with a round trip for each
 * request, but the difference is at most a hundredth of the budget.
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

  /** Spends one request of the lease without waiting. @returns false if there is no lease, or if nothing is left of the lease. */
  trySpend(key: string): boolean {
    const lease = this.#leaseOf(key)
    if (lease.left < 1) return false
    lease.left--
    if (lease.left <= this.#ahead / 2 && this.#ahead > 0 && !this.#isSpent(lease)) void this.#take(key, lease)
    return true
  }

  /** Spends one request of the budget. @returns 0 if the request was granted, else the time until the budget is full again, ms. */
  async spend(key: string): Promise<number> {
    for (;;) {
      if (this.trySpend(key)) return 0
      const lease = this.#leaseOf(key)
      if (this.#isSpent(lease)) return lease.refusedUntil - this.#options.monotonic()
      lease.waiting++
      await this.#take(key, lease).finally(() => lease.waiting--)
    }
  }

  /**
   * Counts requests that were already answered: subtracts them from the lease of the key. A negative number returns requests to the lease.
   */
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

  /** Leases further requests for a key. Concurrent calls for one key share one round trip. */
  #take(key: string, lease: Lease): Promise<void> {
    lease.taking ??= this.#takeOnce(key, lease).finally(() => {
      lease.taking = undefined
    })
    return lease.taking
  }

  async #takeOnce(key: string, lease: Lease): Promise<void> {
    const { counts, monotonic } = this.#options
    // One round trip serves all requests that begin to wait in the same turn of the event loop.
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

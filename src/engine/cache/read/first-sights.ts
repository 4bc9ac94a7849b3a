import type { CachePolicy } from '../model/policy.ts'
import type { Departing } from './flight.ts'

/** Number of successive values that were looked for in vain. After them, only one in so many values is looked for. */
const VAIN_LOOKS = 32
const VAIN_SHARE = 8

/**
 * Decides whether a composed value that this process has never seen is looked for in the shared tier. It is written there only when it is read
 * again. So nobody finds the values of an operation whose variables never repeat, and each look would cost a round trip before the value is
 * made of its parts. A value that is found makes all later values of its policy be looked for again.
 */
export class FirstSights {
  readonly #vainLooks = new WeakMap<CachePolicy, number>()

  /** Returns whether the values are looked for in the shared tier. */
  areLookedFor(departing: readonly Departing[], policy: CachePolicy): boolean {
    if (!policy.composed || policy.l1Ms === 0 || !departing.every(({ flight }) => flight.isFirstSight)) return true
    const looks = this.#vainLooks.get(policy) ?? 0
    this.#vainLooks.set(policy, looks + 1)
    return looks < VAIN_LOOKS || looks % VAIN_SHARE === 0
  }

  /** Must be called when a value of the policy was found in the shared tier. */
  found(policy: CachePolicy): void {
    this.#vainLooks.delete(policy)
  }
}

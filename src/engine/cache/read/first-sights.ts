import type { CachePolicy } from '../model/policy.ts'
import type { Departing } from './flight.ts'

/** Number of successive values that were looked for in vain. After them, only one in so many values is looked for. */
const VAIN_LOOKS = 64
const VAIN_SHARE = 8

/**
 * Decides whether values that this process has never seen are looked for in the shared tier. Nobody finds the values of a policy whose keys
 * never repeat, and each look would cost a round trip, and each write as much. So after many looks in vain, only a share of the policy's new
 * values is looked for, and only that share is written when it is loaded. The others are written when they are read again. A value that is
 * found makes all later ones be looked for.
 */
export class FirstSights {
  readonly #vainLooks = new WeakMap<CachePolicy, number>()

  /** Returns whether the values are looked for in the shared tier, and notes on each load whether it is. */
  areLookedFor(departing: readonly Departing[], policy: CachePolicy): boolean {
    if (policy.l1Ms === 0 || departing.some(({ flight }) => !flight.isNew)) return true
    const looks = this.#vainLooks.get(policy) ?? 0
    this.#vainLooks.set(policy, looks + 1)
    if (looks < VAIN_LOOKS || looks % VAIN_SHARE === 0) return true
    for (const { flight } of departing) flight.isUnsought = true
    return false
  }

  /** Must be called when a value of the policy was found in the shared tier, valid or not. */
  found(policy: CachePolicy): void {
    this.#vainLooks.delete(policy)
  }
}

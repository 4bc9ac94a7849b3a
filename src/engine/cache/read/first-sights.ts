import type { CachePolicy } from '../model/policy.ts'
import type { Departing } from './flight.ts'

/** Number of successive lookups of new values in the shared tier that found nothing. After them, only one in eight is made. */
const VAIN_LOOKUPS = 64
const LOOKUP_SHARE = 8

/**
 * Decides whether values that are new to this process are looked up in the shared tier. If the keys of a policy never repeat, no lookup finds
 * anything, and each costs a round trip, and each write as much. So after many lookups that found nothing, only a share of the policy's loads
 * looks up its new values, and writes them when it has loaded them. The other loads write when their values are read again. An entry that is found
 * ends this state.
 */
export class FirstSights {
  readonly #vainLookups = new WeakMap<CachePolicy, number>()
  /** Number of loads since the last one that looked up its values. */
  readonly #skipped = new WeakMap<CachePolicy, number>()

  /** Returns whether the values are looked up in the shared tier. If they are not, this is noted on their loads. */
  areLookedUp(departing: readonly Departing[], policy: CachePolicy): boolean {
    if (policy.l1Ms === 0 || !areNew(departing) || (this.#vainLookups.get(policy) ?? 0) < VAIN_LOOKUPS) return true
    const skipped = (this.#skipped.get(policy) ?? 0) + 1
    this.#skipped.set(policy, skipped % LOOKUP_SHARE)
    if (skipped === LOOKUP_SHARE) return true
    for (const { flight } of departing) flight.skipsSharedTier = true
    return false
  }

  /** Must be called after each lookup that the shared tier has answered. @param hasFound Whether it had an entry, valid or not. */
  lookedUp(departing: readonly Departing[], policy: CachePolicy, hasFound: boolean): void {
    if (hasFound) this.#vainLookups.delete(policy)
    else if (areNew(departing)) this.#vainLookups.set(policy, (this.#vainLookups.get(policy) ?? 0) + 1)
  }
}

function areNew(departing: readonly Departing[]): boolean {
  return departing.every(({ flight }) => flight.isNew)
}

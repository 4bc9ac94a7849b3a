import type { Entry } from './entry.ts'
import type { CachePolicy } from './policy.ts'

/** How long an entry may still be served as it is, by its age alone, ms. */
export function remainingMs(entry: Entry, policy: CachePolicy, isShared: boolean, now: number): number {
  const lifeMs = entry.ttlMs ?? (isShared && policy.l2Ms > 0 ? policy.l2Ms : policy.l1Ms)
  return Math.min(entry.loadedAt + lifeMs, entry.until) - now
}

/**
 * Whether a reader should have the value loaded anew although it lives on: drawn for each read, the likelier the nearer the end
 * is and the longer the load takes (XFetch; see `earlyRefresh`).
 * @param random Uniform in [0, 1).
 */
export function isDueEarly(entry: Entry, policy: CachePolicy, remaining: number, random: number): boolean {
  return -entry.costMs * (policy.earlyRefresh ?? 0) * Math.log(1 - random) >= remaining
}

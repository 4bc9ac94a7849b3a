import type { Entry } from './entry.ts'
import type { CachePolicy } from './policy.ts'

/**
 * Returns the TTL that replaces the TTL of the policy for one value, ms; undefined if the TTL of the policy applies. A TTL that the loader
 * set takes precedence. If the policy has `popularMs`, the TTL of the loader is limited to `popularMs` or `l2Ms`, whichever is greater. A
 * null value without a TTL of the loader gets the TTL `negativeMs`.
 */
export function ownLifeMs({ ttlMs, value }: Pick<Entry, 'ttlMs' | 'value'>, policy: CachePolicy): number | undefined {
  const { negativeMs, popularMs, l2Ms } = policy
  if (ttlMs !== undefined && popularMs !== undefined) return Math.min(ttlMs, Math.max(popularMs, l2Ms))
  return ttlMs ?? (value === null ? negativeMs : undefined)
}

/**
 * Returns the remaining TTL of an entry, ms; negative once the entry has expired. Invalidations are not considered.
 * @param isShared Whether the cache has a shared tier.
 */
export function remainingMs(entry: Entry, policy: CachePolicy, isShared: boolean, now: number): number {
  const isInBoth = isShared && policy.l2Ms > 0
  const ownMs = ownLifeMs(entry, policy) ?? (isInBoth ? policy.l2Ms : policy.l1Ms)
  // A popular value may live longer than `l1Ms` only if the shared tier stores the value.
  const lifeMs = policy.popularMs !== undefined && !isInBoth ? Math.min(ownMs, policy.l1Ms) : ownMs
  return Math.min(entry.loadedAt + lifeMs, entry.until) - now
}

/**
 * Length of the period before the expiry in which an entry counts as near its expiry. The length is this number, multiplied by
 * `earlyRefresh` and by the duration of the load. Before this period, a read triggers an early refresh with a probability below 1 %.
 */
const EARLY_LOADS = 5

/**
 * Whether an entry is so near its expiry that reads may refresh it early. A refresh of a composed value must not use such an entry as a
 * part, because the composed value would then expire together with that entry.
 */
export function isInEarlyTime(entry: Entry, policy: CachePolicy, remaining: number): boolean {
  return entry.costMs * (policy.earlyRefresh ?? 0) * EARLY_LOADS >= remaining
}

/**
 * Whether a read should reload the value in the background before the value expires. Decided at random for each read; the probability grows
 * as the expiry comes nearer, and with the duration of the load (XFetch; see `earlyRefresh`).
 * @param random A random number, uniform in [0, 1).
 */
export function isDueEarly(entry: Entry, policy: CachePolicy, remaining: number, random: number): boolean {
  return -entry.costMs * (policy.earlyRefresh ?? 0) * Math.log(1 - random) >= remaining
}

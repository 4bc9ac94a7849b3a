/** Caching policy of one kind of value: TTLs and timeouts. */
export interface CachePolicy {
  /** Name used in events, metrics and traces. */
  readonly name: string
  /**
   * TTL of a copy in the memory of this process (first tier), ms. When the copy has expired, the shared tier or the source is read again. 0
   * means that the value is not cached in the process.
   */
  readonly l1Ms: number
  /**
   * Total TTL of the value in both tiers, counted from its load, ms. 0 means that the value is not stored in the shared tier (second tier).
   */
  readonly l2Ms: number
  /**
   * Time after expiry during which a value is still served while it is reloaded in the background, ms. A value whose tags were invalidated
   * is not served, not even during this time.
   */
  readonly staleWhileRevalidateMs: number
  /**
   * Time after expiry during which the value is served, flagged as stale, while the source cannot be reached, ms. There is an exception: a
   * reader does not get such a value if its consistency token requires a position of the invalidation log that this instance has not
   * applied.
   */
  readonly staleIfErrorMs: number
  /** TTL of `null` (negative caching: the object is known to be absent), ms. Default: the same TTL as for other values. */
  readonly negativeMs?: number
  /**
   * Total TTL of a popular value, ms. A value is popular if its loader gave it a `ttlMs`. For popular values, `popularMs` replaces `l2Ms`.
   * If the shared tier does not store the value, the value lives no longer than `l1Ms`. A shorter `popularMs` applies immediately to values
   * that are already cached. Default: popular values are not distinguished from other values.
   */
  readonly popularMs?: number
  /**
   * Weight of the early refresh, which reloads a value in the background before the value expires. Its probability grows as the expiry
   * comes near. It is also higher for a value that takes longer to load. With early refresh, not all readers miss the value at the moment
   * of its expiry. 1 is the usual weight; 0 (default) turns the early refresh off. (XFetch: Vattani, Chierichetti, Lowenstein, Optimal
   * Probabilistic Cache Stampede Prevention, 2015.)
   */
  readonly earlyRefresh?: number
  /**
   * Whether the value is composed of other cached values. Shadow mode compares such a value only if the read says how to load it past the
   * cache. The shared tier gets a composed value only when it is read again, because another process can make it from the values that it consists of.
   */
  readonly composed?: boolean
  /**
   * Time that a reader waits for a load before the reader gets a copy that is flagged as stale, ms. Applies only if `staleIfErrorMs` allows
   * such a copy. The load continues.
   */
  readonly softTimeoutMs?: number
  /** Time after which a load is aborted and counts as failed, ms. */
  readonly hardTimeoutMs?: number
}

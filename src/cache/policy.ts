/** How long a kind of value is served, and how it is loaded. */
export interface CachePolicy {
  /** Of the kind: in events, metrics and traces. */
  readonly name: string
  /** How long this process serves its own copy before it asks the shared tier or the source again, ms. 0: never kept here. */
  readonly l1Ms: number
  /** How long the value lives in all, counted from its load, in the shared tier, ms. 0: never kept there. */
  readonly l2Ms: number
  /** How much longer it is served while it is loaded anew in the background, ms. Never after one of its tags was invalidated. */
  readonly staleWhileRevalidateMs: number
  /** How much longer it is served, flagged, while the source cannot be reached, ms. Never to a reader whose token is not met. */
  readonly staleIfErrorMs: number
  /** How long `null` (known to be absent) lives in all, ms. Default: like any other value. */
  readonly negativeMs?: number
  /**
   * Weight of the early refresh: a value that took long to load is loaded anew, in the background, with a probability that grows
   * as its end comes near, so that it does not end for all readers at once. 1 is the usual weight, 0 (the default) is off.
   * (XFetch: Vattani, Chierichetti, Lowenstein, Optimal Probabilistic Cache Stampede Prevention, 2015.)
   */
  readonly earlyRefresh?: number
  /** Whether the value is made of other values of the cache: the stale-read probe follows those. */
  readonly composed?: boolean
  /** After this a reader takes a flagged stale copy, where `staleIfErrorMs` allows one, and the load goes on, ms. */
  readonly softTimeoutMs?: number
  /** After this a load is aborted and counts as failed, ms. */
  readonly hardTimeoutMs?: number
}

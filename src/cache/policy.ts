/** How long a kind of value is served. */
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
}

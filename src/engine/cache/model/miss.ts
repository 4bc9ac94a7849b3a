/**
 * Causes of misses. Each read that is not served from a cached copy has exactly one:
 * - `cold`: this process never saw a copy of the key.
 * - `invalidated`: a copy existed, and the invalidation log voided it, or a full reset did.
 * - `expired`: a copy existed, and its lifetime ended.
 * - `evicted`: a copy existed, and a tier dropped it before its lifetime ended.
 * - `not cacheable`: the value has no cache policy, or must not be stored.
 * - `bypassed`: the reader or the state of the cache did not allow a cached copy.
 * - `shed`: the load was dropped before it began, because its readers had given up.
 */
export type MissCause = 'cold' | 'invalidated' | 'expired' | 'evicted' | 'not cacheable' | 'bypassed' | 'shed'

/** The invalidation that voided a copy. */
export interface Voiding {
  /** Tag of the copy that was invalidated; `*` if everything was invalidated. */
  readonly tag: string
  /** Position of the invalidation log at which the tag was invalidated last. */
  readonly seq: number
}

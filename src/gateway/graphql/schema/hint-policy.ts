/** Caches outside the gateway that may keep a copy of a response: any cache, or only the cache of the caller. */
export type HintScope = 'PUBLIC' | 'PRIVATE'

/**
 * Cache hint: how long caches outside the gateway may use a copy, and which of these caches may keep one. An absent `maxAge` or `scope`
 * leaves this decision to other hints or to the default.
 */
export interface CacheHint {
  /** Lifetime of a copy, seconds. */
  readonly maxAge?: number | undefined
  readonly scope?: HintScope | undefined
}

/** A cache hint that can be changed, with the same method names and rules as in Apollo Server. */
export class HintPolicy implements CacheHint {
  maxAge?: number
  scope?: HintScope

  /** Lowers `maxAge` to that of the given hint, but never raises it. The scope PRIVATE stays PRIVATE. */
  restrict({ maxAge, scope }: CacheHint): void {
    if (maxAge !== undefined && (this.maxAge === undefined || maxAge < this.maxAge)) this.maxAge = maxAge
    if (scope !== undefined && this.scope !== 'PRIVATE') this.scope = scope
  }

  /** Replaces the parts that the given hint contains, even if its `maxAge` is longer. */
  replace({ maxAge, scope }: CacheHint): void {
    if (maxAge !== undefined) this.maxAge = maxAge
    if (scope !== undefined) this.scope = scope
  }

  /** Returns the hint with its scope, PUBLIC by default; null if no cache may keep a copy. */
  policyIfCacheable(): { maxAge: number; scope: HintScope } | null {
    if (this.maxAge === undefined || this.maxAge === 0) return null
    return { maxAge: this.maxAge, scope: this.scope ?? 'PUBLIC' }
  }
}

/** Returns the hint of a response that is composed of parts with these hints: the shortest `maxAge`, and PRIVATE if any part is PRIVATE. */
export function restrictedBy(hints: Iterable<CacheHint>): CacheHint {
  const policy = new HintPolicy()
  for (const hint of hints) policy.restrict(hint)
  return policy
}

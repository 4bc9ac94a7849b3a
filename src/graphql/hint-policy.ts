/** Who may keep a copy outside the gateway: anybody, or the caller's own cache. */
export type HintScope = 'PUBLIC' | 'PRIVATE'

/** How long a copy may be used, and who may keep it. An absent part says nothing. */
export interface CacheHint {
  /** Seconds. */
  readonly maxAge?: number | undefined
  readonly scope?: HintScope | undefined
}

/** A hint that is put together step by step, by the names and rules of Apollo Server. */
export class HintPolicy implements CacheHint {
  maxAge?: number
  scope?: HintScope

  /** Lowers `maxAge` to that of the hint, and never raises it. PRIVATE stays PRIVATE. */
  restrict({ maxAge, scope }: CacheHint): void {
    if (maxAge !== undefined && (this.maxAge === undefined || maxAge < this.maxAge)) this.maxAge = maxAge
    if (scope !== undefined && this.scope !== 'PRIVATE') this.scope = scope
  }

  /** Takes over each part that the hint has, longer or shorter. */
  replace({ maxAge, scope }: CacheHint): void {
    if (maxAge !== undefined) this.maxAge = maxAge
    if (scope !== undefined) this.scope = scope
  }

  /** @returns null where nobody may keep a copy. */
  policyIfCacheable(): { maxAge: number; scope: HintScope } | null {
    if (this.maxAge === undefined || this.maxAge === 0) return null
    return { maxAge: this.maxAge, scope: this.scope ?? 'PUBLIC' }
  }
}

/** The hint of what is made of parts with these hints. */
export function restrictedBy(hints: Iterable<CacheHint>): CacheHint {
  const policy = new HintPolicy()
  for (const hint of hints) policy.restrict(hint)
  return policy
}

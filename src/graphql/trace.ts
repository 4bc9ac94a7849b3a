import type { Layer, Outcome } from '../cache/read.ts'
import type { CacheScope } from './cache-rules.ts'
import { longer, type Staleness, stalenessOf } from './staleness.ts'

/** Layers of the cache, and `uncached` for what has no policy. */
export type Source = Layer | 'uncached'

/** One value that an answer was made of. */
export interface TracedRead {
  readonly path: readonly (string | number)[]
  /** Coordinate of the policy, or of the field or type that has none. */
  readonly policy: string
  readonly scope: CacheScope
  readonly layer: Source
  readonly ageMs: number
  readonly ttlMs: number
  readonly tags: readonly string[]
  readonly reason?: string
}

const MOST_READS = 1000

/** Where the parts of one answer came from. Counters only, unless the request is debugged. */
export class Trace {
  readonly counts: Record<Source, number> = { l1: 0, l2: 0, coalesced: 0, stale: 0, origin: 0, uncached: 0 }
  /** Each value read, where the request is debugged; undefined otherwise. */
  readonly reads: TracedRead[] | undefined
  /** The least of all parts' remaining lives, ms; Infinity while nothing was read. */
  leastTtlMs = Number.POSITIVE_INFINITY
  /** Of a part that came without policy, or ends with this answer. */
  uncacheableReason: string | undefined
  /** The earliest moment at which a part changes by itself, Unix epoch ms. */
  until = Number.POSITIVE_INFINITY
  /** Of all parts. */
  readonly tags = new Set<string>()
  /** Of the part that has been out of date for longest, where one is. */
  stale: Staleness | undefined
  /** How much of who asks a resolver looked at by itself, beside what the keys of cached values hold. */
  looked: 'PUBLIC' | 'TENANT' | 'USER' = 'PUBLIC'

  constructor(options: { readonly debug: boolean }) {
    this.reads = options.debug ? [] : undefined
  }

  get hits(): number {
    return this.counts.l1 + this.counts.l2 + this.counts.stale
  }

  get misses(): number {
    return this.counts.origin + this.counts.coalesced + this.counts.uncached
  }

  /** @param paths Where the value goes in the answer; asked for only while debugging. */
  observe(policy: string, scope: CacheScope, outcome: Outcome, paths: () => readonly TracedRead['path'][]): void {
    this.counts[outcome.layer]++
    if (outcome.ttlMs < this.leastTtlMs) this.leastTtlMs = outcome.ttlMs
    if (outcome.until < this.until) this.until = outcome.until
    for (const tag of outcome.tags) this.tags.add(tag)
    if (outcome.layer === 'stale') this.stale = longer(this.stale, stalenessOf(outcome))
    if (this.reads) this.#record(paths(), { policy, scope, ...outcome })
  }

  /** A value that was loaded without asking the cache. */
  observeUncached(policy: string, scope: CacheScope, reason: string, paths: () => readonly TracedRead['path'][]): void {
    this.counts.uncached++
    this.uncacheableReason ??= `${policy}: ${reason}`
    if (this.reads) this.#record(paths(), { policy, scope, layer: 'uncached', ageMs: 0, ttlMs: 0, tags: [], reason })
  }

  #record(paths: readonly TracedRead['path'][], read: Omit<TracedRead, 'path'>): void {
    for (const path of paths) if (this.reads && this.reads.length < MOST_READS) this.reads.push({ path, ...read })
  }
}

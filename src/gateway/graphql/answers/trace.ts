import type { MissCause } from '../../../engine/cache/model/miss.ts'
import type { Layer, Outcome } from '../../../engine/cache/model/read.ts'
import type { CacheScope } from '../../policies/cache-rules.ts'
import { longer, type Staleness, stalenessOf } from './staleness.ts'

/** Layers of the cache that a value can come from, or `uncached` for a value that is not read through the cache. */
export type Source = Layer | 'uncached'

/** A value that was read for a response. */
export interface TracedRead {
  readonly path: readonly (string | number)[]
  /** Schema coordinate of the cache policy of the value. If the value has no policy, this is the schema coordinate of the field or type. */
  readonly policy: string
  readonly scope: CacheScope
  readonly layer: Source
  readonly ageMs: number
  readonly ttlMs: number
  readonly tags: readonly string[]
  /** Position of the invalidation log up to which the value is known to be valid; undefined for a value that was read past the cache. */
  readonly stamp?: number
  readonly reason?: string
  /** Duration of the load, ms; undefined, as all below, for a value that was read past the cache. */
  readonly costMs?: number
  readonly until?: number
  /** Cause of the miss; undefined if the value came from a cached copy. */
  readonly cause?: MissCause
  /** Time since which a stale value may be outdated, Unix epoch ms. */
  readonly staleSince?: number
}

const MAX_READS = 1000
const MAX_SUBJECTS = 8

/** Records where the values of one response came from. Only counters are kept, unless the client requests debugging. */
export class Trace {
  readonly counts: Record<Source, number> = { l1: 0, l2: 0, coalesced: 0, stale: 0, origin: 0, uncached: 0 }
  /** All values that were read, up to a limit, if the client requests debugging; else undefined. */
  readonly reads: TracedRead[] | undefined
  /** Shortest remaining TTL of the values that were read, ms; Infinity as long as none was read. */
  leastTtlMs = Number.POSITIVE_INFINITY
  /**
   * Reason why the response must not be cached: a value has no policy, or is valid for this response only. Undefined if it may be cached.
   */
  uncacheableReason: string | undefined
  /** The earliest time at which one of the values changes without a write, Unix epoch ms; Infinity if none does. */
  until = Number.POSITIVE_INFINITY
  /** Tags of all cached values in the response. */
  readonly tags = new Set<string>()
  /** Staleness of the value that has been stale for the longest time; undefined if no value is stale. */
  stale: Staleness | undefined
  /** Part of the caller's identity that resolvers read outside cached fields. */
  identityRead: 'PUBLIC' | 'TENANT' | 'USER' = 'PUBLIC'
  /** The first eight subjects of the request. A subject is a text whose popularity is counted, such as a search query of a tenant. */
  readonly subjects = new Set<string>()

  constructor(options: { readonly debug: boolean }) {
    this.reads = options.debug ? [] : undefined
  }

  get hits(): number {
    return this.counts.l1 + this.counts.l2 + this.counts.stale
  }

  get misses(): number {
    return this.counts.origin + this.counts.coalesced + this.counts.uncached
  }

  /**
   * Records a value that was read through the cache.
   * @param paths Returns the paths of the value in the response. Called only if the client requests debugging.
   */
  observe(policy: string, scope: CacheScope, outcome: Outcome, paths: () => readonly TracedRead['path'][]): void {
    this.counts[outcome.layer]++
    if (outcome.ttlMs < this.leastTtlMs) this.leastTtlMs = outcome.ttlMs
    if (outcome.until < this.until) this.until = outcome.until
    for (const tag of outcome.tags) this.tags.add(tag)
    if (outcome.layer === 'stale') this.stale = longer(this.stale, stalenessOf(outcome))
    if (this.reads) this.#record(paths(), { policy, scope, ...outcome })
  }

  /** Records a value that was read without the cache. */
  observeUncached(policy: string, scope: CacheScope, reason: string, paths: () => readonly TracedRead['path'][]): void {
    this.counts.uncached++
    this.uncacheableReason ??= `${policy}: ${reason}`
    if (this.reads) this.#record(paths(), { policy, scope, layer: 'uncached', ageMs: 0, ttlMs: 0, tags: [], reason })
  }

  /**
   * Records a subject of the request. Returns true if the subject may be counted: it was not recorded before, and fewer than eight subjects
   * were recorded.
   */
  isNewSubject(subject: string): boolean {
    if (this.subjects.has(subject) || this.subjects.size >= MAX_SUBJECTS) return false
    this.subjects.add(subject)
    return true
  }

  #record(paths: readonly TracedRead['path'][], read: Omit<TracedRead, 'path'>): void {
    for (const path of paths) if (this.reads && this.reads.length < MAX_READS) this.reads.push({ path, ...read })
  }
}

import type { CacheKey } from './key.ts'
import type { Session } from './session.ts'

export interface CacheRequest {
  readonly key: CacheKey
  /** Tags known before the load: what the key itself says it depends on. */
  readonly tags: readonly string[]
}

export interface Loaded<Value> {
  /** A JSON value; the cache freezes it deeply. */
  readonly value: Value
  /** Further tags, known only from the value. */
  readonly tags?: readonly string[]
  /** When the value changes by itself, Unix epoch ms. */
  readonly until?: number
}

/**
 * Loads the requests at these indexes, in their order, from the source of truth. An Error in a place fails that request alone,
 * a rejection all of them; neither is ever cached.
 */
export type LoadMany<Value> = (indexes: readonly number[]) => Promise<readonly (Loaded<Value> | Error)[]>

/** Who answered: this process's copy, the shared tier, a load that another reader had begun, a flagged stale copy, or the source. */
export type Layer = 'l1' | 'l2' | 'coalesced' | 'stale' | 'origin'

export interface Outcome {
  readonly layer: Layer
  /** Since the value was loaded, ms. */
  readonly ageMs: number
  /** How long the value may still be served, ms. 0 for what is not cached. */
  readonly ttlMs: number
  readonly tags: readonly string[]
  /** Why it was not cached, or is stale. */
  readonly reason?: string
}

export interface ReadOptions {
  readonly session: Session
  /** Called once for each request that was answered with a value. */
  readonly observe?: (index: number, outcome: Outcome) => void
}

import type { OpenStep } from './open-step.ts'
import type { Layer } from './read.ts'

/** Outcome of a read. */
export interface ReadFacts {
  /** Number of values by the layer that they came from. */
  readonly layers: ReadonlyMap<Layer, number>
  /** Number of requests that got an error in place of a value. */
  readonly failed: number
}

/**
 * Observes the steps of the cache that take time. Without an observer, nothing is recorded and nothing is paid. An observer gets names and
 * counts, but never a key or a value.
 */
export interface CacheObserver {
  /** Called when a read begins. @param policy Name of the policy. @param keys Number of requested values. */
  beginRead(policy: string, keys: number): OpenStep<ReadFacts>
  /** Called when a load from the source begins. Readers of other requests may wait for the same load. */
  beginLoad(policy: string, keys: number): OpenStep
  /** Called when a refresh in the background begins. The read that started the refresh does not wait for it. */
  beginRefresh(policy: string, keys: number): OpenStep
  /** Called when a request begins to wait for a sync of the invalidation log. */
  beginSync(): OpenStep
}

import type { CacheableOperation } from '../../responses/response-tier.ts'
import type { Operation } from '../document/prepared-operation.ts'
import type { KnownOperation } from './endpoint.ts'

/** Receives each query that was answered without errors. */
export interface OperationUsage {
  /** Called for each response from the memory of this process that was sent before anything was parsed. It must cost next to nothing. */
  hit(operation: KnownOperation): void
  /**
   * Called for each other response.
   * @param where Cache key and policy of the whole response; undefined if the response is not cached as a whole.
   */
  answered(operation: Operation, where: CacheableOperation | undefined, durationMs: number): void
}

import type { Viewer } from '../modules/module.ts'
import type { CacheableOperation } from '../responses/response-tier.ts'
import type { StoredResponse } from '../responses/stored-response.ts'
import type { Answered, Run, RunTerms } from './operation-runner.ts'
import type { Operation } from './prepared-operation.ts'

/** An answer that the response tier gave. */
export interface TierAnswer extends Answered {
  readonly answer: StoredResponse
  readonly where: CacheableOperation
}

/** The context of a request for Apollo Server, which copies it: hence the object within. */
export interface ApolloContext {
  readonly state: RequestState
}

/** What is known of a request on its way through Apollo Server. */
export interface RequestState {
  readonly viewer: Viewer | null
  readonly terms: RunTerms
  /** Monotonic clock, ms. */
  readonly startedAt: number
  /** Set once the document is parsed, validated and planned. */
  operation: Operation | undefined
  /** Set once it was executed, for Apollo Server to format what came of it. */
  run: Run | undefined
  /** Set where it could not be executed, with what was thrown. */
  failure: { readonly error: unknown } | undefined
  /** Set where the response tier answered, in which case nothing else is needed of Apollo Server. */
  answered: TierAnswer | undefined
}

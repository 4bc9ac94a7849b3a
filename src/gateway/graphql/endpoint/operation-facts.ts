import { print } from 'graphql'
import type { CacheVerdict } from '../answers/cache-status.ts'
import type { OperationFacts } from '../execution/operation-observer.ts'
import type { RequestState } from './request-state.ts'

/** Returns the facts that an observer gets when an operation is answered. */
export function operationFacts({ operation }: RequestState, cache: CacheVerdict, errorCodes: readonly string[]): OperationFacts {
  return {
    kind: operation?.plan.kind,
    name: operation?.operationName,
    documentHash: operation?.documentHash,
    document: operation && (() => print(operation.document)),
    cache,
    errorCodes,
  }
}

/** Runs `work` within the step of an operation, if there is one. @throws any error of `work`. */
export async function inOperation<Result>(state: RequestState, work: () => Promise<Result>): Promise<Result> {
  const { step } = state
  if (!step) return work()
  try {
    return await step.contain(work)
  } catch (error) {
    step.fail(error)
    throw error
  }
}

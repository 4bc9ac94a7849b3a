import { hitHeaders } from '../responses/stored-response.ts'
import { type CacheVerdict, cacheStatusHeaders, verdictOf } from './cache-status.ts'
import type { OperationRunner } from './operation-runner.ts'
import type { Operation } from './prepared-operation.ts'
import type { RequestState, TierAnswer } from './request-state.ts'

/**
 * Asks the response tier. False where Apollo Server has to go on: the operation is not kept as a whole, or what came of it must not
 * be stored, or it could not be executed, which it then finds in the state.
 */
export async function answerFromTier(state: RequestState, operation: Operation, runner: OperationRunner): Promise<boolean> {
  const where = runner.cacheable(operation)
  if (!where) return false
  try {
    const answered = await runner.answer(operation, where, state.terms)
    if ('isShareable' in answered.answer) {
      state.run = answered.answer.result
      return false
    }
    state.answered = { ...answered, answer: answered.answer, where }
    return true
  } catch (error) {
    state.failure = { error }
    return false
  }
}

/** What `X-Cache` says of an answer of the tier. */
export function tierVerdict({ layer, trace }: TierAnswer): CacheVerdict {
  if (layer === 'l1' || layer === 'l2') return 'HIT'
  if (layer === 'stale') return 'STALE'
  return trace ? verdictOf(trace, false) : 'MISS'
}

/** The headers of an answer of the tier, names and values in turn. */
export function tierHeaders({ answer, layer, trace }: TierAnswer, now: number): readonly string[] {
  if (layer === 'l1' || layer === 'l2') return hitHeaders(answer, now, layer === 'l1' ? 'L1' : 'L2')
  if (layer === 'stale') {
    const vary = answer.head.headers[answer.head.headers.indexOf('vary') + 1] ?? '*'
    return ['cache-control', 'no-store', 'vary', vary, 'cache-status', 'tidegate; hit; ttl=0; detail=stale', 'x-cache', 'STALE']
  }
  if (!trace) return [...answer.head.headers, 'cache-status', 'tidegate; fwd=miss; collapsed', 'x-cache', 'MISS']
  return [...answer.head.headers, ...[...cacheStatusHeaders(trace, false)].flat()]
}
